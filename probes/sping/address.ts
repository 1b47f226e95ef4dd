import { isIP, isIPv6, SocketAddress } from 'node:net';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';

const parts = /^(\d{1,5})-([^,]+),(.+)$/;
const isdMax = 65_535;
/** An AS number as BGP has it. */
const bgpAs = /^\d{1,10}$/;
const bgpAsMax = 2 ** 32 - 1;
/** An AS number of SCION's own: 48 bits. */
const scionAs = /^[\da-f]{1,4}:[\da-f]{1,4}:[\da-f]{1,4}$/i;
const example = 'Write ISD-AS,address, such as 1-ff00:0:110,10.0.0.1';

/** A SCION address in its shortest form, without brackets; null when the text is none. */
export function readScionAddress(text: string): string | null {
	const [, isd = '', as = '', bracketed = ''] = parts.exec(text) ?? [];
	const host = /^\[(.*)\]$/.exec(bracketed)?.[1] ?? bracketed;
	if (isd === '' || Number(isd) > isdMax || isIP(host) === 0 || host.includes('%')) return null;
	const isAs = bgpAs.test(as) ? Number(as) <= bgpAsMax : scionAs.test(as);
	if (!isAs) return null;
	const address = isIPv6(host) ? new SocketAddress({ address: host, family: 'ipv6' }).address : host;
	return `${Number(isd)}-${shortAs(as)},${address}`;
}

function shortAs(as: string): string {
	if (bgpAs.test(as)) return String(Number(as));
	return as
		.split(':')
		.map((group) => Number.parseInt(group, 16).toString(16))
		.join(':');
}

/** `host`: a SCION address in one form, so that orders for the same host share its pings. */
export const scionHostOption = z.string().transform((text, context) => {
	const address = readScionAddress(text.trim());
	if (address !== null) return address;
	const message = `is not a SCION address: ${inWords(text)}. ${example}`;
	context.addIssue({ code: 'custom', message });
	return z.NEVER;
});
