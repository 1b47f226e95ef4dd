import { isIPv4 } from 'node:net';
import { addressBytes, packAddress } from '../shared/ip-address.ts';

/** The name below which an address is asked for, the last part first: `1.2.0.192` or the nibbles of IPv6. */
export function reversed(address: string): string {
	if (isIPv4(address)) return address.split('.').reverse().join('.');
	const bytes = new Uint8Array(addressBytes);
	packAddress(address, bytes, 0);
	const nibbles: string[] = [];
	for (const byte of bytes) nibbles.push((byte >> 4).toString(16), (byte & 15).toString(16));
	return nibbles.reverse().join('.');
}

const privateV4 = [
	[0x0a000000, 8],
	[0x64400000, 10],
	[0x7f000000, 8],
	[0xa9fe0000, 16],
	[0xac100000, 12],
	[0xc0a80000, 16],
] as const;

/** Whether the world may know an address. Of others nobody is asked. */
export function isPublic(address: string): boolean {
	const bytes = new Uint8Array(addressBytes);
	packAddress(address, bytes, 0);
	const word = new DataView(bytes.buffer).getUint32(0);
	if (!isIPv4(address)) return word >>> 29 === 1;
	if (word >>> 28 >= 14 || word >>> 24 === 0) return false;
	return !privateV4.some(([net, bits]) => word >>> (32 - bits) === net >>> (32 - bits));
}
