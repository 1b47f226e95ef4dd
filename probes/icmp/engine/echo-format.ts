import type { Memory } from './libc.ts';

/** ICMP header: type, code, checksum, identifier, sequence. */
const headerBytes = 8;
/** At the start of the payload: the job's token, the number of the ping, and the same with all bits turned. */
const tokenAt = headerBytes;
const numberAt = headerBytes + 8;
const checkAt = headerBytes + 12;
export const leastSize = 16;

/** What a packet says of the ping it belongs to. */
export interface EchoKey {
	readonly tokenLow: number;
	readonly tokenHigh: number;
	/** Sum of the halves of the token, for the checksum. */
	readonly tokenSum: number;
}

/** The echo requests of one socket, and the replies to them: they differ in token, number and sequence only. */
export class EchoFormat {
	/** Of the whole ICMP packet. */
	readonly bytes: number;
	readonly replyType: number;
	readonly #template: Uint8Array;
	readonly #words: Uint32Array;
	/** Checksums of IPv6, and of ping sockets, are the kernel's. */
	readonly #sumsUp: boolean;
	readonly #requestSum: number;
	readonly #replySum: number;

	constructor(options: { family: 4 | 6; size: number; ident: number; sumsUp: boolean }) {
		const { family, size, ident, sumsUp } = options;
		const requestType = family === 4 ? 8 : 128;
		this.bytes = headerBytes + size;
		this.replyType = family === 4 ? 0 : 129;
		this.#sumsUp = sumsUp;
		const words = new Uint32Array(Math.ceil(this.bytes / 4));
		const template = new Uint8Array(words.buffer);
		template[0] = requestType;
		template[4] = ident >> 8;
		template[5] = ident & 255;
		for (let i = headerBytes + leastSize; i < this.bytes; i++) template[i] = (0x20 + i) & 255;
		this.#words = words;
		this.#template = template.subarray(0, this.bytes);
		const rest = new Uint16Array(words.buffer).reduce((sum, word) => sum + word, 0) - requestType;
		// The number and its reverse add up to all ones, twice.
		this.#requestSum = rest + requestType + 2 * 0xffff;
		this.#replySum = rest + this.replyType + 2 * 0xffff;
	}

	/** Writes what all requests have in common. */
	prepare({ u8 }: Memory, at: number): void {
		u8.set(this.#template, at);
	}

	/** Makes a prepared packet the request with this number. `sequence` has 16 bits. */
	seal({ u16, u32 }: Memory, at: number, key: EchoKey, number: number, sequence: number): void {
		const swapped = swap(sequence);
		u16[(at + 6) >> 1] = swapped;
		u32[(at + tokenAt) >> 2] = key.tokenLow;
		u32[(at + tokenAt + 4) >> 2] = key.tokenHigh;
		u32[(at + numberAt) >> 2] = number;
		u32[(at + checkAt) >> 2] = ~number;
		if (this.#sumsUp) u16[(at + 2) >> 1] = checksum(this.#requestSum + key.tokenSum + swapped);
	}

	/** Whether a reply is, bit by bit, the answer to the request with that number and sequence. */
	isIntact({ u8, u16, u32 }: Memory, at: number, length: number, key: EchoKey, sequence: number): boolean {
		if (length !== this.bytes || u8[at + 1] !== 0 || u16[(at + 6) >> 1] !== swap(sequence)) return false;
		if (u32[(at + checkAt) >> 2] !== ~(u32[(at + numberAt) >> 2] as number) >>> 0) return false;
		if (this.#sumsUp && u16[(at + 2) >> 1] !== checksum(this.#replySum + key.tokenSum + swap(sequence))) {
			return false;
		}
		return this.#hasPattern(u8, u32, at, length);
	}

	#hasPattern(u8: Uint8Array, u32: Uint32Array, at: number, length: number): boolean {
		const words = this.#words;
		const base = at >> 2;
		const whole = length >> 2;
		for (let i = (headerBytes + leastSize) >> 2; i < whole; i++) if (u32[base + i] !== words[i]) return false;
		for (let i = whole << 2; i < length; i++) if (u8[at + i] !== this.#template[i]) return false;
		return true;
	}
}

/** What an echo packet that begins at this byte says, sound or not. */
export const echo = {
	tokenLow: ({ view }: Memory, at: number) => view.getUint32(at + tokenAt, true),
	tokenHigh: ({ view }: Memory, at: number) => view.getUint32(at + tokenAt + 4, true),
	number: ({ view }: Memory, at: number) => view.getUint32(at + numberAt, true),
	sequence: ({ view }: Memory, at: number) => view.getUint16(at + 6),
	/** So many bytes must be there for it to say the token, and the number too. */
	bytesWithToken: tokenAt + 8,
	bytesWithNumber: numberAt + 4,
};

function swap(word: number): number {
	return ((word & 255) << 8) | (word >> 8);
}

/** The one's complement of the one's complement sum. */
function checksum(sum: number): number {
	let folded = (sum & 0xffff) + Math.floor(sum / 0x10000);
	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return ~folded & 0xffff;
}
