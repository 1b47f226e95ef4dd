import { slotsOfRows } from '../history/rows.ts';
import { readRing, type SlotRecord } from '../history/slot-ring.ts';
import { errorCode } from '../model/errno.ts';
import { readRrdHeader } from '../rrd/index.ts';
import { reachOf, readSlotRows } from './catch-up.ts';
import { readSlotsFile, readSlotsHeader } from './history-files.ts';
import { mainRrdName } from './main-rrd.ts';
import { readSlots } from './read-history.ts';

/** Single slots of an order as far back as there are any: never an average. */
export interface PastSlots {
	readonly stepSeconds: number;
	readonly pings: number;
	/** One after the other, the oldest first; those that were not measured are among them. */
	readonly records: readonly SlotRecord[];
	/** Slots before this one come from main.rrd, those from it on from `slots`. Seconds since the epoch. */
	readonly slotsFromSeconds: number;
}

/**
 * The single slots that begin from `startSeconds` up to before `endSeconds`: of the file `slots`, and before them of
 * main.rrd. Null when there are none. Throws RrdDamaged, or the error of the file system.
 */
export function readPastSlots(folder: string, startSeconds: number, endSeconds: number): PastSlots | null {
	const ring = readSlotsHeader(folder);
	const rrd = rrdOf(folder);
	const shape = ring ?? rrd;
	if (shape === null) return null;
	const { stepSeconds, pings } = shape;
	const later = readSlots(folder, startSeconds, endSeconds);
	const slotsFromSeconds = ring === null ? Number.POSITIVE_INFINITY : firstKnown(folder, endSeconds);
	const earlier =
		rrd === null || rrd.stepSeconds !== stepSeconds
			? []
			: before(folder, rrd, later, startSeconds, endSeconds);
	const records = [...earlier, ...later];
	return records.length === 0 ? null : { stepSeconds, pings, records, slotsFromSeconds };
}

interface Rrd {
	readonly stepSeconds: number;
	readonly pings: number;
	readonly header: ReturnType<typeof readRrdHeader>;
}

function rrdOf(folder: string): Rrd | null {
	try {
		const header = readRrdHeader(`${folder}/${mainRrdName}`);
		const { stepSeconds, dataSources } = header.shape;
		// loss and median stand before those of the pings.
		return { stepSeconds, pings: dataSources.length - 2, header };
	} catch (error) {
		if (errorCode(error) === 'ENOENT') return null;
		throw error;
	}
}

/** The first slot of the file `slots` that was measured. */
function firstKnown(folder: string, endSeconds: number): number {
	const all = readRing(readSlotsFile(folder) ?? Buffer.alloc(0), 0, endSeconds);
	return all.find(({ loss }) => loss !== null)?.timeSeconds ?? Number.POSITIVE_INFINITY;
}

/** What main.rrd holds of single slots before those. */
function before(
	folder: string,
	{ stepSeconds, header: { shape, lastUpdateSeconds } }: Rrd,
	later: readonly SlotRecord[],
	startSeconds: number,
	endSeconds: number,
): readonly SlotRecord[] {
	const rowsEnd = Math.floor(lastUpdateSeconds / stepSeconds) * stepSeconds;
	const oldest = Math.max(startSeconds, rowsEnd - reachOf(shape), 0);
	const from = Math.ceil(oldest / stepSeconds) * stepSeconds;
	const to = Math.min(later[0]?.timeSeconds ?? rowsEnd, Math.ceil(endSeconds / stepSeconds) * stepSeconds);
	if (from >= to) return [];
	const rows = slotsOfRows(readSlotRows(`${folder}/${mainRrdName}`, shape, lastUpdateSeconds, from, to));
	const first = rows.findIndex(({ loss }) => loss !== null);
	return first < 0 ? [] : rows.slice(first);
}
