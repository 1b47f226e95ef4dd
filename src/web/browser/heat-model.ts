/** What a heatmap shows: how often which round-trip times were, over time. Knows no document. */

/** An hour or a day, as the API tells it. */
export interface HeatSpell {
	/** Since the epoch. */
	readonly time: number;
	/** Seconds. */
	readonly span: number;
	readonly schema: number;
	/** `[i, count]`: 2^((i-1)/2^schema) < seconds <= 2^(i/2^schema). */
	readonly buckets: readonly (readonly [index: number, count: number])[];
	readonly sent: number;
	readonly lost: number;
}

export type HeatWidth = 'hour' | 'day' | 'week';

/** The answers of one order in one column. */
export interface HeatColumn {
	/** Pings that were answered. */
	readonly count: number;
	readonly sent: number;
	readonly lost: number;
	/** By bucket; shares of all answers of the column. */
	readonly shares: ReadonlyMap<number, number>;
	/** Seconds that 10, 50, 90 and 99 % of the answers did not exceed; empty without an answer. */
	readonly quantiles: readonly number[];
}

export interface HeatMap {
	/** Rows are buckets of this schema. */
	readonly schema: number;
	/** The lowest and the highest bucket that has something in it. */
	readonly lowest: number;
	readonly highest: number;
	readonly columns: readonly {
		readonly startSeconds: number;
		readonly endSeconds: number;
		/** In the order in which they were asked for; null: nothing is kept of that time. */
		readonly orders: readonly (HeatColumn | null)[];
	}[];
}

export interface HeatHistory {
	readonly hours: readonly HeatSpell[];
	readonly days: readonly HeatSpell[];
}

export const heatQuantiles = [0.1, 0.5, 0.9, 0.99] as const;

const spans: Readonly<Record<HeatWidth, number>> = { hour: 3600, day: 86_400, week: 604_800 };
/** Monday, the 5th of January 1970. */
const firstMonday = 4 * 86_400;
const rowsMax = 120;

/** The upper bound of a bucket, seconds. */
export function boundOf(index: number, schema: number): number {
	return 2 ** (index / 2 ** schema);
}

/**
 * One or several orders in columns of an hour, a day or a week. Hours count where there are such, else days; nothing
 * counts twice. Null: there are no answers.
 */
export function heatMapOf(
	histories: readonly HeatHistory[],
	width: HeatWidth,
	{ startSeconds, endSeconds }: { readonly startSeconds: number; readonly endSeconds: number },
): HeatMap | null {
	const all = histories.map((history) =>
		spellsOf(history, width).filter(({ time, span }) => time < endSeconds && time + span > startSeconds),
	);
	const full = all.flat().filter(({ buckets }) => buckets.length > 0);
	if (full.length === 0) return null;
	const schema = commonSchema(full);
	const byOrder = all.map((spells) => byColumn(spells, width));
	const starts = [...new Set(byOrder.flatMap((columns) => [...columns.keys()]))].sort((a, b) => a - b);
	const indexes = full.flatMap((spell) =>
		spell.buckets.map(([index]) => coarser(index, spell.schema - schema)),
	);
	return {
		schema,
		lowest: indexes.reduce((a, b) => Math.min(a, b)),
		highest: indexes.reduce((a, b) => Math.max(a, b)),
		columns: starts.map((start) => ({
			startSeconds: start,
			endSeconds: start + spans[width],
			orders: byOrder.map((columns) => columnOf(columns.get(start), schema)),
		})),
	};
}

function spellsOf({ hours, days }: HeatHistory, width: HeatWidth): readonly HeatSpell[] {
	if (width === 'hour') return hours;
	const hourly = new Set(hours.map(({ time }) => Math.floor(time / 86_400) * 86_400));
	return [...days.filter(({ time }) => !hourly.has(time)), ...hours];
}

function byColumn(spells: readonly HeatSpell[], width: HeatWidth): Map<number, HeatSpell[]> {
	const columns = new Map<number, HeatSpell[]>();
	for (const spell of spells) {
		const start = columnStart(spell.time, width);
		const column = columns.get(start);
		if (column === undefined) columns.set(start, [spell]);
		else column.push(spell);
	}
	return columns;
}

function columnStart(seconds: number, width: HeatWidth): number {
	const offset = width === 'week' ? firstMonday : 0;
	return Math.floor((seconds - offset) / spans[width]) * spans[width] + offset;
}

/** The coarsest of all, and so coarse that the rows can be seen. */
function commonSchema(spells: readonly HeatSpell[]): number {
	let schema = spells.reduce((least, spell) => Math.min(least, spell.schema), 4);
	const rows = () => {
		const all = spells.flatMap((spell) =>
			spell.buckets.map(([index]) => coarser(index, spell.schema - schema)),
		);
		return all.reduce((a, b) => Math.max(a, b)) - all.reduce((a, b) => Math.min(a, b));
	};
	while (schema > -2 && rows() > rowsMax) schema--;
	return schema;
}

function coarser(index: number, steps: number): number {
	return Math.ceil(index / 2 ** steps) || 0;
}

function columnOf(spells: readonly HeatSpell[] | undefined, schema: number): HeatColumn | null {
	if (spells === undefined) return null;
	const counts = new Map<number, number>();
	let [count, sent, lost] = [0, 0, 0];
	for (const spell of spells) {
		sent += spell.sent;
		lost += spell.lost;
		for (const [index, one] of spell.buckets) {
			const row = coarser(index, spell.schema - schema);
			counts.set(row, (counts.get(row) ?? 0) + one);
			count += one;
		}
	}
	const sorted = [...counts].sort(([a], [b]) => a - b);
	return {
		...{ count, sent, lost },
		shares: new Map(sorted.map(([row, one]) => [row, one / count])),
		quantiles: count === 0 ? [] : heatQuantiles.map((share) => quantileOf(sorted, count * share, schema)),
	};
}

/** Within a bucket it grows exponentially, as the buckets do. */
function quantileOf(
	sorted: readonly (readonly [index: number, count: number])[],
	rank: number,
	schema: number,
): number {
	let below = 0;
	for (const [index, count] of sorted) {
		if (below + count >= rank) return boundOf(index - 1 + Math.max(0, rank - below) / count, schema);
		below += count;
	}
	return boundOf(sorted.at(-1)?.[0] ?? 0, schema);
}

/** How strongly a share shows, 0 to 1: what is rare is seen, too. */
export function heatStrength(share: number): number {
	return share <= 0 ? 0 : Math.min(1, 0.12 + 0.88 * Math.sqrt(Math.min(1, share * 2)));
}

/** The width of columns that suits a span: some dozens of them. */
export function usualWidth(spanSeconds: number): HeatWidth {
	return spanSeconds <= 5 * 86_400 ? 'hour' : spanSeconds <= 120 * 86_400 ? 'day' : 'week';
}
