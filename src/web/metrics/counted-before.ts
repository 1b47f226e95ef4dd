import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readTotal } from '../../history/histogram-lines.ts';
import { Tally } from '../../history/tally.ts';
import { fetchRrd, readRrdHeader } from '../../rrd/index.ts';

/** What was counted of an order, and up to when, seconds since the epoch: later slots are not in it. */
export interface CountedBefore {
	readonly tally: Tally;
	readonly untilSeconds: number;
	/** Slots that were not measured before somebody counted them by reason. */
	readonly unexplained: number;
}

/** The first line, which has all since the order began, and the hours that came after it, are in so much of a file. */
const headBytes = 64 * 1024;
const tailBytes = 128 * 1024;

/**
 * What the files in the folder of an order say was counted: `histograms`, and main.rrd beyond it. Null: nothing.
 *
 * @param explainedFromSeconds since when somebody counts by reason, since the epoch; null: never
 */
export function countedBefore(folder: string, explainedFromSeconds: number | null): CountedBefore | null {
	const total = readTotal(textOf(join(folder, 'histograms')));
	const tally = total?.tally ?? new Tally();
	const fileUntil = total?.untilSeconds ?? null;
	const untilSeconds = addRows(join(folder, 'main.rrd'), fileUntil, tally) ?? fileUntil;
	if (untilSeconds === null) return null;
	if (explainedFromSeconds === null) return { tally, untilSeconds, unexplained: tally.unknown };
	let unexplained = 0;
	for (const { timeSeconds, spanSeconds, tally: part } of total?.spells ?? [])
		if (timeSeconds + spanSeconds <= explainedFromSeconds) unexplained += part.unknown;
	return { tally, untilSeconds, unexplained };
}

/** Counts the slots from then on that main.rrd holds; gives the end of the last. Null: there are none. */
function addRows(path: string, fromSeconds: number | null, tally: Tally): number | null {
	try {
		const { shape, lastUpdateSeconds } = readRrdHeader(path);
		const { stepSeconds } = shape;
		const end = Math.floor(lastUpdateSeconds / stepSeconds) * stepSeconds;
		const finest = shape.archives.find((one) => one.consolidation === 'AVERAGE' && one.stepsPerRow === 1);
		const start = Math.max(fromSeconds ?? 0, end - ((finest?.rows ?? 0) - 1) * stepSeconds);
		if (start >= end) return null;
		const read = fetchRrd(path, { consolidation: 'AVERAGE', startSeconds: start, endSeconds: end - 1 });
		if (read.stepSeconds !== stepSeconds) return null;
		const width = read.names.length;
		for (let at = 0; at < read.values.length; at += width) {
			const [loss = Number.NaN, , ...rtts] = read.values.subarray(at, at + width);
			if (!Number.isNaN(loss)) tally.addMeasured(samplesOf(rtts));
			// Before the first slot of all nobody wanted to measure.
			else if (fromSeconds !== null) tally.addUnknown();
		}
		return end;
	} catch {
		return null;
	}
}

function samplesOf(rtts: readonly number[]) {
	return rtts.map((rtt) => ({ sentAtSeconds: 0, rttSeconds: Number.isNaN(rtt) ? null : rtt }));
}

/** A file of ours, or the beginning and the end of one that is long; empty when there is none. */
function textOf(path: string): string {
	let fd: number;
	try {
		fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch {
		return '';
	}
	try {
		const stats = fstatSync(fd);
		if (!stats.isFile()) return '';
		if (stats.size <= headBytes + tailBytes) return part(fd, 0, stats.size);
		const head = part(fd, 0, headBytes).split('\n', 1)[0] ?? '';
		// The first of its lines may be half a one: it is left out as damaged.
		return `${head}\n${part(fd, stats.size - tailBytes, tailBytes)}`;
	} catch {
		return '';
	} finally {
		closeSync(fd);
	}
}

function part(fd: number, at: number, length: number): string {
	const bytes = Buffer.alloc(length);
	return bytes.toString('utf8', 0, readSync(fd, bytes, 0, length, at));
}
