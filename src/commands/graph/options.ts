import type { Option } from 'commander';
import { nearest } from '../../model/nearest.ts';
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
	/** Of an `out` whose name does not tell. */
	readonly kind?: GraphFileKind | undefined;
}

/** Which span of time is drawn. */
export interface GraphSpan {
	/** Since the epoch. Null: `periodSeconds` before the end. */
	readonly startSeconds: number | null;
	/** Since the epoch. Null: now, or for archived orders the last measurement. */
	readonly endSeconds: number | null;
	readonly periodSeconds: number;
	/** For the title; empty where the time axis says it better. */
	readonly name: string;
}

const periods: Readonly<Record<string, number>> = {
	day: 86_400,
	week: 7 * 86_400,
	month: 30 * 86_400,
	year: 365 * 86_400,
};

export function periodOption(flags: string): Option {
	return choice(flags, 'how long, also as a number of seconds (default: day)', Object.keys(periods));
}

/** Throws `CommandProblem`. */
export function readSpan({ period, start, end }: GraphOptions, nowSeconds: number): GraphSpan {
	if (start !== undefined && period !== undefined) {
		throw new CommandProblem('--start and --period exclude each other: leave out one');
	}
	const startSeconds = start === undefined ? null : readTime('--start', start, nowSeconds);
	const endSeconds = end === undefined ? null : readTime('--end', end, nowSeconds);
	const periodSeconds = readPeriod(period ?? 'day');
	const isLast = startSeconds === null && endSeconds === null && periods[period ?? 'day'] !== undefined;
	return { startSeconds, endSeconds, periodSeconds, name: isLast ? `last ${period ?? 'day'}` : '' };
}

function readPeriod(text: string): number {
	const seconds = /^\d{1,10}$/.test(text) ? Number(text) : periods[text];
	if (seconds !== undefined && seconds > 0) return seconds;
	const near = nearest(text, Object.keys(periods));
	const hint = near === null ? '' : `. Did you mean ${near}?`;
	throw new CommandProblem(
		`--period: must be day, week, month, year or a number of seconds, not ${JSON.stringify(text)}${hint}`,
	);
}

/** rrdtool knows no earlier times, and takes for ever to label later ones (the year 3000). */
const [earliestSeconds, latestSeconds] = [315_360_001, 32_503_680_000];

/**
 * The span for one order.
 *
 * @param lastSeconds where it ends if nothing else is said, since the epoch
 *
 * Throws `CommandProblem` when there is no such span.
 */
export function spanOf(span: GraphSpan, lastSeconds: number): { startSeconds: number; endSeconds: number } {
	const endSeconds = span.endSeconds ?? lastSeconds;
	const startSeconds = span.startSeconds ?? endSeconds - span.periodSeconds;
	if (startSeconds >= endSeconds) throw new CommandProblem('the start is not before the end');
	if (startSeconds < earliestSeconds) throw new CommandProblem('the start is before 1980');
	if (endSeconds > latestSeconds) throw new CommandProblem('the end is after the year 2999');
	return { startSeconds, endSeconds };
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
