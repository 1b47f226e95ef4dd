import type { MeasurementAnswer } from '../model/answers.ts';
import type { Measurement, Sample } from '../model/measurement.ts';

/**
 * The last measurements of an order in as few bytes as can be, since there may be 100,000 orders: a string of bytes,
 * which costs V8 a sixth of what a small typed array does. Oldest first; each is
 *
 *     length of what follows (2 bytes), start of the slot, step, pings, samples,
 *     and for each sample when it was sent and its RTT
 *
 * as whole numbers of 7 bits a byte. Sending times are in units of 10 us: the first, the mean pause, and how far each
 * one is from where equal pauses would have it. RTTs have the seven digits that last_result has, down to 1 ns, without zeros at the end.
 */
export type PackedMeasurements = string;

export const nothingPacked: PackedMeasurements = '';

/** More than any order asks for; so that the length fits into its two bytes. */
const samplesMax = 4000;
const headBytesMax = 2 + 6 * 8;
const sampleBytesMax = 16;
const lengthBytes = 2;
const unitsPerSecond = 1e5;

/** Where measurements are packed and unpacked. Shared by all: nothing outlives its turn. */
let bytes = Buffer.alloc(4096);
let at = 0;

/** Adds a measurement, and leaves out the oldest when there are more than `most`. */
export function withMeasurement(
	packed: PackedMeasurements,
	measurement: Measurement,
	most: number,
): PackedMeasurements {
	const samples = measurement.samples.slice(0, samplesMax);
	const needed = packed.length + headBytesMax + samples.length * sampleBytesMax;
	if (needed > bytes.length) bytes = Buffer.alloc(2 * needed);
	const end = bytes.write(packed, 0, 'latin1');
	at = end + lengthBytes;
	putMeasurement(measurement, samples);
	bytes.writeUInt16LE(at - end - lengthBytes, end);
	return bytes.toString('latin1', startOfLast(most, at), at);
}

function startOfLast(most: number, end: number): number {
	const starts: number[] = [];
	for (let start = 0; start < end; start += lengthBytes + bytes.readUInt16LE(start)) starts.push(start);
	return starts.at(-most) ?? 0;
}

function putMeasurement({ slot, pings }: Measurement, samples: readonly Sample[]): void {
	put(slot.startSeconds);
	put(slot.stepSeconds);
	put(pings);
	put(samples.length);
	const sent = samples.map(({ sentAtSeconds }) => {
		return Math.round((sentAtSeconds - slot.startSeconds) * unitsPerSecond) || 0;
	});
	const first = sent[0] ?? 0;
	const pause = Math.round(((sent.at(-1) ?? 0) - first) / Math.max(1, sent.length - 1));
	putSigned(first);
	putSigned(pause);
	for (const [index, { rttSeconds }] of samples.entries()) {
		putSigned((sent[index] ?? 0) - first - index * pause);
		put(codeOf(rttSeconds));
	}
}

/** The measurements, newest first. */
export function measurementsIn(packed: PackedMeasurements): MeasurementAnswer[] {
	if (packed.length > bytes.length) bytes = Buffer.alloc(packed.length);
	const end = bytes.write(packed, 0, 'latin1');
	const found: MeasurementAnswer[] = [];
	for (at = 0; at < end; ) {
		at += lengthBytes;
		found.push(takeMeasurement());
	}
	return found.reverse();
}

function takeMeasurement(): MeasurementAnswer {
	const time = take();
	const step = take();
	const pings = take();
	const count = take();
	const first = takeSigned();
	const pause = takeSigned();
	const samples = Array.from({ length: count }, (_, index) => {
		const offset = first + index * pause + takeSigned();
		// Rounded, so that the sum has no more digits than its parts.
		const sent = Math.round(time * unitsPerSecond + offset) / unitsPerSecond;
		return { sent, rtt: rttOf(take()) };
	});
	return { time, step, pings, samples };
}

// ---- RTTs: 0 is a lost one; else 1 + 16 * digits + zeros behind them, in nanoseconds ----

const digitsEnd = 1e7;
/** So that there are never more zeros than fit in. */
const rttMaxSeconds = 1e6;

function codeOf(rttSeconds: number | null): number {
	if (rttSeconds === null) return 0;
	let digits = Math.min(Math.max(rttSeconds, 0) || 0, rttMaxSeconds) * 1e9;
	let zeros = 0;
	for (; digits >= digitsEnd; zeros++) digits /= 10;
	digits = Math.round(digits);
	for (; digits > 0 && digits % 10 === 0; zeros++) digits /= 10;
	return 1 + 16 * digits + zeros;
}

function rttOf(code: number): number | null {
	if (code === 0) return null;
	const zeros = (code - 1) % 16;
	// Read as a decimal number: the nearest double to what was printed.
	return Number(`${(code - 1 - zeros) / 16}e${zeros - 9}`);
}

// ---- Whole numbers, seven bits a byte, the lowest first; signed ones with the sign in the lowest bit ----

function putSigned(value: number): void {
	put(value < 0 ? -2 * value - 1 : 2 * value);
}

function takeSigned(): number {
	const code = take();
	return code % 2 === 1 ? -(code + 1) / 2 : code / 2;
}

function put(value: number): void {
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) + 0x80;
	bytes[at++] = rest;
}

function take(): number {
	let value = 0;
	for (let weight = 1; ; weight *= 0x80) {
		const byte = bytes[at++] ?? 0;
		value += (byte % 0x80) * weight;
		if (byte < 0x80) return value;
	}
}
