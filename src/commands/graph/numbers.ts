import type { Series } from '../../store/series.ts';

/** What the legend says of one quantity; null where nothing is known. */
export interface Numbers {
	readonly average: number | null;
	readonly max: number | null;
	readonly min: number | null;
	/** The newest that is known. */
	readonly last: number | null;
}

export interface GraphNumbers {
	/** Seconds. */
	readonly median: Numbers;
	/** Standard deviation of the RTTs within a measurement, seconds. */
	readonly jitter: Numbers;
	/** Percent. */
	readonly loss: Numbers;
}

export function graphNumbers({ rows }: Series, pings: number): GraphNumbers {
	return {
		median: sumUp(rows.map(({ values }) => values[1] ?? Number.NaN)),
		jitter: sumUp(rows.map(({ values }) => deviation(values.subarray(2)))),
		loss: sumUp(rows.map(({ values }) => (100 * (values[0] ?? Number.NaN)) / pings)),
	};
}

function sumUp(values: readonly number[]): Numbers {
	let [sum, count, max, min, last]: [number, number, number | null, number | null, number | null] = [
		0,
		0,
		null,
		null,
		null,
	];
	for (const value of values) {
		if (Number.isNaN(value)) continue;
		sum += value;
		count += 1;
		max = Math.max(max ?? value, value);
		min = Math.min(min ?? value, value);
		last = value;
	}
	return { average: count === 0 ? null : sum / count, max, min, last };
}

/** NaN when fewer than two are known: one ping has no jitter. */
function deviation(rtts: Float64Array): number {
	const known = rtts.filter((rtt) => !Number.isNaN(rtt));
	if (known.length < 2) return Number.NaN;
	const mean = known.reduce((sum, rtt) => sum + rtt, 0) / known.length;
	return Math.sqrt(known.reduce((sum, rtt) => sum + (rtt - mean) ** 2, 0) / known.length);
}

/** One line of the legend, in columns. */
export function legendLine(name: string, numbers: Numbers, textOf: (value: number) => string): string {
	const column = (value: number | null) => (value === null ? '-' : textOf(value)).padStart(9);
	const { average, max, min, last } = numbers;
	return `${name.padEnd(12)}${column(average)} avg${column(max)} max${column(min)} min${column(last)} last`;
}

/** Four digits at the most, and the unit that suits them. */
export function secondsText(seconds: number): string {
	if (seconds === 0) return '0.0 ms';
	if (seconds < 0.9995e-3) return `${digits(seconds * 1e6)} us`;
	if (seconds < 0.9995) return `${digits(seconds * 1e3)} ms`;
	return `${digits(seconds)} s`;
}

function digits(value: number): string {
	return value.toFixed(value < 99.95 ? 1 : 0);
}

export function percentText(percent: number): string {
	return `${percent.toFixed(percent < 9.995 ? 2 : 1)} %`;
}
