import { closeSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { handOver } from '../host/hand-over.ts';
import {
	appendTo,
	createSegment,
	headerBytes,
	isAt,
	readHeader,
	restoreSegment,
	writeHeader,
} from './segment.ts';
import type { Waiting } from './spool-lines.ts';

/** A file of the spool. */
export interface Segment {
	readonly path: string;
	bytes: number;
	/** Measurements in it that have not been sent; in a file of an earlier run, as far as it is known. */
	left: number;
	/** Since when the last of them has been waiting, milliseconds since the epoch. */
	lastMs: number;
}

/** A segment of an earlier run. Null, and gone, when it is empty: a crash came before its first line. Throws when it is none. */
export function foundSegment(path: string): Segment | null {
	const found = lstatSync(path);
	if (found.isFile() && found.size === 0) {
		unlinkSync(path);
		return null;
	}
	const { size, count, lastMs } = readHeader(path);
	return { path, bytes: size, left: count, lastMs };
}

/** The segment that is being added to. Its methods throw the errors of the file system. */
export class OpenSegment {
	readonly segment: Segment;
	readonly #folder: string;
	/** Since when the first in it has been waiting. */
	readonly #firstMs: number;
	#fd: number;

	/** Makes one, and its folder if that is missing. */
	constructor(folder: string, number: number, firstMs: number) {
		const path = `${folder}/${String(number).padStart(12, '0')}.jsonl`;
		makeFolder(folder);
		try {
			this.#fd = createSegment(path);
		} catch (error) {
			removeQuietly(path);
			throw error;
		}
		this.#folder = folder;
		this.#firstMs = firstMs;
		this.segment = { path, bytes: headerBytes, left: 0, lastMs: firstMs };
	}

	/** Somebody may have removed the folder: what is in the segment is put back. */
	restore(): void {
		const { path } = this.segment;
		if (isAt(this.#fd, path)) return;
		makeFolder(this.#folder);
		const restored = restoreSegment(this.#fd, path);
		closeSync(this.#fd);
		this.#fd = restored;
	}

	/** What gets too old is dropped by the segment, so no segment may hold too long a time. */
	isFull(nowMs: number, bytesMax: number, spanMaxMs: number): boolean {
		return this.segment.bytes >= bytesMax || nowMs - this.#firstMs > spanMaxMs;
	}

	append(part: readonly Waiting[]): void {
		const { segment } = this;
		segment.bytes = appendTo(this.#fd, segment.bytes, part);
		segment.left += part.length;
		segment.lastMs = part.at(-1)?.sinceMs ?? segment.lastMs;
	}

	writeHeader(): void {
		const { path, left, lastMs } = this.segment;
		writeHeader(path, { sentTo: headerBytes, count: left, lastMs });
	}

	/** No more is added. */
	close(): void {
		closeSync(this.#fd);
		this.writeHeader();
	}
}

function makeFolder(folder: string): void {
	if (mkdirSync(folder, { recursive: true, mode: 0o750 }) !== undefined) handOver(folder, dirname(folder));
}

/** An empty segment is in nobody's way. */
export function removeQuietly(path: string): void {
	try {
		unlinkSync(path);
	} catch {
		// It stays.
	}
}
