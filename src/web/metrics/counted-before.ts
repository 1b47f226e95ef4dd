import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readHistograms, totalOf } from '../../history/histogram-lines.ts';
import { Tally } from '../../history/tally.ts';
import { fetchRrd, readRrdHeader } from '../../rrd/index.ts';

/** What was counted of an order, and up to when, seconds since the epoch: later slots are not in it. */
export interface CountedBefore {
	readonly tally: Tally;
	readonly untilSeconds: number;
}

/** The first line, which has all since the order began, and the hours that came after it, are in so much of a file. */
const headBytes = 64 * 1024;
const tailBytes = 128 * 1024;

/** What the files of an order say was counted: `histograms`, and main.rrd for what is not in it yet. Null: nothing. */
export function countedBefore(baseDir: string, id: string, pop: string | undefined): CountedBefore | null {
	const folder = join(baseDir, 'output', id, ...(pop === undefined ? [] : [`@${pop}`]));
	const text = textOf(join(folder, 'histograms'));
	const history = readHistograms(text);
	const total = totalOf(history);
	const tally = total?.tally ?? new Tally();
	const lastHour = history.hours.at(-1);
	const isBegun = lastHour !== undefined && total !== null && lastHour.timeSeconds < endOf(total);
	const begunUntil = isBegun ? untilIn(text, lastHour.timeSeconds) : null;
	const fileUntil = begunUntil ?? (total === null ? null : endOf(total));
	const rrdUntil = addRows(join(folder, 'main.rrd'), fileUntil, tally);
	const untilSeconds = rrdUntil ?? fileUntil;
	return untilSeconds === null ? null : { tally, untilSeconds };
}

function endOf({ timeSeconds, spanSeconds }: { readonly timeSeconds: number; readonly spanSeconds: number }) {
	return timeSeconds + spanSeconds;
}

/** The end of what is counted in an hour that was not over when its last line was written. */
function untilIn(text: string, hourSeconds: number): number | null {
	const at = text.lastIndexOf(`{"time":${hourSeconds},"span":3600,`);
	const line = text.slice(at, at + headBytes).split('\n', 1)[0] ?? '';
	const [, until] = /"until":(\d{1,12})\}$/.exec(line) ?? [];
	return until === undefined ? null : Number(until);
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
