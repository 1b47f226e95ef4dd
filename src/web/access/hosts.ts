import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Whether a request was meant for us by its `Host`. A page of another site can have its own name lead to our address
 * (DNS rebinding) and would read what needs no token; it cannot choose the name in `Host`. So an address, localhost and
 * this machine's own name are ours, and the names that the config gives.
 *
 * @param own further names, in small letters
 */
export function isOurHost(header: string | undefined, own: ReadonlySet<string>): boolean {
	// HTTP/1.0 has none, and no browser speaks that.
	if (header === undefined) return true;
	if (header.length > 300) return false;
	const name = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header);
	const host = (name?.[1] ?? name?.[2] ?? '').toLowerCase().replace(/\.$/, '');
	if (host === '') return false;
	if (isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost')) return true;
	const machine = hostname().toLowerCase();
	return host === machine || host === machine.split('.')[0] || own.has(host);
}
