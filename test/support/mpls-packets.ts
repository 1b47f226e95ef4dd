/** Makes the packets of fixtures/probes/traceroute/mpls: ICMP errors with MPLS labels, as RFC 4884 and 4950 have them. */

/** An entry of a label stack. */
export interface Label {
	readonly label: number;
	readonly trafficClass: number;
	readonly isBottom: boolean;
	readonly ttl: number;
}

/** What stands behind the packet that an error quotes. `hasSum`: whether the router sums it up. */
export function mplsExtension(stack: readonly Label[], hasSum = true): Buffer {
	const object = Buffer.alloc(4 + stack.length * 4);
	object.writeUInt16BE(object.length, 0);
	object.writeUInt8(1, 2);
	object.writeUInt8(1, 3);
	for (const [i, { label, trafficClass, isBottom, ttl }] of stack.entries())
		object.writeUInt32BE((label * 4096 + trafficClass * 512 + (isBottom ? 256 : 0) + ttl) >>> 0, 4 + i * 4);
	const bytes = Buffer.concat([Buffer.from([0x20, 0, 0, 0]), object]);
	if (hasSum) bytes.writeUInt16BE(internetSum(bytes), 2);
	return bytes;
}

/** "Time exceeded" from a router, without its IP header: what it quotes is filled up to 128 bytes. */
export function timeExceeded(quoted: Buffer, extension: Buffer): Buffer {
	const original = Buffer.alloc(128);
	quoted.copy(original);
	// The length of what is quoted, in words of four bytes.
	const head = Buffer.from([11, 0, 0, 0, 0, 32, 0, 0]);
	const packet = Buffer.concat([head, original, extension]);
	packet.writeUInt16BE(internetSum(packet), 2);
	return packet;
}

function internetSum(bytes: Buffer): number {
	let sum = 0;
	for (let i = 0; i < bytes.length; i += 2)
		sum += i + 1 < bytes.length ? bytes.readUInt16BE(i) : bytes.readUInt8(i) << 8;
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}
