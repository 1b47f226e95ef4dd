import { closeSync, constants, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stampRows } from './consolidate.ts';
import { encodeDefinitions } from './definitions.ts';
import { RrdExists } from './errors.ts';
import { writeFully } from './file.ts';
import { type HeaderBytes, headerOf, isPossibleUpdate, writeU64 } from './header.ts';
import { layoutOf, pointerAt, type RrdLayout, rowWord, rowWords, stepWord, stepWords } from './layout.ts';
import type { RrdShape } from './shape.ts';

/**
 * Makes a new RRD in which everything is unknown, as `rrdtool create --start startSeconds` does, except that its
 * rows begin at a place that depends on the time (torn-update.ts says why).
 *
 * It appears under its name when it is whole. Until then there is a file beside it whose name begins with a dot;
 * one that a killed process left there is written over. There must be no other writer of the same name.
 *
 * @param startSeconds whole seconds since the epoch, after 1980; the first update must be later
 *
 * Throws RrdExists, a RangeError if no file can have this shape and start, or the error of the file system. Nothing
 * is left behind then.
 */
export function createRrd(path: string, shape: RrdShape, startSeconds: number): void {
	if (!isPossibleUpdate(startSeconds))
		throw new RangeError(`${path}: an RRD cannot start at ${startSeconds}`);
	const layout = layoutOf(shape);
	const start = startOfFile(shape, layout, startSeconds);
	if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new RrdExists(path);
	const unfinished = join(dirname(path), `.${basename(path)}.new`);
	const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
	const fd = openSync(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o644);
	try {
		writeAndClose(fd, start, layout.fileBytes);
		renameSync(unfinished, path);
	} catch (error) {
		rmSync(unfinished, { force: true });
		throw error;
	}
}

/** Files are written in parts of this size: it stays in the cache of the processor. Bytes. */
const partBytes = 64 * 1024;
/** What rows are before they are written. */
const unknownPart = new Uint8Array(new Float64Array(partBytes / 8).fill(Number.NaN).buffer);

function writeAndClose(fd: number, start: HeaderBytes, fileBytes: number): void {
	try {
		let at = Math.min(start.bytes.length, fileBytes);
		writeFully(fd, start.bytes, 0, at, 0);
		while (at < fileBytes) {
			const length = Math.min(partBytes, fileBytes - at);
			writeFully(fd, unknownPart, 0, length, at);
			at += length;
		}
	} finally {
		closeSync(fd);
	}
}

/** Of many new orders the files begin alike: what was made last is made once. */
let last: { readonly shape: RrdShape; readonly startSeconds: number; readonly start: HeaderBytes } | null =
	null;

/** The header and as many rows as make whole parts. To be read only. */
function startOfFile(shape: RrdShape, layout: RrdLayout, startSeconds: number): HeaderBytes {
	if (last?.shape !== shape || last.startSeconds !== startSeconds)
		last = { shape, startSeconds, start: makeStart(shape, layout, startSeconds) };
	return last.start;
}

function makeStart(shape: RrdShape, layout: RrdLayout, startSeconds: number): HeaderBytes {
	const definitions = encodeDefinitions(shape);
	const header = headerOf(Math.ceil(layout.headerBytes / partBytes) * partBytes);
	definitions.copy(header.bytes);
	writeU64(header.halves, layout.liveWord, startSeconds);
	shape.dataSources.forEach((_, index) => {
		beginStep(header, layout.stepPreparationWord + index * stepWords, shape.stepSeconds, startSeconds);
	});
	for (const archive of layout.archives) {
		const unknownSteps = Math.floor(startSeconds / shape.stepSeconds) % archive.stepsPerRow;
		shape.dataSources.forEach((_, index) => {
			beginRow(header, archive.preparationWord + index * rowWords, unknownSteps, startSeconds);
		});
		writeU64(header.halves, archive.pointerWord, pointerAt(archive, shape.stepSeconds, startSeconds));
	}
	header.words.fill(Number.NaN, layout.headerBytes / 8);
	return header;
}

/** What came before the start is unknown. */
function beginStep(header: HeaderBytes, at: number, stepSeconds: number, startSeconds: number): void {
	header.bytes.write('U', (at + stepWord.lastText) * 8, 'latin1');
	writeU64(header.halves, at + stepWord.unknownSeconds, startSeconds % stepSeconds);
	header.words[at + stepWord.value] = Number.NaN;
	header.words[at + stepWord.stamp] = startSeconds;
}

function beginRow(header: HeaderBytes, at: number, unknownSteps: number, startSeconds: number): void {
	header.words[at + rowWord.value] = Number.NaN;
	writeU64(header.halves, at + rowWord.unknownSteps, unknownSteps);
	stampRows(header, at, at + rowWords, startSeconds);
}
