import { atOnce, type InPieces } from '../model/pieces.ts';
import { Tally, tallyOf } from './tally.ts';

/** The format of the file `histograms`: one JSON object a line. */

export const hourSeconds = 3600;
export const daySeconds = 86_400;
/** A line with more buckets has a schema that is one lower, and so on. */
const bucketsMax = 60;
/** Days are for long spans of time: 9 % wide buckets are enough. */
const daySchema = 3;
/** Longer lines are damage. */
const lineMax = 64 * 1024;
/** So many lines are read in one piece. */
const linesInPiece = 32;

/** What was counted from `timeSeconds` on, for `spanSeconds`. */
export interface Spell {
	/** Since the epoch; a multiple of the span, except in the first line. */
	readonly timeSeconds: number;
	readonly spanSeconds: number;
	readonly tally: Tally;
	/** In a line that was written before its hour was over: the end of what is counted in it, since the epoch. */
	readonly untilSeconds?: number;
}

export interface HistogramHistory {
	/** All since the order began, up to the end of its span; null in a file without that line. */
	readonly since: Spell | null;
	/** By time, ascending. */
	readonly hours: readonly Spell[];
	readonly days: readonly Spell[];
	/** Bytes of the text that are whole lines; what follows was torn when it was written. */
	readonly soundBytes: number;
}

/** One line, with its end. The tally's histogram is made coarser where that is needed. */
export function lineOf({ timeSeconds, spanSeconds, tally, untilSeconds }: Spell): string {
	if (spanSeconds === daySeconds) tally.histogram.coarsen(daySchema);
	tally.histogram.fit(bucketsMax);
	const until = untilSeconds === undefined ? {} : { until: untilSeconds };
	return `${JSON.stringify({ time: timeSeconds, span: spanSeconds, ...tally.toJSON(), ...until })}\n`;
}

/** The first line: since when there are measurements, and all that was counted of them for `spanSeconds`. */
export function sinceLineOf({ timeSeconds, spanSeconds, tally }: Spell): string {
	return `${JSON.stringify({ since: timeSeconds, span: spanSeconds, ...tally.toJSON() })}\n`;
}

/** Reads the file. Lines that are damaged are left out; of lines for the same time the last counts. */
export function readHistograms(text: string): HistogramHistory {
	return atOnce(readingHistograms(text));
}

/** The same in pieces. */
export function* readingHistograms(text: string): InPieces<HistogramHistory> {
	let since: Spell | null = null;
	const hours = new Map<number, Spell>();
	const days = new Map<number, Spell>();
	let at = 0;
	let lines = 0;
	for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
		if (++lines % linesInPiece === 0) yield;
		const read = end - at <= lineMax ? readLine(text.slice(at, end)) : null;
		at = end + 1;
		if (read === null) continue;
		if (read.isSince) since = read.spell;
		else if (read.spell.spanSeconds === hourSeconds) hours.set(read.spell.timeSeconds, read.spell);
		else if (read.spell.spanSeconds === daySeconds) days.set(read.spell.timeSeconds, read.spell);
	}
	const soundBytes = at === text.length ? Buffer.byteLength(text) : Buffer.byteLength(text.slice(0, at));
	return { since, hours: byTime(hours), days: byTime(days), soundBytes };
}

function byTime(spells: ReadonlyMap<number, Spell>): Spell[] {
	return [...spells.values()].sort((a, b) => a.timeSeconds - b.timeSeconds);
}

export function readLine(line: string): { readonly spell: Spell; readonly isSince: boolean } | null {
	let json: unknown;
	try {
		json = JSON.parse(line);
	} catch {
		return null;
	}
	if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
	const object = json as Readonly<Record<string, unknown>>;
	const isSince = 'since' in object;
	const timeSeconds = isSince ? object['since'] : object['time'];
	const { span } = object;
	if (!Number.isSafeInteger(timeSeconds) || !Number.isSafeInteger(span)) return null;
	const tally = tallyOf(object);
	if (tally === null) return null;
	const { until } = object;
	const known = { timeSeconds: timeSeconds as number, spanSeconds: span as number, tally };
	return {
		spell: Number.isSafeInteger(until) ? { ...known, untilSeconds: until as number } : known,
		isSince,
	};
}

/** All that was counted since the order began: the first line, and the hours that are not in it. */
export function totalOf({ since, hours }: Pick<HistogramHistory, 'since' | 'hours'>): Spell | null {
	const first = since?.timeSeconds ?? hours[0]?.timeSeconds;
	if (first === undefined) return null;
	const tally = new Tally();
	if (since !== null) tally.merge(since.tally);
	let end = since === null ? first : since.timeSeconds + since.spanSeconds;
	for (const hour of hours) {
		// The first hour may have begun before the order.
		if (hour.timeSeconds + hour.spanSeconds <= end) continue;
		tally.merge(hour.tally);
		end = hour.timeSeconds + hour.spanSeconds;
	}
	return { timeSeconds: first, spanSeconds: Math.max(0, end - first), tally };
}

const hourHead = /^\{"time":(\d{1,12}),"span":3600,/;

/** All that a file counts since its order began. */
interface Total {
	readonly tally: Tally;
	/** Up to when, since the epoch. */
	readonly untilSeconds: number;
	/** What it is the sum of, by time. */
	readonly spells: readonly Spell[];
}

/** As `totalOf` of all lines of the file, but only those are looked into that are needed. Null: nothing is counted. */
export function readTotal(text: string): Total | null {
	let since: Spell | null = null;
	let untilSeconds = Number.NEGATIVE_INFINITY;
	const later = new Map<number, string>();
	let at = 0;
	for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
		const line = end - at <= lineMax ? text.slice(at, end) : '';
		at = end + 1;
		const [, time] = hourHead.exec(line) ?? [];
		if (time !== undefined && Number(time) + hourSeconds > untilSeconds) later.set(Number(time), line);
		else if (line.startsWith('{"since":')) {
			const read = readLine(line);
			if (read?.isSince !== true) continue;
			since = read.spell;
			untilSeconds = since.timeSeconds + since.spanSeconds;
		}
	}
	const hours: Spell[] = [];
	for (const line of later.values()) {
		const read = readLine(line);
		if (read !== null) hours.push(read.spell);
	}
	const total = totalOf({ since, hours: hours.sort((a, b) => a.timeSeconds - b.timeSeconds) });
	if (total === null) return null;
	const end = total.timeSeconds + total.spanSeconds;
	const last = hours.at(-1);
	const isBegun = last?.untilSeconds !== undefined && last.timeSeconds + last.spanSeconds === end;
	return {
		tally: total.tally,
		untilSeconds: isBegun ? (last.untilSeconds ?? end) : end,
		spells: since === null ? hours : [since, ...hours],
	};
}
