import { constants, ftruncateSync, writeSync } from 'node:fs';
import { type Compaction, compacted, type HistogramLimits } from '../history/compact.ts';
import { hourSeconds, readLine, type Spell } from '../history/histogram-lines.ts';
import {
	emptyRing,
	isBlankRing,
	type RingShape,
	readRingHeader,
	resizedRing,
	ringHeaderBytes,
	ringWrites,
	type SlotRecord,
} from '../history/slot-ring.ts';
import { fileCalls } from '../host/native-file-calls.ts';
import { errorCode } from '../model/errno.ts';
import { replaceFile } from './replace-file.ts';
import { exists, setAside } from './set-aside.ts';

export const histogramsName = 'histograms';
const slotsName = 'slots';

/** Enough for the last lines. */
const tailBytes = 8 * 1024;
/** A line that is later than this from what was measured last comes of a clock that was ahead. */
const aheadSeconds = hourSeconds;

/** Opens a file that is to be ours. Null when there is none. Throws when it is something else. */
function openOwn(path: string, flags: number): number | null {
	const calls = fileCalls();
	let fd: number;
	try {
		fd = calls.open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		if (errorCode(error) === 'ENOENT') return null;
		throw error;
	}
	if (calls.stateOf(fd).isFile) return fd;
	calls.close(fd);
	throw new Error('it is not a regular file: move it away');
}

function withOwn<T>(path: string, flags: number, action: (fd: number) => T): T | null {
	const fd = openOwn(path, flags);
	if (fd === null) return null;
	try {
		return action(fd);
	} finally {
		fileCalls().close(fd);
	}
}

function bytesIn(fd: number): number {
	return fileCalls().stateOf(fd).bytes;
}

function readPart(fd: number, offset: number, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	let read = 0;
	while (read < length) {
		const got = fileCalls().read(fd, bytes, read, length - read, offset + read);
		if (got === 0) break;
		read += got;
	}
	return bytes.subarray(0, read);
}

/** All of `histograms`; empty when there is none. */
export function readHistogramsFile(folder: string): string {
	const bytes = withOwn(`${folder}/${histogramsName}`, constants.O_RDONLY, (fd) =>
		readPart(fd, 0, bytesIn(fd)),
	);
	return bytes?.toString() ?? '';
}

/** What the end of the file tells. */
export interface HistogramEnd {
	/** Up to when slots are counted, since the epoch; null: the file holds nothing. */
	readonly untilSeconds: number | null;
	/** The hour that was not over when it was written. */
	readonly begun: Spell | null;
}

/** Reads the end of `histograms`, and cuts off what was torn when it was written. */
export function histogramEnd(folder: string, measuredUntilSeconds: number): HistogramEnd {
	const read = withOwn(`${folder}/${histogramsName}`, constants.O_RDWR, (fd) => {
		const size = bytesIn(fd);
		for (const length of [Math.min(size, tailBytes), size]) {
			const tail = readPart(fd, size - length, length);
			const sound = tail.lastIndexOf('\n') + 1;
			if (sound === 0 && length < size) continue;
			if (sound < length) ftruncateSync(fd, size - length + sound);
			const end = endIn(tail.toString('utf8', 0, sound).split('\n'), measuredUntilSeconds + aheadSeconds);
			if (end !== null || length === size) return end;
		}
		return null;
	});
	return read ?? { untilSeconds: null, begun: null };
}

/** Of lines for the same hour the last counts; lines are not always in the order of time. */
function endIn(lines: readonly string[], latestSeconds: number): HistogramEnd | null {
	let last: Spell | null = null;
	let since: Spell | null = null;
	for (const line of lines) {
		if (!line.includes('"span":3600,') && !line.startsWith('{"since":')) continue;
		const read = readLine(line);
		if (read === null || read.spell.timeSeconds > latestSeconds) continue;
		if (read.isSince) since = read.spell;
		else if (last === null || read.spell.timeSeconds >= last.timeSeconds) last = read.spell;
	}
	if (last !== null) {
		const { untilSeconds, timeSeconds, spanSeconds } = last;
		return {
			untilSeconds: untilSeconds ?? timeSeconds + spanSeconds,
			begun: untilSeconds === undefined ? null : last,
		};
	}
	return since === null ? null : { untilSeconds: since.timeSeconds + since.spanSeconds, begun: null };
}

/** Adds whole lines to the end of the file, or nothing at all. `first`: what a new file begins with. */
export function addHistogramLines(folder: string, first: string, lines: string): void {
	const isAdded = withOwn(`${folder}/${histogramsName}`, constants.O_WRONLY | constants.O_APPEND, (fd) => {
		const size = bytesIn(fd);
		try {
			const bytes = Buffer.from(lines);
			const written = writeSync(fd, bytes);
			if (written < bytes.length) throw new Error('no space left on the disk');
		} catch (error) {
			ftruncateSync(fd, size);
			throw error;
		}
		return true;
	});
	if (isAdded === null) replaceFile(folder, histogramsName, first + lines);
}

/** Merges days that are over, and leaves out what is too old. */
export function compactHistograms(
	folder: string,
	nowSeconds: number,
	limits: HistogramLimits,
): Compaction['how'] | null {
	const done = compacted(readHistogramsFile(folder), nowSeconds, limits);
	if (done?.how === 'append') addHistogramLines(folder, '', done.text);
	else if (done?.how === 'rewrite') replaceFile(folder, histogramsName, done.text);
	return done?.how ?? null;
}

/** A ring in which no slot was measured. What is none may be anything. */
function isBlank(path: string): boolean {
	try {
		const bytes = withOwn(path, constants.O_RDONLY, (fd) => readPart(fd, 0, bytesIn(fd)));
		return bytes !== null && readRingHeader(bytes) !== null && isBlankRing(bytes);
	} catch {
		return false;
	}
}

/** All of `slots`; null when there is none. */
export function readSlotsFile(folder: string): Buffer | null {
	return withOwn(`${folder}/${slotsName}`, constants.O_RDONLY, (fd) => readPart(fd, 0, bytesIn(fd)));
}

/** What `slots` is for, and its newest slot; null when there is none, or it is damaged. */
export function readSlotsHeader(folder: string): ReturnType<typeof readRingHeader> {
	return withOwn(`${folder}/${slotsName}`, constants.O_RDONLY, (fd) =>
		readRingHeader(readPart(fd, 0, ringHeaderBytes)),
	);
}

/** The end of the newest slot that the ring holds, since the epoch. Null when there is none. */
export function slotsEnd(folder: string, { stepSeconds, pings }: RingShape): number | null {
	const header = readSlotsHeader(folder);
	if (header === null || header.stepSeconds !== stepSeconds || header.pings !== pings) return null;
	return header.lastSeconds === 0 ? null : header.lastSeconds + stepSeconds;
}

/**
 * Puts slots into the ring. One of another step or number of pings, one that is none, and one that goes further than
 * the clock are kept under a dated name; one of another length is gone on with. Returns the name of what was kept.
 */
export function writeSlots(
	folder: string,
	shape: RingShape,
	records: readonly SlotRecord[],
	stamp: string,
): string | null {
	const path = `${folder}/${slotsName}`;
	const newest = records.at(-1)?.timeSeconds ?? 0;
	const goesOn = withOwn(path, constants.O_RDWR, (fd) => {
		const header = readRingHeader(readPart(fd, 0, ringHeaderBytes));
		if (fitOf(header, shape, newest) !== 'whole') return false;
		putSlots(fd, shape, header?.lastSeconds ?? 0, records);
		return true;
	});
	if (goesOn === true) return null;
	const { kept, lastSeconds } = renewSlots(folder, shape, newest, stamp);
	withOwn(path, constants.O_WRONLY, (fd) => putSlots(fd, shape, lastSeconds, records));
	return kept;
}

type RingHeader = ReturnType<typeof readRingHeader>;

/** Whether a ring is gone on with: as it is, in another length, without what it holds, or not at all. */
function fitOf(header: RingHeader, shape: RingShape, newest: number): 'whole' | 'length' | 'over' | null {
	const goesOn =
		header !== null &&
		header.stepSeconds === shape.stepSeconds &&
		header.pings === shape.pings &&
		header.lastSeconds <= newest + aheadSeconds;
	if (!goesOn) return null;
	// Nothing would be left of one that is so old.
	if (newest - header.lastSeconds >= shape.capacity * shape.stepSeconds) return 'over';
	return header.capacity === shape.capacity ? 'whole' : 'length';
}

function putSlots(fd: number, shape: RingShape, lastSeconds: number, records: readonly SlotRecord[]): void {
	for (const { offset, bytes } of ringWrites(shape, lastSeconds, records).writes) {
		const written = fileCalls().write(fd, bytes, 0, bytes.length, offset);
		if (written < bytes.length) throw new Error('no space left on the disk');
	}
}

/** Makes the ring into which slots are to go, and tells its newest one. */
function renewSlots(
	folder: string,
	shape: RingShape,
	newest: number,
	stamp: string,
): { readonly kept: string | null; readonly lastSeconds: number } {
	const path = `${folder}/${slotsName}`;
	const header = readSlotsHeader(folder);
	const fit = fitOf(header, shape, newest);
	if (fit === 'length') {
		replaceFile(folder, slotsName, resizedRing(readSlotsFile(folder) ?? Buffer.alloc(0), shape));
		return { kept: null, lastSeconds: header?.lastSeconds ?? 0 };
	}
	const isKept = fit === null && exists(path) && !isBlank(path);
	const kept = isKept ? setAside(folder, slotsName, stamp) : null;
	replaceFile(folder, slotsName, emptyRing(shape));
	return { kept, lastSeconds: 0 };
}
