import {
	type HistogramHistory,
	hourSeconds,
	readingHistograms,
	type Spell,
} from '../history/histogram-lines.ts';
import { countRows, isKnownRow, rowCount, type SlotRows, slotsOfRows } from '../history/rows.ts';
import { type RingShape, readRing, readRingHeader, type SlotRecord } from '../history/slot-ring.ts';
import { Tally } from '../history/tally.ts';
import { errorCode } from '../model/errno.ts';
import { atOnce, type InPieces } from '../model/pieces.ts';
import { type RrdShape, readRrdHeader } from '../rrd/index.ts';
import { reachOf, readSlotRows } from './catch-up.ts';
import { readHistogramsFile, readSlotsFile } from './history-files.ts';
import { mainRrdName } from './main-rrd.ts';

/** Where main.rrd goes on after a file, if it does. */
interface Continued {
	readonly path: string;
	readonly shape: RrdShape;
	readonly lastUpdateSeconds: number;
	readonly fromSeconds: number;
	readonly untilSeconds: number;
}

function continued(folder: string, untilSeconds: number): Continued | null {
	const path = `${folder}/${mainRrdName}`;
	try {
		const { shape, lastUpdateSeconds } = readRrdHeader(path);
		const { stepSeconds } = shape;
		const end = Math.floor(lastUpdateSeconds / stepSeconds) * stepSeconds;
		const from = Math.max(0, Math.ceil(untilSeconds / stepSeconds) * stepSeconds, end - reachOf(shape));
		return from < end ? { path, shape, lastUpdateSeconds, fromSeconds: from, untilSeconds: end } : null;
	} catch (error) {
		if (errorCode(error) === 'ENOENT') return null;
		throw error;
	}
}

function rowsOf({ path, shape, lastUpdateSeconds, fromSeconds, untilSeconds }: Continued) {
	return readSlotRows(path, shape, lastUpdateSeconds, fromSeconds, untilSeconds);
}

/**
 * The histograms of an order, those that are not written yet included: these are made of what main.rrd holds. Changes
 * nothing, and needs no daemon. Throws RrdDamaged, or the error of the file system.
 */
export function readHistory(folder: string): History {
	return atOnce(readingHistory(folder));
}

type History = Omit<HistogramHistory, 'soundBytes'>;

/** The same in pieces. */
export function* readingHistory(folder: string): InPieces<History> {
	const { since, hours, days } = yield* readingHistograms(readHistogramsFile(folder));
	const last = hours.at(-1);
	const end =
		last?.untilSeconds ??
		(last === undefined
			? (since?.timeSeconds ?? 0) + (since?.spanSeconds ?? 0)
			: last.timeSeconds + last.spanSeconds);
	const more = continued(folder, end);
	return {
		since,
		days,
		hours: more === null ? hours : [...hours, ...hoursOf(more, last)].filter(isLastOfItsHour),
	};
}

function isLastOfItsHour({ timeSeconds }: Spell, at: number, all: readonly Spell[]): boolean {
	return all[at + 1]?.timeSeconds !== timeSeconds;
}

function hoursOf(more: Continued, begun: Spell | undefined): Spell[] {
	const rows = rowsOf(more);
	const spells: Spell[] = [];
	// Before the first slot there is nothing, rather than something unknown.
	for (let row = begun === undefined ? firstKnown(rows) : 0; row < rowCount(rows); ) {
		const at = more.fromSeconds + row * rows.stepSeconds;
		const hour = Math.floor(at / hourSeconds) * hourSeconds;
		const end = Math.min(
			rowCount(rows),
			Math.ceil((hour + hourSeconds - more.fromSeconds) / rows.stepSeconds),
		);
		const tally = new Tally();
		if (begun?.timeSeconds === hour) tally.merge(begun.tally);
		countRows(tally, rows, row, end);
		const untilSeconds = more.fromSeconds + end * rows.stepSeconds;
		const spell = { timeSeconds: hour, spanSeconds: hourSeconds, tally };
		if (tally.slots > 0) spells.push(untilSeconds >= hour + hourSeconds ? spell : { ...spell, untilSeconds });
		row = end;
	}
	return spells;
}

function firstKnown(rows: SlotRows): number {
	let row = 0;
	while (row < rowCount(rows) && !isKnownRow(rows, row)) row++;
	return row;
}

/** So many slots are read in one piece. */
const slotsInPiece = 5000;

/** The single slots of an order that begin from `startSeconds` up to before `endSeconds`; as `readHistory`. */
export function readSlots(folder: string, startSeconds: number, endSeconds: number): SlotRecord[] {
	return atOnce(readingSlots(folder, startSeconds, endSeconds, Number.POSITIVE_INFINITY));
}

/** The same in pieces; the newest `max` of them. */
export function* readingSlots(
	folder: string,
	startSeconds: number,
	endSeconds: number,
	max: number,
): InPieces<SlotRecord[]> {
	const bytes = readSlotsFile(folder) ?? Buffer.alloc(0);
	const header = readRingHeader(bytes);
	const ring = header === null || header.lastSeconds === 0 ? null : header;
	const more = continued(folder, ring === null ? 0 : ring.lastSeconds + ring.stepSeconds);
	const rows = more === null ? null : rowsOf(more);
	yield;
	const stepSeconds = Math.min(more?.shape.stepSeconds ?? Infinity, ring?.stepSeconds ?? Infinity);
	const last = more?.untilSeconds ?? (ring === null ? 0 : ring.lastSeconds + ring.stepSeconds);
	const end = Math.min(endSeconds, last);
	// Fewer are in them when the two have different steps.
	const start = Math.max(startSeconds, end - max * stepSeconds);
	const all: SlotRecord[] = [];
	const isWanted = ({ timeSeconds }: SlotRecord) => timeSeconds >= start && timeSeconds < end;
	if (ring !== null) yield* readingRing(all, bytes, ring, start, end);
	if (rows !== null) for (const slot of slotsOfRows(rows)) if (isWanted(slot)) all.push(slot);
	// Before the first slot there is nothing.
	const first = all.findIndex(({ loss }) => loss !== null);
	return first < 0 ? [] : all.slice(first);
}

function* readingRing(
	into: SlotRecord[],
	bytes: Buffer,
	{ stepSeconds, capacity, lastSeconds }: RingShape & { readonly lastSeconds: number },
	startSeconds: number,
	endSeconds: number,
): InPieces<void> {
	const spanSeconds = slotsInPiece * stepSeconds;
	const oldest = lastSeconds - (capacity - 1) * stepSeconds;
	for (let from = Math.max(startSeconds, oldest); from < endSeconds; from += spanSeconds) {
		if (from > lastSeconds) return;
		for (const slot of readRing(bytes, from, Math.min(endSeconds, from + spanSeconds))) into.push(slot);
		yield;
	}
}
