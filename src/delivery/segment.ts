import {
	closeSync,
	fstatSync,
	ftruncateSync,
	lstatSync,
	openSync,
	readFileSync,
	readSync,
	writeSync,
} from 'node:fs';
import { lineOf, readLine, type Waiting } from './spool-lines.ts';

/**
 * One file of a spool. Its first line says how far it has been sent (an offset, bytes), how many measurements were in
 * it then, and since when the last of them had been waiting (milliseconds since the epoch); the numbers are overwritten
 * in place. Then comes a line for each measurement.
 */
export interface SegmentHeader {
	readonly sentTo: number;
	readonly count: number;
	readonly lastMs: number;
}

/** What is in a segment and has not been sent. */
export interface SegmentContent {
	readonly waiting: readonly Waiting[];
	/** For each, the offset of the line after it. */
	readonly ends: readonly number[];
	/** Lines that cannot be read. */
	readonly damaged: number;
	/** Whether all that is damaged is a last line that was not written to its end: a crash leaves such. */
	readonly isOnlyTorn: boolean;
}

const headerPattern = /^pingmachine spool 1 sent (\d{12}) count (\d{12}) last (\d{15})\n/;

function headerText({ sentTo, count, lastMs }: SegmentHeader): string {
	const digits = (value: number, width: number) =>
		String(Math.max(0, Math.floor(value))).padStart(width, '0');
	return `pingmachine spool 1 sent ${digits(sentTo, 12)} count ${digits(count, 12)} last ${digits(lastMs, 15)}\n`;
}

export const headerBytes = Buffer.byteLength(headerText({ sentTo: 0, count: 0, lastMs: 0 }));

/** A file whose beginning is not that of a segment. */
export class NotASegment extends Error {
	override readonly name = 'NotASegment';
}

/** Makes an empty segment and returns its descriptor. Throws the error of the file system. */
export function createSegment(path: string): number {
	const fd = openSync(path, 'wx+', 0o640);
	try {
		writeWhole(fd, Buffer.from(headerText({ sentTo: headerBytes, count: 0, lastMs: 0 })), 0);
		return fd;
	} catch (error) {
		closeSync(fd);
		throw error;
	}
}

/** Whether an open segment is still the file at that path. */
export function isAt(fd: number, path: string): boolean {
	const found = lstatSync(path, { throwIfNoEntry: false });
	const { dev, ino } = fstatSync(fd);
	return found?.ino === ino && found.dev === dev;
}

/** Makes a segment anew that was removed while it was open. Returns the new descriptor. Throws as `createSegment`. */
export function restoreSegment(fd: number, path: string): number {
	const bytes = Buffer.alloc(fstatSync(fd).size);
	const length = readSync(fd, bytes, 0, bytes.length, 0);
	const restored = openSync(path, 'wx+', 0o640);
	try {
		writeWhole(restored, bytes.subarray(0, length), 0);
		return restored;
	} catch (error) {
		closeSync(restored);
		throw error;
	}
}

/** Adds lines at the end. Returns the new size. Throws the error of the file system; the segment is then as before. */
export function appendTo(fd: number, size: number, waiting: readonly Waiting[]): number {
	const bytes = Buffer.from(waiting.map(lineOf).join(''));
	try {
		writeWhole(fd, bytes, size);
	} catch (error) {
		ftruncateSync(fd, size);
		throw error;
	}
	return size + bytes.length;
}

/** Says in the segment how far it has been sent. Throws the error of the file system. */
export function writeHeader(path: string, header: SegmentHeader): void {
	const fd = openSync(path, 'r+');
	try {
		writeWhole(fd, Buffer.from(headerText(header)), 0);
	} finally {
		closeSync(fd);
	}
}

/** Reads the first line only. Throws `NotASegment` or the error of the file system. */
export function readHeader(path: string): SegmentHeader & { readonly size: number } {
	// Opening a FIFO would wait for a writer.
	if (!lstatSync(path).isFile()) throw new NotASegment('it is not a regular file');
	const fd = openSync(path, 'r');
	try {
		const buffer = Buffer.alloc(headerBytes);
		const length = readSync(fd, buffer, 0, headerBytes, 0);
		return { ...headerIn(buffer.toString('latin1', 0, length)), size: fstatSync(fd).size };
	} finally {
		closeSync(fd);
	}
}

/** Throws `NotASegment` or the error of the file system. */
export function readSegment(path: string): SegmentContent {
	if (!lstatSync(path).isFile()) throw new NotASegment('it is not a regular file');
	const bytes = readFileSync(path);
	const { sentTo } = headerIn(bytes.toString('latin1', 0, headerBytes));
	const waiting: Waiting[] = [];
	const ends: number[] = [];
	let damaged = 0;
	let isOnlyTorn = true;
	for (let at = sentTo; at < bytes.length; ) {
		const lineFeed = bytes.indexOf(10, at);
		const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
		const read = lineFeed === -1 ? null : readLine(bytes.toString('utf8', at, lineFeed));
		if (read === null) {
			damaged++;
			isOnlyTorn &&= lineFeed === -1;
		} else {
			waiting.push(read);
			ends.push(end);
		}
		at = end;
	}
	return { waiting, ends, damaged, isOnlyTorn: damaged > 0 && isOnlyTorn };
}

function headerIn(text: string): SegmentHeader {
	const [, sentTo, count, lastMs] = headerPattern.exec(text) ?? [];
	if (sentTo === undefined) throw new NotASegment('it does not begin as a file of the spool does');
	return { sentTo: Math.max(headerBytes, Number(sentTo)), count: Number(count), lastMs: Number(lastMs) };
}

/** A full disk may take a part without an error. */
function writeWhole(fd: number, bytes: Buffer, position: number): void {
	for (let done = 0; done < bytes.length; ) {
		done += writeSync(fd, bytes, done, bytes.length - done, position + done);
	}
}
