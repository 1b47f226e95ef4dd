import { atOnce, type InPieces } from '../../model/pieces.ts';
import { lastSecondsOf, readSeries, readStoredOrder, type Series } from '../../store/series.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { folderOf, reading } from './history-routes.ts';

const usualSpanSeconds = 86_400;
export const usualPoints = 1000;
/** Numbers in one answer: more would hold others up. */
const valuesMax = 100_000;

export interface Wanted {
	/** Since the epoch; a day before the end by default. */
	readonly start?: number | undefined;
	/** By default now; of archived orders the last measurement. */
	readonly end?: number | undefined;
	/** Rows at most. */
	readonly points?: number | undefined;
}

/** main.rrd in rows of equal length that follow each other. */
export interface Columns {
	/** Of the first row, since the epoch. */
	readonly start: number;
	/** Seconds. */
	readonly step: number;
	readonly rows: number;
	readonly names: readonly string[];
	/** NaN: unknown. */
	readonly columns: readonly Float64Array[];
}

/** Throws `RequestFault`. */
export function seriesColumns(parts: WebParts, id: string, wanted: Wanted): Columns {
	return atOnce(readingColumns(parts, id, wanted));
}

/** The same in pieces. */
export function* readingColumns(parts: WebParts, id: string, wanted: Wanted): InPieces<Columns> {
	const { series, points, startSeconds } = readWanted(parts, id, wanted);
	yield;
	return yield* merged(series, points, startSeconds);
}

function readWanted(parts: WebParts, id: string, wanted: Wanted) {
	const order = folderOf(parts, id);
	const nowSeconds = Math.floor(Date.now() / 1000);
	return reading(() => {
		const stored = readStoredOrder(order);
		const endSeconds = wanted.end ?? lastSecondsOf(order, stored, nowSeconds);
		const startSeconds = wanted.start ?? Math.max(0, endSeconds - usualSpanSeconds);
		if (startSeconds >= endSeconds) throw new RequestFault(400, 'start: must be before the end');
		const points = Math.max(
			1,
			Math.min(wanted.points ?? usualPoints, Math.floor(valuesMax / (stored.pings + 2))),
		);
		const resolutionSeconds = Math.max(stored.stepSeconds, Math.ceil((endSeconds - startSeconds) / points));
		const series = readSeries(order, stored, { startSeconds, endSeconds, resolutionSeconds, nowSeconds });
		return { series, points, startSeconds };
	});
}

/** Several rows into one where there are more than are wanted: the mean of what is known. */
function* merged(
	{ names, stepSeconds, rows }: Series,
	points: number,
	startSeconds: number,
): InPieces<Columns> {
	const each = Math.max(1, Math.ceil(rows.length / points));
	const count = Math.ceil(rows.length / each);
	const columns = names.map(() => new Float64Array(count));
	for (const [column, values] of columns.entries()) {
		for (let at = 0; at < count; at++) {
			let sum = 0;
			let known = 0;
			for (let row = at * each; row < Math.min(rows.length, (at + 1) * each); row++) {
				const value = rows[row]?.values[column] ?? Number.NaN;
				if (Number.isNaN(value)) continue;
				sum += value;
				known++;
			}
			values[at] = known === 0 ? Number.NaN : sum / known;
		}
		yield;
	}
	const start = rows[0]?.timeSeconds ?? startSeconds;
	return { start, step: stepSeconds * each, rows: count, names, columns };
}
