import type { Sample } from '../model/measurement.ts';
import type { Slot } from '../model/slot.ts';
import {
	isSmallWhole,
	nanosOf,
	putDouble,
	putSigned,
	putWhole,
	reserve,
	takeDouble,
	takeSigned,
	takeWhole,
	wholeBytes,
} from './packed-bytes.ts';

/**
 * Samples in as few bytes as can be: sending times as the first, the mean pause, and how far each is from where equal
 * pauses would have it; round-trip times in nanoseconds. What does not fit into that is kept as it is.
 */

/** In these units sending times of our days are whole, however they were taken: doubles have no finer ones. */
const ticksPerSecond = 2 ** 22;
const sampleBytesMax = 2 * (1 + wholeBytes);

/** Ticks and nanoseconds of the samples that are being packed: reckoned once. */
let ticks = new Float64Array(64);
let nanos = new Float64Array(64);
/** Stand for what is lost, and for what is no whole number of nanoseconds. */
const lostNanos = -1;
const noNanos = -2;

export function putSamples(samples: readonly Sample[], { startSeconds }: Slot): void {
	const { length } = samples;
	reserve(5 * wholeBytes + length * sampleBytesMax);
	if (length > ticks.length) {
		ticks = new Float64Array(2 * length);
		nanos = new Float64Array(2 * length);
	}
	const shift = commonShift(samples, startSeconds);
	const zeros = commonZeros(samples);
	putWhole(2 * length + (shift < 0 ? 0 : 1));
	putWhole(zeros);
	const unitNanos = 10 ** zeros;
	if (shift < 0) {
		for (let index = 0; index < length; index++) {
			putDouble((samples[index] as Sample).sentAtSeconds);
			putRtt(samples[index] as Sample, nanos[index] as number, unitNanos);
		}
		return;
	}
	const unit = 2 ** shift;
	const first = length === 0 ? 0 : (ticks[0] as number) / unit;
	const last = length === 0 ? 0 : (ticks[length - 1] as number) / unit;
	const pause = length < 2 ? 0 : Math.round((last - first) / (length - 1));
	putWhole(shift);
	putSigned(first);
	putSigned(pause);
	let due = first;
	for (let index = 0; index < length; index++) {
		putSigned((ticks[index] as number) / unit - due);
		putRtt(samples[index] as Sample, nanos[index] as number, unitNanos);
		due += pause;
	}
}

export function takeSamples({ startSeconds }: Slot): Sample[] {
	const code = takeWhole();
	const unitNanos = 10 ** takeWhole();
	const samples: Sample[] = [];
	if (code % 2 === 0) {
		for (let left = code / 2; left > 0; left--) {
			samples.push({ sentAtSeconds: takeDouble(), rttSeconds: takeRtt(unitNanos) });
		}
		return samples;
	}
	const unitsPerSecond = ticksPerSecond / 2 ** takeWhole();
	let due = takeSigned();
	const pause = takeSigned();
	for (let left = (code - 1) / 2; left > 0; left--) {
		const units = due + takeSigned();
		samples.push({ sentAtSeconds: startSeconds + units / unitsPerSecond, rttSeconds: takeRtt(unitNanos) });
		due += pause;
	}
	return samples;
}

/** The round-trip times alone, of those that came back, in sending order. Puts them into `received`; returns how many were sent. */
export function takeReceived(received: number[]): number {
	const code = takeWhole();
	const unitNanos = 10 ** takeWhole();
	const isExact = code % 2 === 0;
	const sent = (isExact ? code : code - 1) / 2;
	if (!isExact) {
		takeWhole();
		takeSigned();
		takeSigned();
	}
	for (let left = sent; left > 0; left--) {
		if (isExact) takeDouble();
		else takeWhole();
		const rttSeconds = takeRtt(unitNanos);
		if (rttSeconds !== null) received.push(rttSeconds);
	}
	return sent;
}

const shiftMax = 22;

/** By how many bits the ticks of all sending times can be shifted; -1 when they would not give back the very numbers. */
function commonShift(samples: readonly Sample[], startSeconds: number): number {
	let shift = shiftMax;
	let unit = 2 ** shift;
	for (let index = 0; index < samples.length; index++) {
		const { sentAtSeconds } = samples[index] as Sample;
		const tick = (sentAtSeconds - startSeconds) * ticksPerSecond;
		const isExact = isSmallWhole(tick) && startSeconds + tick / ticksPerSecond === sentAtSeconds;
		if (!isExact || Object.is(sentAtSeconds, -0)) return -1;
		ticks[index] = tick;
		for (; tick % unit !== 0; unit /= 2) shift--;
	}
	return shift;
}

const zerosMax = 9;

/** How many zeros all round-trip times end with, in nanoseconds: programs print few digits. */
function commonZeros(samples: readonly Sample[]): number {
	let zeros = zerosMax;
	let unit = 10 ** zeros;
	for (let index = 0; index < samples.length; index++) {
		const { rttSeconds } = samples[index] as Sample;
		const whole = rttSeconds === null ? lostNanos : (nanosOf(rttSeconds) ?? noNanos);
		nanos[index] = whole;
		if (whole > 0) for (; whole % unit !== 0; unit /= 10) zeros--;
	}
	return zeros;
}

/** 0 is a lost one, 1 comes before one that is no whole number of nanoseconds. */
function putRtt({ rttSeconds }: Sample, whole: number, unitNanos: number): void {
	if (whole >= 0) putWhole(2 + whole / unitNanos);
	else if (rttSeconds === null) putWhole(0);
	else {
		putWhole(1);
		putDouble(rttSeconds);
	}
}

function takeRtt(unitNanos: number): number | null {
	const code = takeWhole();
	if (code === 0) return null;
	return code === 1 ? takeDouble() : ((code - 2) * unitNanos) / 1e9;
}
