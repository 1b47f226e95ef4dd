/**
 * Numbers and texts as bytes, where they are packed and unpacked. Shared by all: nothing outlives its turn.
 *
 * Whole numbers have seven bits a byte, the lowest first; signed ones have the sign in the lowest bit.
 */
let bytes = Buffer.alloc(8192);
let at = 0;
let end = 0;

/** Below this, a whole number and what is added to it when it is packed fit into a double. */
const wholeMax = 2 ** 50;

export function beginPacking(): void {
	at = 0;
}

/** What has been packed since, one byte a character. */
export function packedText(): string {
	return bytes.toString('latin1', 0, at);
}

export function beginUnpacking(packed: string): void {
	if (packed.length > bytes.length) bytes = Buffer.alloc(2 * packed.length);
	end = bytes.write(packed, 0, 'latin1');
	at = 0;
}

/** Whether all that was packed has been taken. */
export function isUnpacked(): boolean {
	return at === end;
}

/** Makes room for so many bytes. */
export function reserve(count: number): void {
	if (at + count <= bytes.length) return;
	const larger = Buffer.alloc(2 * (at + count));
	bytes.copy(larger, 0, 0, at);
	bytes = larger;
}

/** Most that a whole number takes. */
export const wholeBytes = 8;

/** A whole number from 0 to 2 ** 52. */
export function putWhole(value: number): void {
	let rest = value;
	for (; rest >= 0x80000000; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
	let small = rest | 0;
	for (; small >= 0x80; small >>= 7) bytes[at++] = (small & 0x7f) | 0x80;
	bytes[at++] = small;
}

export function takeWhole(): number {
	let byte = takeByte();
	if (byte < 0x80) return byte;
	let value = byte & 0x7f;
	for (let weight = 0x80; ; weight *= 0x80) {
		byte = takeByte();
		value += (byte & 0x7f) * weight;
		if (byte < 0x80) return value;
	}
}

function takeByte(): number {
	if (at >= end) throw new Error('what was packed is cut short');
	return bytes[at++] as number;
}

export function putSigned(value: number): void {
	putWhole(value < 0 ? -2 * value - 1 : 2 * value);
}

export function takeSigned(): number {
	const code = takeWhole();
	return code % 2 === 1 ? -(code + 1) / 2 : code / 2;
}

export function isSmallWhole(value: number): boolean {
	return Number.isInteger(value) && Math.abs(value) < wholeMax && !Object.is(value, -0);
}

/** One number as its bytes, quicker than by the functions of Buffer. All processors that we run on begin with the lowest. */
const oneDouble = new Float64Array(1);
const itsBytes = new Uint8Array(oneDouble.buffer);

export function putDouble(value: number): void {
	oneDouble[0] = value;
	for (let index = 0; index < 8; index++) bytes[at++] = itsBytes[index] as number;
}

export function takeDouble(): number {
	if (at + 8 > end) throw new Error('what was packed is cut short');
	for (let index = 0; index < 8; index++) itsBytes[index] = bytes[at++] as number;
	return oneDouble[0] as number;
}

/** The nanoseconds that a time is the nearest double to, or null. Most times are measured or printed so. */
export function nanosOf(seconds: number): number | null {
	const nanos = Math.round(seconds * 1e9);
	return nanos / 1e9 === seconds && nanos < wholeMax && nanos >= 0 && !Object.is(nanos, -0) ? nanos : null;
}

/** Any number. */
export function putNumber(value: number): void {
	reserve(1 + wholeBytes);
	if (isSmallWhole(value)) {
		// Even: whole. Odd: nanos. 0: neither.
		putWhole(2 + 2 * (value < 0 ? -2 * value - 1 : 2 * value));
		return;
	}
	const nanos = nanosOf(value);
	if (nanos === null) {
		putWhole(0);
		putDouble(value);
	} else {
		putWhole(1 + 2 * nanos);
	}
}

export function takeNumber(): number {
	const code = takeWhole();
	if (code === 0) return takeDouble();
	if (code % 2 === 1) return (code - 1) / 2 / 1e9;
	const signed = (code - 2) / 2;
	return signed % 2 === 1 ? -(signed + 1) / 2 : signed / 2;
}

/** Any text, half characters too. */
export function putText(text: string): void {
	const { length } = text;
	reserve(wholeBytes + 2 * length);
	const headAt = at;
	putWhole(2 * length);
	// Most texts are short and plain: a loop is quicker than a call.
	for (let index = 0; index < length; index++) {
		const code = text.charCodeAt(index);
		if (code > 0xff) {
			at = headAt;
			putWhole(2 * length + 1);
			at += bytes.write(text, at, 'utf16le');
			return;
		}
		bytes[at++] = code;
	}
}

export function takeText(): string {
	const code = takeWhole();
	const isWide = code % 2 === 1;
	const length = (code - (isWide ? 1 : 0)) / 2;
	const start = at;
	at += isWide ? 2 * length : length;
	if (at > end) throw new Error('what was packed is cut short');
	return bytes.toString(isWide ? 'utf16le' : 'latin1', start, at);
}

/** Passes over a text. */
export function passText(): void {
	const code = takeWhole();
	at += code % 2 === 1 ? code - 1 : code / 2;
	if (at > end) throw new Error('what was packed is cut short');
}

/** As `takeText`, without making a string when it is this one, which is likely. */
export function takeTextLike(likely: string): string {
	const startAt = at;
	const { length } = likely;
	if (takeWhole() === 2 * length && at + length <= end) {
		let same = 0;
		while (same < length && bytes[at + same] === likely.charCodeAt(same)) same++;
		if (same === length) {
			at += length;
			return likely;
		}
	}
	at = startAt;
	return takeText();
}
