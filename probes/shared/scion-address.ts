import { isIP, isIPv6, SocketAddress } from 'node:net';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import { sourceIpOption } from './addressing.ts';

const parts = /^(\d{1,5})-([^,]+),(.+)$/;
const isdMax = 65_535;
/** An AS number as BGP has it. */
const bgpAs = /^\d{1,10}$/;
const bgpAsMax = 2 ** 32 - 1;
/** An AS number of SCION's own: 48 bits. */
const scionAs = /^[\da-f]{1,4}:[\da-f]{1,4}:[\da-f]{1,4}$/i;
const example = 'Write ISD-AS,address, such as 1-ff00:0:110,10.0.0.1';

/** A SCION address in its shortest form, without brackets; null when the text is none. `0` in it stands for any. */
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
export const scionHostOption = once(() =>
	z.string().transform((text, context) => {
		const address = readScionAddress(text.trim());
		if (address !== null && !isWildcard(address)) return address;
		const fault =
			address === null ? 'is not a SCION address' : 'stands for any ISD or AS, which nobody can ping';
		const message = `${fault}: ${inWords(text)}. ${example}`;
		context.addIssue({ code: 'custom', message });
		return z.NEVER;
	}),
);

/** `scion ping` tries for ever to find a path to one. */
function isWildcard(address: string): boolean {
	return /^(?:0-|\d+-(?:0|0:0:0),)/.test(address);
}

/** `source_ip`: an address, or a SCION address, of which the part behind the comma counts. */
export const scionSourceOption = once(() =>
	z.preprocess((value) => {
		const address = typeof value === 'string' ? readScionAddress(value.trim()) : null;
		return address === null ? value : address.slice(address.indexOf(',') + 1);
	}, sourceIpOption()),
);

const endpointExample = 'Write ISD-AS,[address]:port, such as 1-ff00:0:110,[10.0.0.1]:40002';

/** A SCION address with a port, as the pingpong application writes it; null when the text is none. */
export function readScionEndpoint(text: string): string | null {
	const [, address = '', port = ''] = /^(.{1,100}):(\d{1,5})$/.exec(text) ?? [];
	const read = /\]$|^[^:]+(?::[^:,]+){0,2},[\d.]+$/.test(address) ? readScionAddress(address) : null;
	if (read === null || Number(port) > 65_535) return null;
	const comma = read.indexOf(',');
	return `${read.slice(0, comma)},[${read.slice(comma + 1)}]:${Number(port)}`;
}

/** A SCION address with a port, in one form, so that orders for the same host share its pings. */
export const scionEndpointOption = (leastPort: 0 | 1) =>
	z.string().transform((text, context) => {
		const endpoint = readScionEndpoint(text.trim());
		const isOne = endpoint !== null && Number(endpoint.slice(endpoint.lastIndexOf(':') + 1)) >= leastPort;
		if (isOne && !isWildcard(endpoint)) return endpoint;
		const fault = isOne
			? 'stands for any ISD or AS, which nobody can ping'
			: 'is not a SCION address with a port';
		context.addIssue({ code: 'custom', message: `${fault}: ${inWords(text)}. ${endpointExample}` });
		return z.NEVER;
	});
