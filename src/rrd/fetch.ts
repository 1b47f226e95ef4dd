import { constants } from 'node:fs';
import { RrdDamaged } from './errors.ts';
import { nodeCalls, openRrd } from './file.ts';
import { loadHeader, type OpenRrd, readU64 } from './header.ts';
import type { ArchiveLayout } from './layout.ts';
import type { Consolidation } from './shape.ts';

/** What to fetch. */
export interface FetchQuery {
	readonly consolidation: Consolidation;
	/** Since the epoch. */
	readonly startSeconds: number;
	/** Since the epoch; not before the start. */
	readonly endSeconds: number;
	/** The length of the rows that are wanted; what is nearest is taken. Default: the shortest. */
	readonly resolutionSeconds?: number;
}

/** What was fetched. */
export interface FetchedRows {
	/** The start asked for, rounded down to a row. The first row ends one step later. Since the epoch. */
	readonly startSeconds: number;
	/** The end of the last row: the first one after the end asked for. Since the epoch. */
	readonly endSeconds: number;
	/** The length of a row. */
	readonly stepSeconds: number;
	/** Of the data sources. */
	readonly names: readonly string[];
	/** Row by row, one value for each data source; NaN: unknown. */
	readonly values: Float64Array;
}

/** More would be a mistake, and would not fit into memory. */
const mostValues = 32 * 1024 * 1024;

/**
 * Reads the rows of a span of time, as `rrdtool fetch` does: from the archive that fits best, with unknown rows where
 * it does not reach.
 *
 * Throws RrdDamaged, a RangeError if no archive has the consolidation or the span is not one or far too long, or the
 * error of the file system.
 */
export function fetchRrd(path: string, query: FetchQuery, calls = nodeCalls): FetchedRows {
	checkQuery(query);
	const fd = openRrd(path, constants.O_RDONLY, calls);
	try {
		const file = loadHeader(path, fd, calls);
		const archive = bestArchive(file, query);
		if (archive === undefined) throw new RangeError(`${path}: no archive of ${query.consolidation}`);
		return readRows(file, archive, query);
	} finally {
		calls.close(fd);
	}
}

function checkQuery(query: FetchQuery): void {
	const { startSeconds, endSeconds } = query;
	if (!Number.isSafeInteger(startSeconds) || !Number.isSafeInteger(endSeconds) || startSeconds < 0) {
		throw new RangeError(`${startSeconds} to ${endSeconds} are not whole seconds since the epoch`);
	}
	if (endSeconds < startSeconds)
		throw new RangeError(`the end ${endSeconds} is before the start ${startSeconds}`);
}

/**
 * Of the archives that hold the whole span the one of the nearest resolution; where there is none, of those that
 * hold the most of it the one of the nearest resolution. The first of equals.
 */
function bestArchive({ layout, header }: OpenRrd, query: FetchQuery): ArchiveLayout | undefined {
	const lastSeconds = readU64(header.halves, layout.liveWord);
	const { startSeconds, endSeconds, resolutionSeconds = 1 } = query;
	let best: { archive: ArchiveLayout; held: number; difference: number } | undefined;
	for (const archive of layout.archives) {
		if (archive.consolidation !== query.consolidation && archive.stepsPerRow > 1) continue;
		const rowSeconds = layout.shape.stepSeconds * archive.stepsPerRow;
		const to = lastSeconds - (lastSeconds % rowSeconds);
		const from = to - rowSeconds * archive.rows;
		const held = endSeconds - Math.max(startSeconds, from);
		const difference = Math.abs(resolutionSeconds - rowSeconds);
		if (best === undefined || held > best.held || (held === best.held && difference < best.difference)) {
			best = { archive, held, difference };
		}
	}
	return best?.archive;
}

function readRows(
	{ path, fd, calls, layout, header }: OpenRrd,
	archive: ArchiveLayout,
	query: FetchQuery,
): FetchedRows {
	const lastSeconds = readU64(header.halves, layout.liveWord);
	const pointer = readU64(header.halves, archive.pointerWord);
	const names = layout.shape.dataSources.map((source) => source.name);
	const stepSeconds = layout.shape.stepSeconds * archive.stepsPerRow;
	const startRow = Math.floor(query.startSeconds / stepSeconds);
	const endRow = Math.floor(query.endSeconds / stepSeconds) + 1;
	const newestRow = Math.floor(lastSeconds / stepSeconds);
	const valueCount = (endRow - startRow) * names.length;
	if (valueCount > mostValues) throw new RangeError(`${path}: too many rows: ${endRow - startRow}`);
	const values = new Float64Array(valueCount).fill(Number.NaN);
	// Rows are numbered by their end, in units of their length since the epoch.
	const from = Math.max(startRow + 1, newestRow - archive.rows + 1);
	const to = Math.min(endRow, newestRow);
	for (let row = from; row <= to; ) {
		const index = (pointer + archive.rows - (newestRow - row)) % archive.rows;
		const count = Math.min(to - row + 1, archive.rows - index);
		const target = new Uint8Array(
			values.buffer,
			(row - startRow - 1) * layout.rowBytes,
			count * layout.rowBytes,
		);
		const read = calls.read(fd, target, 0, target.length, archive.rowsOffset + index * layout.rowBytes);
		if (read < target.length) throw new RrdDamaged(path, 'became shorter while it was read');
		row += count;
	}
	return {
		startSeconds: startRow * stepSeconds,
		endSeconds: endRow * stepSeconds,
		stepSeconds,
		names,
		values,
	};
}
