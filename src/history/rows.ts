import type { SlotRecord } from './slot-ring.ts';
import type { Tally } from './tally.ts';

/** What main.rrd holds of slots that follow each other. */
export interface SlotRows {
	/** Start of the first slot, since the epoch. */
	readonly firstSeconds: number;
	readonly stepSeconds: number;
	/** Values of a slot: loss, median, and one for each ping. */
	readonly width: number;
	/** Slot by slot; seconds and pings; NaN: unknown. */
	readonly values: Float64Array;
}

export function rowCount({ values, width }: SlotRows): number {
	return values.length / width;
}

export function isKnownRow({ values, width }: SlotRows, row: number): boolean {
	return !Number.isNaN(values[row * width] ?? Number.NaN);
}

export function slotsOfRows(rows: SlotRows): SlotRecord[] {
	const { firstSeconds, stepSeconds, width, values } = rows;
	return Array.from({ length: rowCount(rows) }, (_, row) => {
		const timeSeconds = firstSeconds + row * stepSeconds;
		if (!isKnownRow(rows, row)) return { timeSeconds, loss: null, medianSeconds: null };
		const median = values[row * width + 1] ?? Number.NaN;
		return {
			timeSeconds,
			loss: Math.round(values[row * width] ?? 0),
			medianSeconds: Number.isNaN(median) ? null : median,
		};
	});
}

/** Counts the rows from `from` up to before `to`. */
export function countRows(tally: Tally, rows: SlotRows, from: number, to: number): void {
	for (let row = from; row < to; row++) {
		if (!isKnownRow(rows, row)) tally.addUnknown();
		else {
			const at = row * rows.width;
			tally.addCounted(Math.round(rows.values[at] ?? 0), rows.values.subarray(at + 2, at + rows.width));
		}
	}
}
