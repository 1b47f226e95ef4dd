import { lstatSync } from 'node:fs';
import {
	createRrd,
	RrdDamaged,
	type RrdShape,
	RrdTooEarly,
	readRrdHeader,
	sameShape,
	updateRrd,
} from '../rrd/index.ts';
import { errorCode, reasonOf } from './complaints.ts';
import { mainRrdShape, shapedTemplates, smokepingRow, unknownRow } from './main-rrd-shape.ts';
import type { StoredMeasurement } from './packed-measurements.ts';
import { setAside } from './set-aside.ts';

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
	/** That of `shapes` which it has. */
	readonly shape: RrdShape;
}

/**
 * Sees to it that a folder has a main.rrd of one of these shapes, one of the first of them that begins at
 * `startSeconds` if it has to be made. What cannot be continued is kept under a dated name; `onCorrupted` is told the name and the reason.
 *
 * Throws the error of the file system.
 */
export function prepareMainRrd(
	folder: string,
	shapes: readonly [RrdShape, ...RrdShape[]],
	startSeconds: number,
	stamp: string,
	onCorrupted: (kept: string, reason: string) => void,
): PreparedRrd {
	const verdict = judge(`${folder}/${mainRrdName}`, shapes);
	if (verdict !== null && 'lastUpdateSeconds' in verdict) return { ...verdict, isNew: false };
	if (verdict?.not === 'former') setAside(folder, mainRrdName, stamp);
	if (verdict?.not === 'corrupted') onCorrupted(setAsideCorrupted(folder, stamp), verdict.reason);
	createRrd(`${folder}/${mainRrdName}`, shapes[0], startSeconds);
	return { lastUpdateSeconds: startSeconds, isNew: true, shape: shapes[0] };
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
		const header = readRrdHeader(path);
		const shape = shapes.find((one) => sameShape(header.shape, one));
		if (shape !== undefined) return { lastUpdateSeconds: header.lastUpdateSeconds, shape };
		if (isOfSomeOrder(header.shape)) return { not: 'former' };
		return { not: 'corrupted', reason: 'its data sources and archives are not those of a main.rrd' };
	} catch (error) {
		const reason = damageIn(error);
		if (reason === null) throw error;
		return { not: 'corrupted', reason };
	}
}

/** True for the shape that some step and number of pings would give. */
function isOfSomeOrder(shape: RrdShape): boolean {
	const pings = shape.dataSources.length - 2;
	if (pings < 1) return false;
	return shapedTemplates.some((template) =>
		sameShape(shape, mainRrdShape(template, shape.stepSeconds, pings)),
	);
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
): void {
	const { startSeconds, stepSeconds, pings, loss, medianSeconds, received } = measurement;
	if (lastUpdateSeconds < startSeconds) endGap(path, shape, startSeconds, pings);
	const row = smokepingRow(pings, loss, medianSeconds, received);
	updateRrd(path, startSeconds + stepSeconds, row, shape);
}

function endGap(path: string, shape: RrdShape, atSeconds: number, pings: number): void {
	try {
		updateRrd(path, atSeconds, unknownRow(pings), shape);
	} catch (error) {
		// Somebody else has written to the file: there is no gap.
		if (!(error instanceof RrdTooEarly)) throw error;
	}
}
