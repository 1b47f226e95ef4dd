import { lineOf, type Spell, sinceLineOf } from '../../history/histogram-lines.ts';
import { escapeJson } from '../../model/printable.ts';
import { readEvents } from '../../store/events-file.ts';
import { readHistory, readSlots } from '../../store/read-history.ts';
import { readRoutes } from '../../store/routes-file.ts';
import type { Series } from '../../store/series.ts';

/** Of which time, seconds since the epoch. */
export interface Times {
	readonly startSeconds: number;
	readonly endSeconds: number;
}

function isIn({ startSeconds, endSeconds }: Times, { timeSeconds, spanSeconds }: Spell): boolean {
	return timeSeconds + spanSeconds > startSeconds && timeSeconds < endSeconds;
}

/** The lines of `histograms`: of all since the beginning, of days, of hours; also those that are not written yet. */
export function* histogramLines(folder: string, times: Times): Generator<string> {
	const { since, days, hours } = readHistory(folder);
	if (since !== null) yield sinceLineOf(since);
	for (const spell of [...days, ...hours]) if (isIn(times, spell)) yield lineOf(spell);
}

/** Loss and median of single slots. */
export function slotSeries(folder: string, { startSeconds, endSeconds }: Times, stepSeconds: number): Series {
	const slots = readSlots(folder, startSeconds - stepSeconds + 1, endSeconds);
	const rows = slots.map(({ timeSeconds, loss, medianSeconds }) => ({
		timeSeconds,
		values: Float64Array.of(loss ?? Number.NaN, medianSeconds ?? Number.NaN),
	}));
	return { names: ['loss', 'median'], stepSeconds, rows };
}

/** The lines of `events`. */
export function* eventLines(folder: string, { startSeconds, endSeconds }: Times): Generator<string> {
	for (const line of readEvents(folder)) {
		const { time } = JSON.parse(line) as { readonly time: unknown };
		if (typeof time === 'number' && time >= startSeconds && time < endSeconds) yield `${escapeJson(line)}\n`;
	}
}

/** The lines of `routes`. */
export function* routeLines(folder: string, { startSeconds, endSeconds }: Times): Generator<string> {
	for (const route of readRoutes(folder)) {
		if (route.time >= startSeconds && route.time < endSeconds) yield `${escapeJson(JSON.stringify(route))}\n`;
	}
}
