import type { Option } from 'commander';
import { nearest } from '../../model/nearest.ts';
import { spanForms, spanSeconds } from '../../model/span.ts';
import { CommandProblem } from '../shared/find-orders.ts';
import { choice } from '../shared/option-choices.ts';
import { readTime } from '../shared/times.ts';
import { type GraphFileKind, kindOfFile } from './file.ts';

/** As typed. */
export interface GraphOptions {
	readonly basedir: string;
	readonly period?: string | undefined;
	readonly start?: string | undefined;
	readonly end?: string | undefined;
	readonly out?: string | undefined;
	readonly size?: string | undefined;
	readonly title?: string | undefined;
	/** Points of presence are compared, also where there is a graph of this machine. */
	readonly pops?: boolean | undefined;
	/** Of an `out` whose name does not tell. */
	readonly kind?: GraphFileKind | undefined;
}

/** Which span of time is drawn. */
export interface GraphSpan {
	/** Since the epoch. Null: `periodSeconds` before the end. */
	readonly startSeconds: number | null;
	/** Since the epoch. Null: now, or for archived orders the last measurement. */
	readonly endSeconds: number | null;
	/** Null: the shortest of the usual periods in which something was measured. */
	readonly period: Period | null;
}

/** How long, and how that is called; the name is empty where the times say it better. */
interface Period {
	readonly seconds: number;
	readonly name: string;
}

/** Shortest first. */
const usualPeriods: readonly Period[] = [
	{ name: 'hour', seconds: 3600 },
	{ name: 'day', seconds: 86_400 },
	{ name: 'week', seconds: 7 * 86_400 },
	{ name: 'month', seconds: 30 * 86_400 },
	{ name: 'year', seconds: 365 * 86_400 },
];

const periodNames = usualPeriods.map(({ name }) => name);

export function periodOption(flags: string): Option {
	const what = 'how long, also such as 30h or 90min (default: the shortest of these that has measurements)';
	return choice(flags, what, periodNames);
}

/** Throws `CommandProblem`. */
export function readSpan({ period, start, end }: GraphOptions, nowSeconds: number): GraphSpan {
	if (start !== undefined && period !== undefined) {
		throw new CommandProblem('--start and --period exclude each other: leave out one');
	}
	const startSeconds = start === undefined ? null : readTime('--start', start, nowSeconds);
	const endSeconds = end === undefined ? null : readTime('--end', end, nowSeconds);
	return { startSeconds, endSeconds, period: period === undefined ? null : readPeriod(period) };
}

function readPeriod(text: string): Period {
	const usual = usualPeriods.find(({ name }) => name === text);
	if (usual !== undefined) return usual;
	const seconds = Math.round(spanSeconds(text) ?? 0);
	if (seconds > 0 && seconds < 1e10) return { seconds, name: '' };
	const near = nearest(text, periodNames);
	const hint = near === null ? '' : `. Did you mean ${near}?`;
	throw new CommandProblem(
		`--period: must be ${periodNames.join(', ')}, or ${spanForms}, not ${JSON.stringify(text)}${hint}`,
	);
}

/** rrdtool knows no earlier times, and takes for ever to label later ones (the year 3000). */
const [earliestSeconds, latestSeconds] = [315_360_001, 32_503_680_000];

/** Since the epoch; `name` as of a period. */
export interface Times {
	readonly startSeconds: number;
	readonly endSeconds: number;
	readonly name: string;
}

/**
 * The span for one order.
 *
 * @param lastSeconds where it ends if nothing else is said, since the epoch
 * @param isKnown whether something was measured in a span
 *
 * Throws `CommandProblem` when there is no such span.
 */
export function spanOf(span: GraphSpan, lastSeconds: number, isKnown: (times: Times) => boolean): Times {
	const endSeconds = span.endSeconds ?? lastSeconds;
	const back = ({ seconds, name }: Period) =>
		checked({
			startSeconds: endSeconds - seconds,
			endSeconds,
			name: span.endSeconds === null && name !== '' ? `last ${name}` : '',
		});
	if (span.startSeconds !== null) return checked({ startSeconds: span.startSeconds, endSeconds, name: '' });
	if (span.period !== null) return back(span.period);
	return usualPeriods.map(back).find(isKnown) ?? back(emptyPeriod);
}

/** What is shown where nothing was measured for longer than any usual period. */
const emptyPeriod: Period = { name: 'day', seconds: 86_400 };

function checked(times: Times): Times {
	const { startSeconds, endSeconds } = times;
	if (startSeconds >= endSeconds) throw new CommandProblem('the start is not before the end');
	if (startSeconds < earliestSeconds) throw new CommandProblem('the start is before 1980');
	if (endSeconds > latestSeconds) throw new CommandProblem('the end is after the year 2999');
	return times;
}

/** In pixels. Throws `CommandProblem`. */
export function readSize(text: string | undefined): { width: number; height: number } | null {
	if (text === undefined) return null;
	const [, width = 0, height = 0] = (/^(\d{1,5})x(\d{1,5})$/i.exec(text) ?? []).map(Number);
	if (width >= 480 && height >= 240 && width <= 10_000 && height <= 10_000) return { width, height };
	throw new CommandProblem(
		`--size: must be WIDTHxHEIGHT in pixels, from 480x240 to 10000x10000, not ${JSON.stringify(text)}`,
	);
}

/** The kind of the file to write. Throws `CommandProblem` when its name does not tell, or does not fit. */
export function readKind(out: string, fallback: GraphFileKind | undefined, orders: number): GraphFileKind {
	const kind = kindOfFile(out) ?? fallback;
	if (orders > 1 && kind !== 'html') {
		throw new CommandProblem(`--out: several graphs make a page: name a file that ends in .html, not ${out}`);
	}
	if (kind === undefined) throw new CommandProblem(`--out: must end in .png, .svg or .html: ${out}`);
	return kind;
}
