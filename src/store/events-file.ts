import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';
import { readRecordFile } from './record-file.ts';
import { replaceFile } from './replace-file.ts';

export const eventsName = 'events';

/** The last so many are kept; there are somewhat more of them while the file grows. */
const eventsKept = 1000;
const eventsMost = 1200;
/** An order that flaps all day may have so many: more are left out until the file may be written anew. */
const eventsOfDayMost = 5000;
/** It is written anew once a day at most. */
const anewSeconds = 86_400;
/** In less there are no such numbers of lines. Bytes. */
const shortBytes = 48 * 1024;
/** A long file is looked through again when it has grown by so much. Bytes. */
const lookBytes = 32 * 1024;
/** Longer than any line. Bytes. */
const tailBytes = 16 * 1024;

/** Until when a long file need not be looked through. */
export interface EventsMark {
	/** Of the file. */
	readonly bytes: number;
	/** Since the epoch. */
	readonly seconds: number;
	/** Until then nothing is added to it. */
	readonly isMuted: boolean;
}

/**
 * Adds whole lines, after what is whole: a torn end is cut off. Of too many the last are kept, once a day; before, an
 * order that has too many gets one that says so, and no more. Throws the error of the file system; the file is then as
 * it was.
 *
 * @param mark what was given back the last time; null: nothing is known
 */
export function addEvents(
	folder: string,
	lines: readonly string[],
	nowSeconds: number,
	mark: EventsMark | null,
): EventsMark | null {
	const fd = open(`${folder}/${eventsName}`);
	if (fd === null) {
		replaceFile(folder, eventsName, textOf(lines));
		return null;
	}
	let anew: readonly string[];
	try {
		const stats = fstatSync(fd);
		if (!stats.isFile()) throw new Error('it is not a regular file: move it away');
		const { size } = stats;
		if (mark?.isMuted === true && nowSeconds < mark.seconds) return mark;
		if (size < shortBytes || (mark !== null && size < mark.bytes && nowSeconds < mark.seconds)) {
			append(fd, soundEnd(fd, size), lines);
			return mark;
		}
		const all = linesIn(fd, size);
		const dueSeconds = timeOf(all[eventsKept]) + anewSeconds;
		if (all.length + lines.length <= eventsMost || nowSeconds < dueSeconds) {
			const isMuted = all.length + lines.length >= eventsOfDayMost;
			const fit = isMuted ? fitting(all, lines, nowSeconds, dueSeconds) : lines;
			append(fd, soundEnd(fd, size), fit);
			return { bytes: size + lookBytes, seconds: dueSeconds, isMuted };
		}
		anew = [...all, ...lines].slice(-eventsKept);
	} finally {
		closeSync(fd);
	}
	replaceFile(folder, eventsName, textOf(anew));
	return null;
}

/** Those that an order may still have today, and what says that these are the last. */
function fitting(
	all: readonly string[],
	lines: readonly string[],
	nowSeconds: number,
	dueSeconds: number,
): readonly string[] {
	if (all.at(-1)?.includes('"event":"muted"') === true) return [];
	const muted = JSON.stringify({ time: nowSeconds, event: 'muted', until: dueSeconds });
	return [...lines.slice(0, Math.max(0, eventsOfDayMost - all.length)), muted];
}

/** When a line was written, since the epoch; infinite, for a line that there is not. */
function timeOf(line: string | undefined): number {
	if (line === undefined) return Number.POSITIVE_INFINITY;
	return Number(/^\{"time":(\d{1,12}),/.exec(line)?.[1] ?? 0);
}

function textOf(lines: readonly string[]): string {
	return lines.map((line) => `${line}\n`).join('');
}

function append(fd: number, sound: number, lines: readonly string[]): void {
	ftruncateSync(fd, sound);
	const bytes = Buffer.from(textOf(lines));
	try {
		if (writeSync(fd, bytes, 0, bytes.length, sound) < bytes.length)
			throw new Error('no space left on the disk');
	} catch (error) {
		ftruncateSync(fd, sound);
		throw error;
	}
}

/** Where what is whole ends. */
function soundEnd(fd: number, size: number): number {
	for (const length of [Math.min(size, tailBytes), size]) {
		const end = read(fd, size - length, length).lastIndexOf('\n');
		if (end >= 0) return size - length + end + 1;
	}
	return 0;
}

function linesIn(fd: number, size: number): string[] {
	return read(fd, 0, size).toString('utf8').split('\n').slice(0, -1);
}

function read(fd: number, from: number, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	return bytes.subarray(0, readSync(fd, bytes, 0, length, from));
}

function open(path: string): number | null {
	try {
		return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		if (errorCode(error) === 'ENOENT') return null;
		throw error;
	}
}

/** The last lines of the file that are whole. */
export function readEvents(folder: string): string[] {
	const text = readRecordFile(folder, eventsName)?.toString('utf8') ?? '';
	return text.split('\n').slice(0, -1).filter(isEvent).slice(-eventsKept);
}

function isEvent(line: string): boolean {
	try {
		const json: unknown = JSON.parse(line);
		return typeof json === 'object' && json !== null && 'event' in json && 'time' in json;
	} catch {
		return false;
	}
}
