/** Numbers and states in words, for the server and the browser alike. Pure. */
import type { Counts, Folder } from './arrange.ts';
import {
	ageOf,
	isLate,
	lossOf,
	type Now,
	type Row,
	type Spark,
	type StateName,
	sparkSlots,
	stateNames,
} from './rows.ts';

/** Each state has a sign and a word of its own: colour only helps. */
export const signs: Readonly<Record<StateName, string>> = {
	rejected: '\u2298',
	failing: '\u2715',
	down: '\u25a0',
	loss: '\u25b2',
	waiting: '\u25cb',
	measuring: '\u25cf',
};

/** How numbers are written where somebody reads. */
export interface Writer {
	/** Round-trip time. */
	rtt(seconds: number | null): string;
	/** A share from 0 to 1. */
	share(value: number | null): string;
	/** How long ago. */
	age(seconds: number | null): string;
	count(value: number): string;
}

/** Undefined: as the browser has it. */
export function writerFor(locale: string | undefined): Writer {
	const digits = [2, 1, 0].map((most) => {
		return new Intl.NumberFormat(locale, { minimumFractionDigits: most, maximumFractionDigits: most });
	});
	const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
	const whole = new Intl.NumberFormat(locale);
	return {
		rtt: (seconds) => {
			if (seconds === null) return '\u2013';
			const ms = seconds * 1000;
			if (ms < 0.995) return `${whole.format(Math.round(ms * 1000))} \u00b5s`;
			return `${(digits[ms < 9.995 ? 0 : ms < 99.95 ? 1 : 2] as Intl.NumberFormat).format(ms)} ms`;
		},
		share: (value) => (value === null ? '\u2013' : percent.format(value)),
		age: (seconds) => (seconds === null ? '\u2013' : ageIn(seconds, whole)),
		count: (value) => whole.format(value),
	};
}

function ageIn(seconds: number, whole: Intl.NumberFormat): string {
	if (seconds < 100) return `${whole.format(Math.floor(seconds))} s`;
	if (seconds < 6000) return `${whole.format(Math.floor(seconds / 60))} min`;
	if (seconds < 172_800) return `${whole.format(Math.floor(seconds / 3600))} h`;
	return `${whole.format(Math.floor(seconds / 86_400))} d`;
}

/** Why an order is in trouble; empty: it is not. */
export function reasonOf(row: Row, now: Now): string {
	if (row.reason !== '') return row.reason;
	return !row.isRejected && isLate(row, now) ? 'no result for more than two steps' : '';
}

/** What is wrong in a folder: `1 down, 2 loss`. */
export function countsText(counts: Counts, writer: Writer): string {
	const some = stateNames.filter((name) => counts[name] > 0 && name !== 'measuring');
	if (some.length === 0) return 'all measuring';
	return some.map((name) => `${signs[name]} ${writer.count(counts[name])} ${name}`).join(', ');
}

/** The worst that is in a folder. */
export function worstOf(counts: Counts): StateName {
	return stateNames.find((name) => counts[name] > 0) ?? 'measuring';
}

/** Text of the number columns. */
export function numbersOf(row: Row, now: Now, writer: Writer): { loss: string; median: string; age: string } {
	const loss = lossOf(row);
	return {
		loss: writer.share(loss),
		median: writer.rtt(row.medianSeconds),
		age: writer.age(ageOf(row, now)),
	};
}

export function folderLoss({ lost, sent }: Folder): number | null {
	return sent === 0 ? null : lost / sent;
}

/** 0: none, to 4: all. */
export function lossStep(loss: number | null): number {
	if (loss === null || loss <= 0) return 0;
	if (loss >= 1) return 4;
	return loss < 0.05 ? 1 : loss < 0.25 ? 2 : 3;
}

export const sparkWidth = 120;
export const sparkHeight = 20;

export interface SparkPaths {
	readonly line: string;
	/** From the bottom up, as high as the loss. */
	readonly loss: string;
	/** For those who do not see it. */
	readonly label: string;
}

/** Paths of a picture of `sparkWidth` times `sparkHeight`. */
export function sparkPaths({ medians, losses }: Spark, writer: Writer): SparkPaths {
	const known = medians.filter((median) => median !== null);
	const [low, high] = [Math.min(...known), Math.max(...known)];
	// A quiet line stays quiet: what differs by little looks so.
	const span = Math.max(high - low, high * 0.5, 1e-6);
	const middle = (low + high) / 2;
	const each = sparkWidth / sparkSlots;
	const first = sparkSlots - medians.length;
	const yOf = (median: number) => tenth(sparkHeight / 2 - ((median - middle) / span) * (sparkHeight - 4));
	let line = '';
	let loss = '';
	let isOpen = false;
	for (const [at, median] of medians.entries()) {
		const x = tenth((first + at) * each);
		if (median !== null) line += `${isOpen ? 'L' : 'M'}${x} ${yOf(median)}h${tenth(each)}`;
		isOpen = median !== null;
		const lost = losses[at] ?? 0;
		if (lost > 0)
			loss += `M${x} ${sparkHeight}v-${tenth(Math.max(3, lost * sparkHeight))}h${tenth(each)}V${sparkHeight}z`;
	}
	return { line, loss, label: labelOf(known, losses, low, high, writer) };
}

function labelOf(
	known: readonly number[],
	losses: readonly (number | null)[],
	low: number,
	high: number,
	writer: Writer,
): string {
	const withLoss = losses.filter((loss) => (loss ?? 0) > 0).length;
	const range = known.length === 0 ? 'no answers' : `${writer.rtt(low)} to ${writer.rtt(high)}`;
	return withLoss === 0
		? range
		: `${range}, loss in ${writer.count(withLoss)} of ${writer.count(losses.length)} slots`;
}

function tenth(value: number): number {
	return Math.round(value * 10) / 10;
}
