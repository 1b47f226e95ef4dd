import { createReadStream } from 'node:fs';
import { isIPv6 } from 'node:net';
import { addressBytes, packAddress } from './ip-address.ts';

/** Larger tables, those of routers with all the routes there are, are not read. */
const tableMaxBytes = 4_000_000;

/** A route of the kernel's main table: to where, and through which interface. */
interface Route {
	readonly network: Uint8Array;
	readonly bits: number;
	readonly device: string;
}

/** The interface that packets to an address leave by, as the main routing table has it; null when that is not known. */
export async function outInterface(address: string): Promise<string | null> {
	const [bare = '', zone] = address.split('%');
	if (zone !== undefined) return zone;
	const isSix = isIPv6(bare);
	const bytes = new Uint8Array(addressBytes);
	packAddress(bare, bytes, 0);
	const path = isSix ? '/proc/self/net/ipv6_route' : '/proc/self/net/route';
	const text = await readTable(path);
	let best: Route | null = null;
	for (const line of text.split('\n')) {
		const route = isSix ? routeOfIPv6(line) : routeOfIPv4(line);
		if (route === null || !isWithin(bytes, route)) continue;
		if (best === null || route.bits > best.bits) best = route;
	}
	return best?.device ?? null;
}

async function readTable(path: string): Promise<string> {
	const chunks: Buffer[] = [];
	try {
		// Such files do not tell how large they are.
		for await (const chunk of createReadStream(path, { end: tableMaxBytes })) chunks.push(chunk as Buffer);
	} catch {
		return '';
	}
	const all = Buffer.concat(chunks);
	return all.length > tableMaxBytes ? '' : all.toString('latin1');
}

/** `eth0 000200C0 010000C0 0003 0 0 100 00FFFFFF 0 0 0`: addresses are numbers, their first byte the lowest. */
function routeOfIPv4(line: string): Route | null {
	const [device = '', destination = '', , flags = '', , , , mask = ''] = line.split('\t');
	if (!/^[\dA-F]{8}$/.test(destination) || !/^[\dA-F]{8}$/.test(mask)) return null;
	if ((Number.parseInt(flags, 16) & rejects) !== 0) return null;
	const network = new Uint8Array(Buffer.from(destination, 'hex').reverse());
	const bits = [...Buffer.from(mask, 'hex')].reduce(
		(sum, byte) => sum + byte.toString(2).split('1').length - 1,
		0,
	);
	return { network, bits, device };
}

/** Destination, length of its prefix, source, the same, gateway, metric, references, uses, flags, interface. */
function routeOfIPv6(line: string): Route | null {
	const [destination = '', bits = '', , , , , , , flags = '', device = ''] = line.trim().split(/\s+/);
	if (!/^[\da-f]{32}$/.test(destination) || (Number.parseInt(flags, 16) & rejects) !== 0) return null;
	return {
		network: new Uint8Array(Buffer.from(destination, 'hex')),
		bits: Number.parseInt(bits, 16),
		device,
	};
}

/** RTF_REJECT: such a route leads nowhere. */
const rejects = 0x0200;

function isWithin(address: Uint8Array, { network, bits }: Route): boolean {
	for (let bit = 0; bit < bits; bit += 8) {
		const mask = bits - bit >= 8 ? 0xff : (0xff00 >> (bits - bit)) & 0xff;
		if ((((address[bit >> 3] ?? 0) ^ (network[bit >> 3] ?? 0)) & mask) !== 0) return false;
	}
	return true;
}
