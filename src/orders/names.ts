import { wrongWithNewOrderId } from '../model/order-id.ts';
import { firstUnprintable } from '../model/printable.ts';
import { isIgnored } from './entry.ts';

/** File systems take no longer names. Bytes. */
const nameMaxBytes = 255;

/** What is wrong with an order id, and what to write instead. Null when nothing is. */
export function wrongWithId(id: string): string | null {
	const wrong = wrongWithPath(id);
	if (wrong !== null) return wrong;
	const bad = firstUnprintable(id);
	if (bad !== null) return `holds the unprintable character ${bad}. Remove it`;
	for (const name of id.split('/')) {
		if (isIgnored(name)) {
			return `would be ignored: names that begin with . or end with ~, .swp or .tmp, or stand between #, are no orders. Choose another name than ${name}`;
		}
		if (Buffer.byteLength(name) > nameMaxBytes) {
			return `has a name that is longer than ${nameMaxBytes} bytes. Choose a shorter one`;
		}
	}
	return wrongWithNewOrderId(id);
}

/** Only what could lead elsewhere than below orders/: of a file that is there already the name may be anything. */
export function wrongWithPath(id: string): string | null {
	if (id.startsWith('/')) return 'is an absolute path. Write the path below orders/, such as me/router';
	for (const name of id.split('/')) {
		if (name === '') return 'has an empty name in it. Write names with one / in between, such as me/router';
		if (name === '.' || name === '..') return `must not have ${name} in it. Write the path below orders/`;
	}
	return null;
}
