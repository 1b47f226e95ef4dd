import { type HeaderBytes, type OpenRrd, readU64, writeU64 } from './header.ts';
import { stepWord, stepWords } from './layout.ts';
import type { DataSource } from './shape.ts';
import { putText } from './value-text.ts';

/** A run of whole steps in each of which a data source has the same value. */
export interface Steps {
	/** Steps from the epoch to the first one. */
	readonly before: number;
	/** How many: at least one. */
	readonly count: number;
	/** By data source, perhaps longer; NaN: unknown. Good until the next update. */
	readonly values: Float64Array;
}

/** The time from one update to the next, cut at the ends of steps. */
export interface Span {
	/** All of it. Seconds. */
	readonly intervalSeconds: number;
	/** Whole steps from the epoch to the step in which it begins. */
	readonly before: number;
	/** How many steps end in it. */
	readonly count: number;
	/** How many of these make a run of their own, with what was gathered before. */
	readonly firstCount: number;
	/** How much of it lies in that first run. */
	readonly firstSeconds: number;
	/** How much of it lies in the step that does not end in it. */
	readonly lastSeconds: number;
}

/**
 * Cuts the time between two updates into steps.
 *
 * The value of the update goes for all of its time, so the steps it completes are alike but for the first: that one
 * may have begun with other values, and is then a run of its own. When the last update was at the end of a step, all
 * are one run.
 *
 * @param lastMicroseconds to be added to `lastSeconds`
 */
export function spanOf(
	stepSeconds: number,
	lastSeconds: number,
	lastMicroseconds: number,
	timeSeconds: number,
): Span {
	const before = Math.floor(lastSeconds / stepSeconds);
	const count = Math.floor(timeSeconds / stepSeconds) - before;
	const intervalSeconds = timeSeconds - lastSeconds - lastMicroseconds / 1e6;
	const leftOverSeconds = timeSeconds % stepSeconds;
	// rrdtool takes the whole seconds here.
	const toFirstEnd = (before + 1) * stepSeconds - lastSeconds - (lastMicroseconds > 0 ? 1 : 0);
	const splits = count > 1 && toFirstEnd > 0 && toFirstEnd < stepSeconds;
	return {
		intervalSeconds,
		before,
		count,
		firstCount: splits ? 1 : count,
		firstSeconds: splits ? toFirstEnd : intervalSeconds - leftOverSeconds,
		lastSeconds: leftOverSeconds,
	};
}

/** The runs that the span is cut into: none to two. */
export function runsOf(span: Span, first: Float64Array, further: Float64Array): Steps[] {
	const { before, count, firstCount } = span;
	if (count === 0) return [];
	const run = { before, count: firstCount, values: first };
	if (count === firstCount) return [run];
	return [run, { before: before + firstCount, count: count - firstCount, values: further }];
}

let firstValues = new Float64Array(64);
let furtherValues = new Float64Array(64);

/**
 * Takes the values of an update into the step preparations. Each of them gets `stamp`.
 *
 * Returns the steps that are complete now: none, one run or two.
 *
 * @param values by data source; NaN: unknown
 */
export function takeValues(
	{ header, layout }: OpenRrd,
	span: Span,
	values: ArrayLike<number>,
	stamp: number,
): Steps[] {
	const { dataSources, stepSeconds } = layout.shape;
	if (firstValues.length < dataSources.length) {
		firstValues = new Float64Array(dataSources.length);
		furtherValues = new Float64Array(dataSources.length);
	}
	let at = layout.stepPreparationWord;
	for (let index = 0; index < dataSources.length; index += 1, at += stepWords) {
		const source = dataSources[index];
		if (source === undefined) continue;
		const value = values[index] ?? Number.NaN;
		writeText(header, at, value);
		const believed = isBelieved(source, span.intervalSeconds, value) ? value : Number.NaN;
		if (span.count === 0) gatherTime(header, at, span, believed);
		else completeSteps(header, at, index, source, stepSeconds, span, believed);
		header.words[at + stepWord.stamp] = stamp;
	}
	return runsOf(span, firstValues, furtherValues);
}

function isBelieved(source: DataSource, intervalSeconds: number, value: number): boolean {
	return intervalSeconds <= source.heartbeatSeconds && !(value < source.min) && !(value > source.max);
}

/** No step is complete yet. */
function gatherTime(header: HeaderBytes, at: number, span: Span, value: number): void {
	const { words, halves } = header;
	if (Number.isNaN(value)) {
		const unknownSeconds = readU64(halves, at + stepWord.unknownSeconds);
		writeU64(halves, at + stepWord.unknownSeconds, unknownSeconds + Math.floor(span.intervalSeconds));
	} else {
		words[at + stepWord.value] = known(words[at + stepWord.value]) + value * span.intervalSeconds;
	}
}

/** Sets the values of the steps that are complete, and begins the next step. */
function completeSteps(
	header: HeaderBytes,
	at: number,
	index: number,
	source: DataSource,
	stepSeconds: number,
	span: Span,
	value: number,
): void {
	const { words, halves } = header;
	const unknownSeconds = readU64(halves, at + stepWord.unknownSeconds);
	// rrdtool multiplies by the seconds and divides again: without that, last digits would differ.
	const rate = (value * span.intervalSeconds) / span.intervalSeconds;
	const firstRunSeconds = span.firstCount * stepSeconds;
	if (Number.isNaN(value)) {
		// As rrdtool has it: only unknown time before this update counts against the half of a step that may be
		// unknown, and of an update that is cut into two runs only the part in the first is held to the heartbeat.
		const gap = span.firstCount < span.count ? span.firstSeconds : span.intervalSeconds;
		firstValues[index] =
			gap > source.heartbeatSeconds || isMostlyUnknown(unknownSeconds, stepSeconds)
				? Number.NaN
				: (words[at + stepWord.value] ?? 0) / (firstRunSeconds - unknownSeconds - span.firstSeconds);
		furtherValues[index] = Number.NaN;
		words[at + stepWord.value] = Number.NaN;
		writeU64(halves, at + stepWord.unknownSeconds, span.lastSeconds);
	} else {
		firstValues[index] = isMostlyUnknown(unknownSeconds, stepSeconds)
			? Number.NaN
			: (known(words[at + stepWord.value]) + rate * span.firstSeconds) / (firstRunSeconds - unknownSeconds);
		const rest = rateAfterFirstRun(span, rate);
		furtherValues[index] = furtherValue(span, stepSeconds, rest);
		words[at + stepWord.value] = rest * span.lastSeconds;
		writeU64(halves, at + stepWord.unknownSeconds, Number.isNaN(rest) ? span.lastSeconds : 0);
	}
}

/** rrdtool takes what falls into the first of two runs off the whole: for infinity less infinity, NaN is left. */
function rateAfterFirstRun(span: Span, rate: number): number {
	return span.firstCount < span.count && !Number.isFinite(rate) ? Number.NaN : rate;
}

/** The rate, but for what rounding the first run to whole seconds leaves to the other one. */
function furtherValue(span: Span, stepSeconds: number, rate: number): number {
	const { count, firstCount } = span;
	if (count === firstCount) return Number.NaN;
	const seconds = span.intervalSeconds - span.firstSeconds - span.lastSeconds;
	return (rate * seconds) / ((count - firstCount) * stepSeconds);
}

function isMostlyUnknown(unknownSeconds: number, stepSeconds: number): boolean {
	return unknownSeconds > stepSeconds / 2;
}

/** What counts as nothing in a sum: a new file holds NaN, and infinity less infinity is NaN, too. */
export function known(sum: number | undefined): number {
	return sum === undefined || Number.isNaN(sum) ? 0 : sum;
}

/** As `rrdtool lastupdate` shows it. */
function writeText(header: HeaderBytes, at: number, value: number): void {
	const { bytes, words } = header;
	for (let word = stepWord.lastText; word < stepWord.unknownSeconds; word += 1) words[at + word] = 0;
	putText(bytes, (at + stepWord.lastText) * 8, value);
}
