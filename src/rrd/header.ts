import { closeSync, constants } from 'node:fs';
import { decodeCounts, decodeDefinitions } from './definitions.ts';
import { RrdDamaged } from './errors.ts';
import { nodeCalls, openRrd, type RrdCalls, writeFully } from './file.ts';
import { layoutOf, liveWords, type RrdLayout, stampBytes } from './layout.ts';
import type { RrdShape } from './shape.ts';

/** A header in memory, seen in the three ways it is used. All views are of the same bytes. */
export interface HeaderBytes {
	readonly bytes: Buffer;
	/** By 8-byte word. */
	readonly words: Float64Array;
	/** By half of an 8-byte word, the lower half first. */
	readonly halves: Uint32Array;
}

/** An open file whose header is in memory. Good until the header of another file is loaded. */
export interface OpenRrd {
	readonly path: string;
	readonly fd: number;
	readonly calls: RrdCalls;
	readonly layout: RrdLayout;
	readonly header: HeaderBytes;
}

/** What `readRrdHeader` finds. */
export interface RrdHeader {
	readonly shape: RrdShape;
	/** Since the epoch. */
	readonly lastUpdateSeconds: number;
	/** To be added to `lastUpdateSeconds`. */
	readonly lastUpdateMicroseconds: number;
	/** For each archive, the index of its newest row in the file. */
	readonly rowPointers: readonly number[];
	readonly fileBytes: number;
}

/**
 * Reads and checks the header of an RRD. Never waits (for the writer of a FIFO, say) and never takes more memory
 * than the header of a real file needs.
 *
 * Throws RrdDamaged, or the error of the file system when the file cannot be opened or read.
 */
export function readRrdHeader(path: string): RrdHeader {
	const fd = openRrd(path, constants.O_RDONLY);
	try {
		const { layout, header } = loadHeader(path, fd);
		const { halves } = header;
		return {
			shape: layout.shape,
			lastUpdateSeconds: readU64(halves, layout.liveWord),
			lastUpdateMicroseconds: readU64(halves, layout.liveWord + liveWords.microseconds),
			rowPointers: layout.archives.map((archive) => readU64(halves, archive.pointerWord)),
			fileBytes: layout.fileBytes,
		};
	} finally {
		closeSync(fd);
	}
}

/** Reading this much at once saves a second read for files of all usual shapes. Bytes. */
const largestFirstRead = 64 * 1024;

let shared = headerOf(largestFirstRead);
let firstReadBytes = 4096;

/**
 * Loads the header of an open file into memory that all files share, and checks it.
 *
 * Throws RrdDamaged or the error of the file system.
 */
export function loadHeader(path: string, fd: number, calls: RrdCalls = nodeCalls): OpenRrd {
	const { isFile, bytes: fileBytes } = calls.stateOf(fd);
	if (!isFile) throw new RrdDamaged(path, 'is not a regular file');
	let read = calls.read(fd, shared.bytes, 0, firstReadBytes, 0);
	let layout = knownLayout(shared.bytes, read);
	if (layout === null) {
		const counts = decodeCounts(path, shared.bytes, read, fileBytes);
		read = readOn(path, fd, calls, read, counts.headerBytes);
		layout = layoutFor(path, shared.bytes, counts.definitionBytes - stampBytes);
	}
	if (fileBytes !== layout.fileBytes) {
		throw new RrdDamaged(path, `is ${fileBytes} bytes long instead of ${layout.fileBytes}`);
	}
	readOn(path, fd, calls, read, layout.headerBytes);
	const file = { path, fd, calls, layout, header: shared };
	checkLive(file);
	return file;
}

/** Reads as much of the header as has not been read yet. Returns how much there is of it. */
function readOn(path: string, fd: number, calls: RrdCalls, read: number, needed: number): number {
	if (needed <= read) return read;
	if (needed > shared.bytes.length) shared = enlarged(shared, needed);
	const more = calls.read(fd, shared.bytes, read, needed - read, read);
	if (read + more < needed) throw new RrdDamaged(path, 'became shorter while it was read');
	firstReadBytes = Math.min(largestFirstRead, needed);
	return needed;
}

/** Writes all of the header that changes, in one go. */
export function writeHeader(file: OpenRrd): void {
	const from = file.layout.liveWord * 8 - stampBytes;
	writeFully(file.fd, file.header.bytes, from, file.layout.headerBytes - from, from, file.calls);
}

export function readU64(halves: Uint32Array, word: number): number {
	return (halves[2 * word] ?? 0) + (halves[2 * word + 1] ?? 0) * 2 ** 32;
}

export function writeU64(halves: Uint32Array, word: number, value: number): void {
	// Storing takes what fits into 32 bits: the lower half, and the upper one without the fraction.
	halves[2 * word] = value;
	halves[2 * word + 1] = value / 2 ** 32;
}

/** An empty header of that many bytes. */
export function headerOf(byteLength: number): HeaderBytes {
	const buffer = new ArrayBuffer(Math.ceil(byteLength / 8) * 8);
	return { bytes: Buffer.from(buffer), words: new Float64Array(buffer), halves: new Uint32Array(buffer) };
}

function enlarged(old: HeaderBytes, byteLength: number): HeaderBytes {
	const larger = headerOf(byteLength);
	old.bytes.copy(larger.bytes);
	return larger;
}

interface KnownDefinitions {
	readonly bytes: Buffer;
	readonly layout: RrdLayout;
}

/** There are few shapes and many files: those seen are not decoded and checked again. */
const known: KnownDefinitions[] = [];
const mostKnown = 32;

function knownLayout(bytes: Buffer, read: number): RrdLayout | null {
	for (const { bytes: definitions, layout } of known) {
		const { length } = definitions;
		if (length <= read && definitions.compare(bytes, 0, length) === 0) return layout;
	}
	return null;
}

/** @param length of the definitions, which are there as a whole */
function layoutFor(path: string, bytes: Buffer, length: number): RrdLayout {
	const seen = knownLayout(bytes, length);
	if (seen !== null) return seen;
	const layout = layoutOf(decodeDefinitions(path, bytes));
	if (known.length === mostKnown) known.shift();
	known.push({ bytes: Buffer.from(bytes.subarray(0, length)), layout });
	return layout;
}

/** Later than any year that a clock may show by mistake; products with it are still exact. Seconds. */
const latestUpdateSeconds = 2 ** 43;

/** Whether an RRD can have been updated then: in this age, with room for mistakes. rrdtool, too, begins in 1980. */
export function isPossibleUpdate(seconds: number): boolean {
	return Number.isInteger(seconds) && seconds > 315_360_000 && seconds <= latestUpdateSeconds;
}

function checkLive({ path, layout, header }: OpenRrd): void {
	const { halves } = header;
	const seconds = readU64(halves, layout.liveWord);
	const microseconds = readU64(halves, layout.liveWord + liveWords.microseconds);
	if (!isPossibleUpdate(seconds) || microseconds >= 1_000_000) {
		throw new RrdDamaged(path, 'its last update is at an impossible time');
	}
	for (const archive of layout.archives) {
		const pointer = readU64(halves, archive.pointerWord);
		if (pointer >= archive.rows) {
			throw new RrdDamaged(path, `a row pointer is ${pointer}, but there are ${archive.rows} rows`);
		}
	}
}
