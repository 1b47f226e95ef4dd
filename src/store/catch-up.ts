import type { HistogramLimits } from '../history/compact.ts';
import { hourSeconds, lineOf, type Spell, sinceLineOf } from '../history/histogram-lines.ts';
import { countRows, isKnownRow, rowCount, type SlotRows, slotsOfRows } from '../history/rows.ts';
import { ringCapacity } from '../history/slot-ring.ts';
import { Tally } from '../history/tally.ts';
import { fileCalls } from '../host/native-file-calls.ts';
import type { RrdShape } from '../rrd/index.ts';
import { fetchRrd } from '../rrd/index.ts';
import { addHistogramLines, histogramEnd, slotsEnd, writeSlots } from './history-files.ts';
import type { HistoryMark } from './live-order.ts';
import { mainRrdName } from './main-rrd.ts';

/** How long what is written may be, of all orders. Seconds. */
export interface HistoryLimits extends HistogramLimits {
	/** How long single slots are kept, of orders that do not say. */
	readonly slotsSeconds: number;
}

/** What is known of an order whose history is to be written. */
export interface HistorySource {
	/** A path to its folder. */
	readonly folder: string;
	/** Of its main.rrd. */
	readonly shape: RrdShape;
	readonly lastUpdateSeconds: number;
	readonly mark: HistoryMark;
	readonly limits: HistoryLimits;
	/** For what has to be set aside. */
	readonly stamp: string;
}

/** So much is read and written at once: a few milliseconds' work. */
const valuesAtOnce = 20_000;
/** Files that hold single slots for less than this would have lost some by the end of an hour. */
const shortReachSeconds = 3 * hourSeconds;

/** How many single slots main.rrd holds; 0: none, or no such file. */
function rowsOf(shape: RrdShape): number {
	return shape.archives.find((one) => one.consolidation === 'AVERAGE' && one.stepsPerRow === 1)?.rows ?? 0;
}

/** For how long main.rrd holds single slots. */
export function reachOf(shape: RrdShape): number {
	return rowsOf(shape) * shape.stepSeconds;
}

/** Whether hours that are not over have to be written, because main.rrd does not hold a whole one for long. */
export function isShortReach(shape: RrdShape): boolean {
	return reachOf(shape) < shortReachSeconds;
}

/** What of a history is not written yet, and what there is to make it of. */
interface Pending {
	/** Where main.rrd begins. */
	readonly firstSeconds: number;
	/** The first slot that was measured or heard of: where a file begins that is not there yet. */
	readonly beginSeconds: number;
	readonly untilSeconds: number;
}

/**
 * Writes some of what main.rrd holds and the files `slots` and `histograms` do not, yet. Whatever was lost of them is
 * made again in the same way. Called until it returns true, everything is written; `isEnd`: also an hour that is not
 * over. `kept` is told under which name a file was kept that could not be gone on with.
 *
 * Throws the error of the file system, RrdDamaged; the next call tries again.
 */
export function catchUp(source: HistorySource, isEnd: boolean, kept: (name: string) => void): boolean {
	const { shape, mark } = source;
	if (rowsOf(shape) === 0) return true;
	loadMark(source);
	const { stepSeconds } = shape;
	const rowsEnd = Math.floor(source.lastUpdateSeconds / stepSeconds) * stepSeconds;
	const untilSeconds = Math.max(rowsEnd, mark.heardUntilSeconds);
	// The clock was set back: what is later comes of one that was ahead.
	if (mark.hoursUntilSeconds > untilSeconds + hourSeconds) mark.hoursUntilSeconds = -1;
	if (mark.slotsUntilSeconds > untilSeconds + hourSeconds) mark.slotsUntilSeconds = -1;
	const firstSeconds = Math.max(0, rowsEnd - reachOf(shape));
	const isNew = mark.hoursUntilSeconds < 0 || mark.slotsUntilSeconds < 0;
	const beginSeconds = isNew ? beginOf(source, firstSeconds, untilSeconds) : firstSeconds;
	const pending = { firstSeconds, beginSeconds, untilSeconds };
	const isSlotsDone = catchUpSlots(source, pending, kept);
	return catchUpHours(source, pending, isEnd || isShortReach(shape)) && isSlotsDone;
}

function pingsOf(shape: RrdShape): number {
	return shape.dataSources.length - 2;
}

/** What the files say, where it is not known. */
export function loadMark({ folder, shape, mark, lastUpdateSeconds }: HistorySource): void {
	if (mark.slotsUntilSeconds < 0) {
		const ring = { stepSeconds: shape.stepSeconds, pings: pingsOf(shape), capacity: 1 };
		mark.slotsUntilSeconds = slotsEnd(folder, ring) ?? -1;
	}
	if (mark.hoursUntilSeconds < 0) {
		const latest = Math.max(lastUpdateSeconds, mark.heardUntilSeconds);
		mark.hoursUntilSeconds = histogramEnd(folder, latest).untilSeconds ?? -1;
	}
}

/** True when nothing is left. */
function catchUpSlots(source: HistorySource, pending: Pending, kept: (name: string) => void): boolean {
	const { folder, shape, mark, limits, stamp } = source;
	const { stepSeconds } = shape;
	const capacity = ringCapacity(stepSeconds, mark.slotsSeconds ?? limits.slotsSeconds);
	const { untilSeconds } = pending;
	const from = Math.max(
		fromOf(mark.slotsUntilSeconds, pending, stepSeconds),
		untilSeconds - capacity * stepSeconds,
	);
	if (from >= untilSeconds) return true;
	const to = Math.min(untilSeconds, from + rowsAtOnce(shape) * stepSeconds);
	const records = slotsOfRows(rowsFrom(source, from, to));
	const name = writeSlots(folder, { stepSeconds, pings: pingsOf(shape), capacity }, records, stamp);
	if (name !== null) kept(name);
	mark.slotsUntilSeconds = to;
	return to >= untilSeconds;
}

/** True when nothing is left. */
function catchUpHours(source: HistorySource, pending: Pending, isPartWanted: boolean): boolean {
	const { folder, mark, shape } = source;
	const { stepSeconds } = shape;
	const from = fromOf(mark.hoursUntilSeconds, pending, stepSeconds);
	// Whole hours: the pings of one are never so many that it is more than is read at once.
	const wanted = isPartWanted ? pending.untilSeconds : hourOf(pending.untilSeconds);
	const until = Math.min(
		wanted,
		Math.max(hourOf(from) + hourSeconds, hourOf(from + rowsAtOnce(shape) * stepSeconds)),
	);
	if (from >= until) return true;
	const rows = rowsFrom(source, from, aligned(until, stepSeconds));
	const count = rowCount(rows);
	let lines = '';
	for (let row = 0; row < count; ) {
		const hour = hourOf(from + row * stepSeconds);
		const end = Math.min(count, Math.ceil((hour + hourSeconds - from) / stepSeconds));
		const tally = tallyBefore(source, hour);
		countRows(tally, rows, row, end);
		const isOver = hour + hourSeconds <= pending.untilSeconds;
		lines += lineFor(
			mark,
			{ timeSeconds: hour, spanSeconds: hourSeconds, tally },
			isOver ? null : from + end * stepSeconds,
		);
		row = end;
	}
	if (lines !== '') {
		const since = { timeSeconds: from, spanSeconds: 0, tally: new Tally() };
		addHistogramLines(folder, sinceLineOf(since), lines);
	}
	mark.hoursUntilSeconds = from + count * stepSeconds;
	return until >= wanted;
}

function hourOf(seconds: number): number {
	return Math.floor(seconds / hourSeconds) * hourSeconds;
}

/** Hours of which nothing was measured, before the daemon knew the order again, have no line. */
function lineFor({ heardFromSeconds }: HistoryMark, hour: Spell, untilSeconds: number | null): string {
	const isHeard = heardFromSeconds >= 0 && hour.timeSeconds + hourSeconds > heardFromSeconds;
	if (hour.tally.slots === 0 && !isHeard) return '';
	return lineOf(untilSeconds === null ? hour : { ...hour, untilSeconds });
}

/** What was counted of an hour whose beginning is written already. */
function tallyBefore({ folder, mark }: HistorySource, hour: number): Tally {
	const { hoursUntilSeconds } = mark;
	if (hoursUntilSeconds <= hour || hoursUntilSeconds >= hour + hourSeconds) return new Tally();
	const { begun } = histogramEnd(folder, hoursUntilSeconds);
	return begun?.timeSeconds === hour ? begun.tally : new Tally();
}

/** The first slot that was measured or heard of; the end, when there is none. */
function beginOf(source: HistorySource, firstSeconds: number, untilSeconds: number): number {
	const { shape, mark } = source;
	const { stepSeconds } = shape;
	const end = mark.heardFromSeconds < 0 ? untilSeconds : Math.min(untilSeconds, mark.heardFromSeconds);
	const from = aligned(firstSeconds, stepSeconds);
	for (let at = from; at < end; at += rowsAtOnce(shape) * stepSeconds) {
		const rows = rowsFrom(source, at, Math.min(end, at + rowsAtOnce(shape) * stepSeconds));
		for (let row = 0; row < rowCount(rows); row++) if (isKnownRow(rows, row)) return at + row * stepSeconds;
	}
	return end;
}

function fromOf(markSeconds: number, { firstSeconds, beginSeconds }: Pending, stepSeconds: number): number {
	return aligned(markSeconds < 0 ? beginSeconds : Math.max(markSeconds, firstSeconds), stepSeconds);
}

function rowsAtOnce({ dataSources }: RrdShape): number {
	return Math.max(1, Math.floor(valuesAtOnce / dataSources.length));
}

function aligned(seconds: number, stepSeconds: number): number {
	return Math.ceil(seconds / stepSeconds) * stepSeconds;
}

function rowsFrom({ folder, shape, lastUpdateSeconds }: HistorySource, from: number, to: number): SlotRows {
	return readSlotRows(`${folder}/${mainRrdName}`, shape, lastUpdateSeconds, from, to);
}

/** The slots from `from` up to before `to`, multiples of the step; what main.rrd does not hold is unknown. */
export function readSlotRows(
	path: string,
	shape: RrdShape,
	lastUpdateSeconds: number,
	from: number,
	to: number,
): SlotRows {
	const { stepSeconds } = shape;
	const width = shape.dataSources.length;
	const values = new Float64Array(((to - from) / stepSeconds) * width).fill(Number.NaN);
	const known = Math.min(to, Math.floor(lastUpdateSeconds / stepSeconds) * stepSeconds);
	if (known > from) {
		const query = { consolidation: 'AVERAGE', startSeconds: from, endSeconds: known - 1 } as const;
		const read = fetchRrd(path, query, fileCalls());
		const isSingle = read.stepSeconds === stepSeconds && read.names.length === width;
		if (isSingle) values.set(read.values.subarray(0, values.length));
	}
	return { firstSeconds: from, stepSeconds, width, values };
}
