import { readStoredOrder } from '../../../store/series.ts';
import { folderOf, reading } from '../../api/history-routes.ts';
import { type Columns, seriesColumns, type Wanted } from '../../api/series-columns.ts';
import type { WebParts } from '../../web-parts.ts';

/** Rows of single slots that every main.rrd has, at least. */
const singleSlots = 860;
const pointsMax = 10_000;

/**
 * As `seriesColumns`, but for eyes: where long rows would show nothing of a young order, or not yet the last minutes,
 * what single slots say stands there. Throws `RequestFault`.
 */
export function graphColumns(parts: WebParts, id: string, wanted: Wanted): Columns {
	const columns = seriesColumns(parts, id, wanted);
	const { stepSeconds, lastUpdateSeconds } = reading(() => readStoredOrder(folderOf(parts, id)));
	if (columns.step <= stepSeconds) return columns;
	const finest = lastUpdateSeconds - singleSlots * stepSeconds;
	const end = wanted.end ?? lastUpdateSeconds;
	if (isBlankBefore(columns, finest) && finest < end) {
		const start = Math.max(wanted.start ?? 0, finest);
		const fine = seriesColumns(parts, id, { ...wanted, start });
		if (fine.step < columns.step) return fine;
	}
	const done = columns.start + columns.rows * columns.step;
	// The last row may be so long that it is not over for hours.
	if (done >= Math.min(end, lastUpdateSeconds) || done < finest) return columns;
	return joined(columns, seriesColumns(parts, id, { start: done, end, points: pointsMax }));
}

function isBlankBefore({ start, step, rows, columns }: Columns, seconds: number): boolean {
	const loss = columns[0];
	for (let row = 0; row < rows && start + (row + 1) * step <= seconds; row++)
		if (!Number.isNaN(loss?.[row] ?? Number.NaN)) return false;
	return true;
}

/** What comes after, in rows as long as those before: the mean of what is known. */
function joined(before: Columns, after: Columns): Columns {
	const { start, step, rows, names } = before;
	const end = after.start + after.rows * after.step;
	const more = Math.max(0, Math.ceil((end - (start + rows * step)) / step));
	const columns = before.columns.map((column, at) => {
		const sums = new Float64Array(more);
		const counts = new Float64Array(more);
		for (const [row, value] of (after.columns[at] ?? []).entries()) {
			const to = Math.floor((after.start + row * after.step - start) / step) - rows;
			if (Number.isNaN(value) || to < 0 || to >= more) continue;
			sums[to] = (sums[to] ?? 0) + value;
			counts[to] = (counts[to] ?? 0) + 1;
		}
		const longer = new Float64Array(rows + more);
		longer.set(column);
		// Nothing known is 0 / 0, which is NaN.
		longer.set(
			sums.map((sum, to) => sum / (counts[to] ?? 0)),
			rows,
		);
		return longer;
	});
	return { start, step, rows: rows + more, names, columns };
}
