import { createHash, randomFillSync } from 'node:crypto';
import type { Memory } from './libc.ts';
import type { TraceProtocol } from './trace-messages.ts';

/** What all packets to a target have in common, so that load balancers send them one way, and what tells them apart. */
export interface TraceFlow {
	readonly tokenLow: number;
	readonly tokenHigh: number;
	/** Added to the number of a packet for its identifying field. */
	readonly base: number;
	/** Of ICMP: the checksum of every packet. */
	readonly checksum: number;
	/** Sum of the addresses, for checksums of udp and tcp. */
	readonly addressSum: number;
}

/** What a socket writes into all packets. */
export interface TraceEnds {
	readonly family: 4 | 6;
	readonly protocol: TraceProtocol;
	/** The identifier of ICMP, or the port to send from. */
	readonly own: number;
	/** The port to send to. */
	readonly port: number;
}

const headerBytes = { icmp: 8, udp: 8, tcp: 20 } as const;
/** Token, number, what makes up for the rest, and nothing. */
const payloadBytes = 16;
export const protocolNumber = { 4: { icmp: 1, udp: 17, tcp: 6 }, 6: { icmp: 58, udp: 17, tcp: 6 } } as const;
/** UDP numbers packets by their checksum, which is never 0 or all ones. */
const udpIds = 0xfffe;

/**
 * @param ends the addresses of both ends, in network order
 * @param name the same flow goes the same way from one slot to the next, and after a restart
 */
export function newFlow(ends: Uint8Array, name: string): TraceFlow {
	const random = randomFillSync(new Uint32Array(3));
	const [low = 0, high = 0, base = 0] = random;
	return {
		...{ tokenLow: low, tokenHigh: high, base },
		checksum: 1 + (hashOf(name) % 0xfffd),
		addressSum: sumOf(ends, 0, ends.length),
	};
}

/** 32 bits that are always the same for a text. */
export function hashOf(text: string): number {
	return createHash('sha256').update(text).digest().readUInt32BE();
}

/** Bytes of the smallest packet, without the IP header. */
export function leastBytes(protocol: TraceProtocol): number {
	return headerBytes[protocol] + (protocol === 'tcp' ? 0 : payloadBytes);
}

/** Writes packet `number` of a flow, so many bytes without the IP header. */
export function writePacket(
	{ u8, view }: Memory,
	at: number,
	ends: TraceEnds,
	flow: TraceFlow,
	number: number,
	bytes: number,
): void {
	u8.fill(0, at, at + bytes);
	const { protocol, family } = ends;
	const { base, addressSum } = flow;
	if (protocol === 'tcp') {
		view.setUint16(at, ends.own);
		view.setUint16(at + 2, ends.port);
		view.setUint32(at + 4, (base + number) >>> 0);
		view.setUint16(at + 12, 0x5002);
		view.setUint16(at + 14, 0xfaf0);
		view.setUint16(at + 16, inverse(sumOf(u8, at, bytes) + addressSum + 6 + bytes));
		return;
	}
	const payload = at + 8;
	view.setUint32(payload, flow.tokenLow);
	view.setUint32(payload + 4, flow.tokenHigh);
	view.setUint32(payload + 8, number);
	if (protocol === 'icmp') {
		u8[at] = family === 4 ? 8 : 128;
		view.setUint16(at + 4, ends.own);
		view.setUint16(at + 6, (base + number) & 0xffff);
		balance(view, payload, inverse(flow.checksum), sumOf(u8, at, bytes));
		view.setUint16(at + 2, flow.checksum);
		return;
	}
	view.setUint16(at, ends.own);
	view.setUint16(at + 2, ends.port);
	view.setUint16(at + 4, bytes);
	const id = udpId(flow, number);
	balance(view, payload, inverse(id), sumOf(u8, at, bytes) + addressSum + 17 + bytes);
	view.setUint16(at + 6, id);
}

/** Makes the sum of a packet what it should be, by a field that nothing else is read from. */
function balance(view: DataView, payload: number, wanted: number, sum: number): void {
	view.setUint16(payload + 12, folded(wanted + inverse(sum)));
}

function udpId({ base }: TraceFlow, number: number): number {
	return 1 + ((base + number) % udpIds);
}

/** Whether what begins here, `length` bytes of it, is a packet that was sent from these ends. */
export function isFromHere({ u8, view }: Memory, at: number, length: number, ends: TraceEnds): boolean {
	if (length < 8) return false;
	if (ends.protocol === 'icmp')
		return u8[at] === (ends.family === 4 ? 8 : 128) && view.getUint16(at + 4) === ends.own;
	return view.getUint16(at) === ends.own && view.getUint16(at + 2) === ends.port;
}

/** The number of the packet of this flow that begins here; -1 when it is of another one. At least 8 bytes are there. */
export function numberIn(
	{ view }: Memory,
	at: number,
	length: number,
	{ protocol }: TraceEnds,
	flow: TraceFlow,
): number {
	if (protocol === 'tcp') return (view.getUint32(at + 4) - flow.base) >>> 0;
	if (length >= 8 + 12) {
		return numberInPayload(view, at + 8, flow);
	}
	if (protocol === 'icmp') return (view.getUint16(at + 6) - flow.base) & 0xffff;
	return (view.getUint16(at + 6) - 1 - (flow.base % udpIds) + udpIds) % udpIds;
}

/** The same, of a payload that begins here. */
export function numberInPayload(view: DataView, at: number, flow: TraceFlow): number {
	const isOurs = view.getUint32(at) === flow.tokenLow && view.getUint32(at + 4) === flow.tokenHigh;
	return isOurs ? view.getUint32(at + 8) : -1;
}

/** The sum of the 16-bit words, odd bytes at the end included. */
function sumOf(bytes: Uint8Array, at: number, length: number): number {
	let sum = 0;
	const end = at + length;
	for (let i = at; i + 1 < end; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
	if (length % 2 === 1) sum += (bytes[end - 1] as number) << 8;
	return sum;
}

function folded(sum: number): number {
	let rest = sum;
	while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
	return rest;
}

function inverse(sum: number): number {
	return ~folded(sum) & 0xffff;
}
