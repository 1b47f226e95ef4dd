/** Echo requests as they are read, and what may be answered to them. */

export const router = { 4: '10.77.255.1', 6: 'fd77::ffff:1' } as const;
export const otherAddress = { 4: '10.77.255.2', 6: 'fd77::ffff:2' } as const;

/** An echo request. */
export interface Request {
	readonly family: 4 | 6;
	readonly packet: Buffer;
	/** Where the ICMP header begins. */
	readonly at: number;
	readonly source: Buffer;
	readonly target: Buffer;
	readonly rule: number;
}

export function requestIn(packet: Buffer): Request | null {
	if ((packet[0] ?? 0) >> 4 === 4) {
		const at = ((packet[0] ?? 0) & 15) * 4;
		if (packet[9] !== 1 || packet[at] !== 8) return null;
		const target = packet.subarray(16, 20);
		return { family: 4, packet, at, source: packet.subarray(12, 16), target, rule: target[2] ?? 0 };
	}
	if (packet[6] !== 58 || packet[40] !== 128) return null;
	const target = packet.subarray(24, 40);
	return { family: 6, packet, at: 40, source: packet.subarray(8, 24), target, rule: target.readUInt16BE(12) };
}

export function flip(packet: Buffer, at: number): Buffer {
	packet[at] = (packet[at] ?? 0) ^ 0x55;
	return packet;
}

export function shorten(packet: Buffer, { family }: Request): Buffer {
	const short = packet.subarray(0, packet.length - 20);
	if (family === 4) short.writeUInt16BE(short.length, 2);
	else short.writeUInt16BE(short.length - 40, 4);
	return short;
}

/** The echo reply, after `change` if there is one, with checksums that are right. */
export function reply(
	{ family, packet, at, source, target }: Request,
	change?: (packet: Buffer) => Buffer,
	from = target,
): Buffer {
	const made = Buffer.from(packet);
	made[at] = family === 4 ? 0 : 129;
	const changed = change?.(made) ?? made;
	return seal(changed, family, at, Buffer.from(from), Buffer.from(source));
}

/** An ICMP error from the router, with as much of the request as `quoted` bytes after its IP header. */
export function error(
	request: Request,
	types: Record<4 | 6, [number, number]>,
	quoted = Number.POSITIVE_INFINITY,
): Buffer {
	const { family, packet, at, source } = request;
	const quote = packet.subarray(0, Math.min(packet.length, at + quoted));
	const head = family === 4 ? 20 : 40;
	const made = Buffer.alloc(head + 8 + quote.length);
	packet.copy(made, 0, 0, head);
	if (family === 4) {
		made[0] = 0x45;
		made.writeUInt16BE(made.length, 2);
	} else made.writeUInt16BE(made.length - 40, 4);
	[made[head], made[head + 1]] = types[family];
	quote.copy(made, head + 8);
	return seal(made, family, head, addressBytes(router[family]), Buffer.from(source));
}

/** Writes addresses and checksums, and a time to live of 57. */
function seal(packet: Buffer, family: 4 | 6, at: number, from: Buffer, to: Buffer): Buffer {
	from.copy(packet, family === 4 ? 12 : 8);
	to.copy(packet, family === 4 ? 16 : 24);
	packet[family === 4 ? 8 : 7] = 57;
	packet.writeUInt16BE(0, at + 2);
	let pseudo = 0;
	if (family === 4) {
		packet.writeUInt16BE(0, 10);
		packet.writeUInt16BE(checksum(packet.subarray(0, at), 0), 10);
	} else {
		pseudo = sumOf(packet.subarray(8, 40)) + (packet.length - at) + 58;
	}
	packet.writeUInt16BE(checksum(packet.subarray(at), pseudo), at + 2);
	return packet;
}

function sumOf(bytes: Buffer): number {
	let sum = 0;
	for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
	return sum;
}

function checksum(bytes: Buffer, start: number): number {
	let sum = start + sumOf(bytes);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

export function addressBytes(text: string): Buffer {
	if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
	const [head = '', tail = ''] = text.split('::');
	const bytes = Buffer.alloc(16);
	head.split(':').forEach((group, i) => {
		bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
	});
	const back = tail.split(':');
	back.forEach((group, i) => {
		bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - 2 * (back.length - i));
	});
	return bytes;
}
