import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import type { FileCalls } from '../host/file-calls.ts';
import { handOver } from '../host/hand-over.ts';
import { errorCode } from '../model/errno.ts';
import {
	createRrd,
	hasKnownRows,
	RrdDamaged,
	type RrdShape,
	RrdTooEarly,
	readRrdHeader,
	sameShape,
	sameSources,
	updateRrd,
} from '../rrd/index.ts';
import { reasonOf } from './complaints.ts';
import {
	changedArchives,
	mainRrdShape,
	shapedTemplates,
	smokepingRow,
	unknownRow,
} from './main-rrd-shape.ts';
import { setAside, utcStamp } from './set-aside.ts';
import type { StoredMeasurement } from './stored-measurement.ts';

export const mainRrdName = 'main.rrd';

/** A main.rrd that can be continued, or why not: another order's (`former`) or none of ours (`corrupted`). */
type Verdict =
	| Omit<PreparedRrd, 'isNew'>
	| { readonly not: 'former' }
	| { readonly not: 'corrupted'; readonly reason: string };

export interface PreparedRrd {
	/** Seconds since the epoch. */
	readonly lastUpdateSeconds: number;
	readonly isNew: boolean;
	/** That which it has: one of the `shapes`, or what a user made of it with rrdtool. */
	readonly shape: RrdShape;
}

export interface Preparation {
	readonly folder: string;
	/** A new one gets the first of them. */
	readonly shapes: readonly [RrdShape, ...RrdShape[]];
	/** When a new one begins, seconds since the epoch. */
	readonly startSeconds: number;
	/** When it is, milliseconds since the epoch. */
	readonly nowMs: number;
	/** Keeps what is another order's under another name. */
	retire(): unknown;
	/** Is told the name under which one that cannot be continued was kept, and the reason. */
	onCorrupted(kept: string, reason: string): void;
}

/**
 * Sees to it that a folder has a main.rrd whose data sources are those of `shapes`. What cannot be continued is kept
 * under a dated name.
 *
 * Throws TooManyKept, or the error of the file system.
 */
export function prepareMainRrd(preparation: Preparation): PreparedRrd {
	const { folder, shapes, startSeconds, nowMs, retire, onCorrupted } = preparation;
	const verdict = judge(`${folder}/${mainRrdName}`, shapes);
	if (verdict !== null && 'lastUpdateSeconds' in verdict) return { ...verdict, isNew: false };
	if (verdict?.not === 'former') retire();
	if (verdict?.not === 'corrupted') onCorrupted(setAsideCorrupted(folder, utcStamp(nowMs)), verdict.reason);
	createRrd(`${folder}/${mainRrdName}`, shapes[0], startSeconds);
	handOver(`${folder}/${mainRrdName}`, folder);
	return { lastUpdateSeconds: startSeconds, isNew: true, shape: shapes[0] };
}

/** So many main.rrd are kept under dated names within a day: an order that changes again and again fills no disk. */
const keptADayMost = 4;
const dayMs = 86_400_000;

/** main.rrd would have to be kept under a dated name, but too many were within a day. It stays as it is. */
export class TooManyKept extends Error {
	override readonly name = 'TooManyKept';
}

/**
 * Makes room for a new main.rrd: keeps the one there is as `main.<UTC time>.rrd`, unless nothing was ever measured
 * into it. Returns its new path, or null when it was removed.
 *
 * Throws TooManyKept, or the error of the file system.
 */
export function retireMainRrd(folder: string, nowMs: number, keepsBlank = false): string | null {
	if (!keepsBlank && dropBlank(folder)) return null;
	const kept = readdirSync(folder).filter((name) => isWithinADay(keptAtMs(name), nowMs)).length;
	if (kept >= keptADayMost) {
		throw new TooManyKept(
			`${mainRrdName} does not fit and gets no rows: ${kept} others were kept within a day. A new one begins a day after the first of them, or when you move it away`,
		);
	}
	return setAside(folder, mainRrdName, utcStamp(nowMs));
}

/** Removes main.rrd if nothing was ever measured into it, and tells whether it did. */
export function dropBlank(folder: string): boolean {
	const path = `${folder}/${mainRrdName}`;
	if (!isBlank(path)) return false;
	unlinkSync(path);
	return true;
}

function isWithinADay(atMs: number | null, nowMs: number): boolean {
	return atMs !== null && atMs <= nowMs && nowMs - atMs < dayMs;
}

/** When a file was kept under this name, milliseconds since the epoch; null for any other file. */
function keptAtMs(name: string): number | null {
	const [, year, month, day, hour, minute, second] =
		/^main\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:\.\d+)?\.rrd$/.exec(name) ?? [];
	if (year === undefined) return null;
	return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** A file that cannot be read is none. */
function isBlank(path: string): boolean {
	try {
		return lstatSync(path).isFile() && !hasKnownRows(path);
	} catch {
		return false;
	}
}

/** Keeps a main.rrd that is none as `main.corrupted.<stamp>.rrd`. Returns that path. */
export function setAsideCorrupted(folder: string, stamp: string): string {
	return setAside(folder, mainRrdName, stamp, 'main.corrupted.rrd');
}

function judge(path: string, shapes: readonly RrdShape[]): Verdict | null {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found === undefined) return null;
	if (!found.isFile()) return { not: 'corrupted', reason: 'it is not a regular file' };
	try {
		const { shape, lastUpdateSeconds } = readRrdHeader(path);
		const known = shapes.find((one) => sameShape(shape, one));
		if (known !== undefined) return { lastUpdateSeconds, shape: known };
		if (isOneOf(shapes, shape)) return { lastUpdateSeconds, shape };
		if (isOfSomeOrder(shape)) return { not: 'former' };
		return { not: 'corrupted', reason: 'its data sources are not those of a main.rrd' };
	} catch (error) {
		const reason = damageIn(error);
		if (reason === null) throw error;
		return { not: 'corrupted', reason };
	}
}

/** Whether it was one of these before a user worked on it: with rrdtool tune or resize, or other archives. */
function isOneOf(shapes: readonly RrdShape[], shape: RrdShape): boolean {
	if (!shapes.some((one) => sameSources(one, shape))) return false;
	const changesOf = (made: RrdShape) => changedArchives(made, shape);
	const fewest = Math.min(...shapes.map(changesOf).map(({ missing, added }) => missing + added));
	const pings = shape.dataSources.length - 2;
	// Nearer to another template, and whole: the order was changed.
	return !shapedTemplates
		.map((template) => changesOf(mainRrdShape(template, shape.stepSeconds, pings)))
		.some(({ missing, added }) => missing === 0 && added < fewest);
}

/** True when it has the data sources that some number of pings would give. */
function isOfSomeOrder(shape: RrdShape): boolean {
	const pings = shape.dataSources.length - 2;
	return pings >= 1 && sameSources(shape, mainRrdShape('smokeping', shape.stepSeconds, pings));
}

/** Errors that mean: this file will never do, whatever happens to the disk. EACCES: the folder itself can be read. */
const damageCodes: readonly string[] = ['EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENXIO', 'ENODEV'];

/** What is wrong with the file that gave this error; null when the trouble lies elsewhere. */
export function damageIn(error: unknown): string | null {
	if (error instanceof RrdDamaged) return error.reason;
	return damageCodes.includes(errorCode(error)) ? reasonOf(error) : null;
}

/** When main.rrd was last updated, seconds since the epoch; -Infinity if it cannot be read. */
export function lastUpdateOf(path: string): number {
	try {
		return readRrdHeader(path).lastUpdateSeconds;
	} catch {
		return Number.NEGATIVE_INFINITY;
	}
}

/**
 * Writes the row of a measurement. What lies between `lastUpdateSeconds` and its slot was not measured and becomes
 * unknown: rrdtool alone would fill one missing slot with the value of the next, and drop the first row after two.
 *
 * Throws RrdTooEarly when the file holds later rows, RrdOtherShape, RrdDamaged, or the error of the file system.
 */
export function addRow(
	path: string,
	shape: RrdShape,
	lastUpdateSeconds: number,
	measurement: StoredMeasurement,
	calls?: FileCalls,
): void {
	const { startSeconds, stepSeconds, pings, loss, medianSeconds, received } = measurement;
	if (lastUpdateSeconds < startSeconds) endGap(path, shape, startSeconds, pings);
	const row = smokepingRow(pings, loss, medianSeconds, received);
	updateRrd(path, startSeconds + stepSeconds, row, shape, calls);
}

function endGap(path: string, shape: RrdShape, atSeconds: number, pings: number): void {
	try {
		updateRrd(path, atSeconds, unknownRow(pings), shape);
	} catch (error) {
		// Somebody else has written to the file: there is no gap.
		if (!(error instanceof RrdTooEarly)) throw error;
	}
}
