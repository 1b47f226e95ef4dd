/** What a smoke graph shows, for the browser and for pictures that the server draws. Knows no document. */

/** Rows of equal length that follow each other. NaN: unknown. */
export interface SmokeData {
	/** Start of the first row, since the epoch. */
	readonly startSeconds: number;
	readonly stepSeconds: number;
	readonly rows: number;
	/** Of a measurement. */
	readonly pings: number;
	/** Since when the order is measured, since the epoch; left out: since the first row that is known. */
	readonly sinceSeconds?: number;
	/** Lost pings of a measurement; averages need not be whole. */
	readonly loss: ArrayLike<number>;
	/** Seconds. */
	readonly median: ArrayLike<number>;
	/** Seconds: of ping 1 to N, as main.rrd has them: sorted, the lost ones half before and half after the others. */
	readonly rtts: readonly ArrayLike<number>[];
}

/** What lies between two quantiles of the pings. */
export interface Band {
	/** Seconds. */
	readonly low: number;
	readonly high: number;
	/** From 0, the outermost, to 1, the innermost. */
	readonly depth: number;
}

/** Whether there was no measurement. */
export function isUnknownRow({ loss }: SmokeData, row: number): boolean {
	return Number.isNaN(loss[row] ?? Number.NaN);
}

/** The first row of which something should be known: nothing is missing of the time before an order began. */
export function firstDueRow(data: SmokeData): number {
	let known = 0;
	while (known < data.rows && isUnknownRow(data, known)) known++;
	const { sinceSeconds, startSeconds, stepSeconds } = data;
	// Where nothing is known at all, all of it is missing.
	if (sinceSeconds === undefined) return known === data.rows ? 0 : known;
	return Math.max(0, Math.min(known, Math.floor((sinceSeconds - startSeconds) / stepSeconds)));
}

/**
 * The smoke of a row, outermost first: between the first and the last ping, the second and the last but one, and so on.
 * Where the outer one of a pair was lost the nearest one that was answered stands for it.
 */
export function bandsAt({ rtts, pings }: SmokeData, row: number): Band[] {
	const pairs = Math.floor(pings / 2);
	const bands: Band[] = [];
	for (let pair = 0; pair < pairs; pair++) {
		const [low, high] = [rtts[pair]?.[row] ?? Number.NaN, rtts[pings - 1 - pair]?.[row] ?? Number.NaN];
		if (Number.isNaN(low) && Number.isNaN(high)) continue;
		const from = Number.isNaN(low) ? inwards(rtts, row, pair, 1) : low;
		const to = Number.isNaN(high) ? inwards(rtts, row, pings - 1 - pair, -1) : high;
		if (Number.isNaN(from) || Number.isNaN(to)) continue;
		bands.push({ low: Math.min(from, to), high: Math.max(from, to), depth: (pair + 1) / pairs });
	}
	return bands;
}

function inwards(rtts: SmokeData['rtts'], row: number, from: number, direction: 1 | -1): number {
	for (let ping = from; ping >= 0 && ping < rtts.length; ping += direction) {
		const value = rtts[ping]?.[row] ?? Number.NaN;
		if (!Number.isNaN(value)) return value;
	}
	return Number.NaN;
}

/** The longest of a row, seconds; NaN: nothing was answered. */
export function highestAt(data: SmokeData, row: number): number {
	return inwards(data.rtts, row, data.pings - 1, -1);
}

/** How a height is chosen: so that the medians stand out, or that nothing is cut off. */
export type Fit = 'median' | 'all';

/** Where a graph of some rows should end, seconds; 0 when nothing was answered. */
export function heightOf(data: SmokeData, fromRow: number, toRow: number, fit: Fit = 'median'): number {
	let median = 0;
	const tops: number[] = [];
	for (let row = Math.max(0, fromRow); row < Math.min(data.rows, toRow); row++) {
		const value = data.median[row] ?? Number.NaN;
		if (!Number.isNaN(value)) median = Math.max(median, value);
		const top = highestAt(data, row);
		if (!Number.isNaN(top)) tops.push(top);
	}
	if (tops.length === 0) return 0;
	tops.sort((a, b) => a - b);
	if (fit === 'all') return (tops.at(-1) ?? 0) * 1.05;
	// A few pings that took very long shall not press all others to the ground.
	const most = (tops[Math.floor((tops.length - 1) * 0.9)] ?? 0) * 1.1;
	return Math.max(median * 1.2, Math.min(most, median * 4));
}

/** Of a whole span: as SmokePing has them below its graphs. */
export interface SmokeNumbers {
	/** Of the medians, seconds; null: no answer. */
	readonly medianAverage: number | null;
	readonly medianMax: number | null;
	readonly medianMin: number | null;
	readonly medianNow: number | null;
	/** Shares of the pings, 0 to 1; null: nothing was measured. */
	readonly lossAverage: number | null;
	readonly lossMax: number | null;
	readonly lossNow: number | null;
	/** Share of the rows of which nothing is known, 0 to 1, since the order began. */
	readonly unknownShare: number;
}

/** The numbers of a span. `now` is the last row that is known. */
export function numbersOf(data: SmokeData): SmokeNumbers {
	const medians: number[] = [];
	const losses: number[] = [];
	for (let row = 0; row < data.rows; row++) {
		if (isUnknownRow(data, row)) continue;
		losses.push((data.loss[row] ?? 0) / data.pings);
		const median = data.median[row] ?? Number.NaN;
		if (!Number.isNaN(median)) medians.push(median);
	}
	const most = (list: readonly number[]) =>
		list.length === 0 ? null : list.reduce((a, b) => Math.max(a, b));
	const mean = (list: readonly number[]) =>
		list.length === 0 ? null : list.reduce((sum, one) => sum + one, 0) / list.length;
	return {
		medianAverage: mean(medians),
		medianMax: most(medians),
		medianMin: medians.length === 0 ? null : medians.reduce((a, b) => Math.min(a, b)),
		medianNow: medians.at(-1) ?? null,
		lossAverage: mean(losses),
		lossMax: most(losses),
		lossNow: losses.at(-1) ?? null,
		unknownShare: losses.length === 0 ? 0 : 1 - losses.length / (data.rows - firstDueRow(data)),
	};
}
