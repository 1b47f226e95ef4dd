import { type Dir, opendirSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';
import { isIgnored, meansNothingThere } from './entry.ts';

export interface Listing {
	/** First those that are no links, then the links by name. */
	readonly names: readonly string[];
	/** The error code of what went wrong: there may be more names. */
	readonly trouble: string | null;
}

/** Names between two steps: reading them takes about 0.1 ms. */
const namesPerStep = 100;

/** Lists what could be orders, or folders of orders. Not readdir: that blocks for 70 ms on 100,000 names. */
export function* listFolder(
	path: string,
	isKnown: (name: string) => boolean,
): Generator<'hold', Listing, undefined> {
	const names: string[] = [];
	const links: string[] = [];
	let trouble: string | null = null;
	let listing: Dir | null = null;
	try {
		listing = opendirSync(path, { bufferSize: 256 });
		let read = 0;
		for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
			const { name } = entry;
			if (!isIgnored(name) && !isKnown(name)) (entry.isSymbolicLink() ? links : names).push(name);
			read++;
			if (read % namesPerStep === 0) yield 'hold';
		}
	} catch (error) {
		// Should it have vanished, then whoever looks at its name next will notice.
		if (!meansNothingThere(errorCode(error))) trouble = errorCode(error);
	} finally {
		listing?.closeSync();
	}
	return { names: [...names, ...links.sort()], trouble };
}
