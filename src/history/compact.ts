import { daySeconds, hourSeconds, lineOf, readLine, type Spell, sinceLineOf } from './histogram-lines.ts';
import { Tally } from './tally.ts';

/** How long lines are kept, seconds. */
export interface HistogramLimits {
	readonly hoursSeconds: number;
	readonly daysSeconds: number;
}

/** What is to be done with the file: add to its end, or write it anew. */
export interface Compaction {
	readonly how: 'append' | 'rewrite';
	readonly text: string;
}

/** Lines that are not parsed: there are thousands, and few are needed. */
interface RawLine {
	readonly timeSeconds: number;
	readonly spanSeconds: number;
	readonly text: string;
}

interface RawFile {
	since: Spell | null;
	readonly hours: Map<number, RawLine>;
	readonly days: Map<number, RawLine>;
}

const headForm = /^\{"time":(\d{1,12}),"span":(3600|86400),/;
/** The file is written anew when so much of it is of no use any more, and when the first line is so far behind. */
const uselessShare = 1 / 8;
const uselessBytes = 4096;
const behindSeconds = 7 * daySeconds;
/** A clock that was ahead for a while leaves lines that are later than this from now. */
const aheadSeconds = hourSeconds;

/**
 * What is to be done once a day: hours of days that are over are merged into a line of their day. When the file is
 * written anew, the first line takes up all days that are over, and what is too old is left out. Null: nothing.
 */
export function compacted(
	text: string,
	nowSeconds: number,
	limits: HistogramLimits,
	isToBeAnew = false,
): Compaction | null {
	const file = readRaw(text, nowSeconds + aheadSeconds);
	const today = Math.floor(nowSeconds / daySeconds) * daySeconds;
	const hours = byTime(file.hours);
	const newDays = daysOf(
		hours.filter(({ timeSeconds }) => timeSeconds < today && !isInDay(file, timeSeconds)),
	);
	const kept = [
		...keptOf([...byTime(file.days), ...newDays], nowSeconds - limits.daysSeconds),
		// Those of today are not in the first line yet.
		...keptOf(hours, Math.min(today, nowSeconds - limits.hoursSeconds)),
	];
	const added = newDays.map((line) => `${line.text}\n`).join('');
	const anew = kept.map((line) => `${line.text}\n`).join('');
	const useless = text.length + added.length - anew.length;
	const sinceEnd = file.since === null ? 0 : file.since.timeSeconds + file.since.spanSeconds;
	const isBehind = hours.some(
		({ timeSeconds }) => timeSeconds >= sinceEnd && timeSeconds < today - behindSeconds,
	);
	if (isToBeAnew || isBehind || useless > Math.max(uselessBytes, text.length * uselessShare)) {
		const since = sinceOf(file, hours, today);
		return since === null ? null : { how: 'rewrite', text: sinceLineOf(since) + anew };
	}
	return added === '' ? null : { how: 'append', text: added };
}

function isInDay({ days }: RawFile, timeSeconds: number): boolean {
	return days.has(Math.floor(timeSeconds / daySeconds) * daySeconds);
}

function byTime(lines: ReadonlyMap<number, RawLine>): RawLine[] {
	return [...lines.values()].sort((a, b) => a.timeSeconds - b.timeSeconds);
}

function keptOf(lines: readonly RawLine[], fromSeconds: number): RawLine[] {
	return lines.filter(({ timeSeconds, spanSeconds }) => timeSeconds + spanSeconds > fromSeconds);
}

function readRaw(text: string, untilSeconds: number): RawFile {
	const file: RawFile = { since: null, hours: new Map(), days: new Map() };
	let at = 0;
	for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
		const line = text.slice(at, end);
		at = end + 1;
		const [, time, span] = headForm.exec(line) ?? [];
		if (time === undefined) {
			const read = readLine(line);
			if (read?.isSince === true) file.since = read.spell;
		} else if (Number(time) <= untilSeconds && line.endsWith('}')) {
			const raw = { timeSeconds: Number(time), spanSeconds: Number(span), text: line };
			(raw.spanSeconds === hourSeconds ? file.hours : file.days).set(raw.timeSeconds, raw);
		}
	}
	return file;
}

/** A line for each day that these hours are of. */
function daysOf(hours: readonly RawLine[]): RawLine[] {
	const merged = new Map<number, Tally>();
	for (const hour of hours) {
		const read = readLine(hour.text);
		if (read === null) continue;
		const day = Math.floor(hour.timeSeconds / daySeconds) * daySeconds;
		const tally = merged.get(day) ?? new Tally();
		tally.merge(read.spell.tally);
		merged.set(day, tally);
	}
	return [...merged].map(([timeSeconds, tally]) => ({
		timeSeconds,
		spanSeconds: daySeconds,
		text: lineOf({ timeSeconds, spanSeconds: daySeconds, tally }).trimEnd(),
	}));
}

/** All up to the beginning of today. Null when nothing is known. */
function sinceOf({ since }: RawFile, hours: readonly RawLine[], today: number): Spell | null {
	const first = since?.timeSeconds ?? hours[0]?.timeSeconds;
	if (first === undefined) return null;
	const tally = new Tally();
	if (since !== null) tally.merge(since.tally);
	let end = since === null ? first : since.timeSeconds + since.spanSeconds;
	for (const hour of hours) {
		const read =
			hour.timeSeconds < today && hour.timeSeconds + hourSeconds > end ? readLine(hour.text) : null;
		if (read === null) continue;
		tally.merge(read.spell.tally);
		end = hour.timeSeconds + hourSeconds;
	}
	return { timeSeconds: first, spanSeconds: Math.max(0, end - first), tally };
}
