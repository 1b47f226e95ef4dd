import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { reasonOf } from './file-errors.ts';
import { foundSegment, OpenSegment, removeQuietly, type Segment } from './open-segment.ts';
import { type Aside, bytesOf, isPoisoned, keepDamaged, setAside } from './poisoned.ts';
import { headerBytes, readSegment, type SegmentContent, writeHeader } from './segment.ts';
import type { Waiting } from './spool-lines.ts';

export interface SpoolParts {
	/** Its own; made when it is needed. */
	readonly folder: string;
	readonly maxBytes: number;
	readonly maxAgeMs: number;
	/** Measurements were lost. Those are no longer counted as waiting. */
	dropped(reason: 'spoolFull' | 'tooOld' | 'damaged', count: number): void;
	/** Something is wrong with a file: which, why, the remedy. Those of one kind may come again and again. */
	problem(kind: string, message: string): void;
}

/** The oldest segment, read into memory. */
interface Head extends SegmentContent {
	readonly segment: Segment;
	/** How many of `waiting` have been sent. */
	sent: number;
}

const segmentName = /^\d{12}\.jsonl$/;
const segmentMaxBytes = 2 * 1024 * 1024;
/** Measurements that are written at once: a full disk is found out before too many have been made into text. */
const writeMax = 100;

/**
 * Measurements that wait on disk, oldest first: a folder of segments, each removed when all of it has been sent.
 * Everything is done at once. Whatever the files are like, nothing throws.
 */
export class Spool {
	readonly #parts: SpoolParts;
	readonly #segmentMaxBytes: number;
	/** Oldest first. */
	#segments: Segment[] = [];
	/** Always the last one. */
	#open: OpenSegment | null = null;
	#head: Head | null = null;
	#lastNumber = 0;
	#poisonedBytes = 0;
	/** Why the last try to write failed; null when it did not. */
	#trouble: string | null = null;
	#isStarted = false;
	/** Measurements that could not be read, so far. */
	#damaged = 0;

	constructor(parts: SpoolParts) {
		this.#parts = parts;
		this.#segmentMaxBytes = Math.min(segmentMaxBytes, Math.ceil(parts.maxBytes / 8));
	}

	/** Finds what an earlier run has left. Nothing is written before that. */
	start(): void {
		const { folder } = this.#parts;
		this.#isStarted = true;
		let names: string[] = [];
		try {
			names = readdirSync(folder).sort();
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				this.#parts.problem('cannot read', `cannot read ${folder}: ${reasonOf(error)}`);
			}
		}
		for (const name of names) {
			if (segmentName.test(name)) this.#find(`${folder}/${name}`);
			else if (isPoisoned(name)) this.#poisonedBytes += bytesOf(`${folder}/${name}`);
			const number = Number(/^\d{12}/.exec(name)?.[0] ?? 0);
			this.#lastNumber = Math.max(this.#lastNumber, number);
		}
		// A crash may have come between writing measurements and counting them.
		const last = this.#segments.at(-1);
		if (last !== undefined) this.#recount(last);
	}

	/** Measurements that wait here. */
	get count(): number {
		return this.#segments.reduce((sum, { left }) => sum + left, 0);
	}

	/** Size of all its files. */
	get bytes(): number {
		return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#poisonedBytes);
	}

	get isEmpty(): boolean {
		return this.#segments.length === 0;
	}

	/** Writes as many as it can, from the first on. Returns how many: fewer than given when the disk is full, say. */
	append(waiting: readonly Waiting[]): number {
		let written = 0;
		if (!this.#isStarted) return written;
		try {
			this.#open?.restore();
			while (written < waiting.length) {
				const part = waiting.slice(written, written + writeMax);
				this.#appendPart(part);
				written += part.length;
			}
			this.#open?.writeHeader();
			if (this.#trouble !== null)
				this.#parts.problem('written again', `${this.#parts.folder} can be written again`);
			this.#trouble = null;
		} catch (error) {
			const reason = reasonOf(error);
			if (this.#trouble !== reason) {
				this.#parts.problem(
					'cannot append',
					`cannot write to ${this.#parts.folder}: ${reason}. It is tried again; results wait in memory meanwhile`,
				);
			}
			this.#trouble = reason;
		}
		this.#keepWithinBytes();
		return written;
	}

	/** The oldest that wait, at most `max`. None only when there are none. */
	oldest(max: number): readonly Waiting[] {
		const head = this.#loadHead();
		return head === null ? [] : head.waiting.slice(head.sent, head.sent + max);
	}

	/** The `count` oldest have been dealt with. */
	remove(count: number): void {
		let left = count;
		while (left > 0) {
			const damagedBefore = this.#damaged;
			const head = this.#loadHead();
			// What could not be read is gone already: what comes after it is not to go in its place.
			left -= this.#damaged - damagedBefore;
			if (head === null || left <= 0) return;
			const now = Math.min(left, head.waiting.length - head.sent);
			left -= now;
			head.sent += now;
			head.segment.left -= now;
			if (head.sent === head.waiting.length) this.#dropHead();
			else this.#mark(head);
		}
	}

	/** Drops what has been waiting for too long. */
	expire(nowMs: number): void {
		for (const segment of [...this.#segments]) {
			if (segment.left === 0) continue;
			if (nowMs - segment.lastMs <= this.#parts.maxAgeMs) return;
			this.#drop(segment, 'tooOld');
		}
	}

	/** Nothing is written any more. An empty folder goes. */
	close(): void {
		this.#seal();
		try {
			rmdirSync(this.#parts.folder);
		} catch {
			// There is something in it, or it was never made.
		}
	}

	#find(path: string): void {
		try {
			const segment = foundSegment(path);
			if (segment !== null) this.#segments.push(segment);
		} catch (error) {
			this.#isAside(setAside(path, error));
		}
	}

	/** Reads a segment through. What is wrong with it is told when its turn comes. */
	#recount(segment: Segment): void {
		try {
			const { waiting } = readSegment(segment.path);
			segment.left = waiting.length;
			segment.lastMs = waiting.at(-1)?.sinceMs ?? segment.lastMs;
		} catch {
			// The same will happen when its turn comes.
		}
	}

	#appendPart(part: readonly Waiting[]): void {
		const { folder, maxAgeMs } = this.#parts;
		const firstMs = part[0]?.sinceMs ?? 0;
		if (this.#open?.isFull(firstMs, this.#segmentMaxBytes, maxAgeMs / 8) === true) this.#seal();
		if (this.#open === null) {
			this.#open = new OpenSegment(folder, ++this.#lastNumber, firstMs);
			this.#segments.push(this.#open.segment);
		}
		this.#open.append(part);
	}

	/** No more is added to the last segment. One that nothing was added to goes. */
	#seal(): void {
		if (this.#open === null) return;
		const open = this.#open;
		const { segment } = open;
		this.#open = null;
		try {
			open.close();
		} catch (error) {
			this.#parts.problem('cannot write', `cannot write ${segment.path}: ${reasonOf(error)}`);
		}
		if (segment.left > 0) return;
		this.#segments = this.#segments.filter((other) => other !== segment);
		removeQuietly(segment.path);
	}

	/** The first segment with something to send, read. Null when there is none. */
	#loadHead(): Head | null {
		for (;;) {
			if (this.#head !== null) return this.#head;
			// What is read is not added to any more.
			if (this.#segments[0] === this.#open?.segment) this.#seal();
			const [segment] = this.#segments;
			if (segment === undefined) return null;
			this.#read(segment);
		}
	}

	#read(segment: Segment): void {
		let content: SegmentContent;
		try {
			content = readSegment(segment.path);
		} catch (error) {
			this.#segments.shift();
			this.#loseDamaged(segment.left);
			this.#isAside(setAside(segment.path, error));
			return;
		}
		if (content.damaged > 0) this.#loseDamaged(content.damaged);
		if (content.damaged > 0 && !content.isOnlyTorn) this.#isAside(keepDamaged(segment.path, content.damaged));
		segment.left = content.waiting.length;
		this.#head = { ...content, segment, sent: 0 };
		if (segment.left === 0) this.#dropHead();
	}

	#loseDamaged(count: number): void {
		this.#damaged += count;
		this.#parts.dropped('damaged', count);
	}

	#isAside(aside: Aside | null): void {
		if (aside === null) return;
		this.#poisonedBytes += aside.bytes;
		// Each is told: it is kept until somebody has seen it.
		this.#parts.problem(aside.message, aside.message);
	}

	#mark({ segment, ends, sent }: Head): void {
		try {
			const sentTo = ends[sent - 1] ?? headerBytes;
			writeHeader(segment.path, { sentTo, count: segment.left, lastMs: segment.lastMs });
		} catch (error) {
			this.#parts.problem(
				'cannot mark',
				`cannot write ${segment.path}, so it may be sent twice: ${reasonOf(error)}`,
			);
		}
	}

	/** All of the first segment has been sent. */
	#dropHead(): void {
		const head = this.#head;
		this.#head = null;
		this.#segments.shift();
		if (head === null) return;
		try {
			unlinkSync(head.segment.path);
		} catch (error) {
			this.#parts.problem('cannot remove', `cannot remove ${head.segment.path}: ${reasonOf(error)}`);
			this.#mark(head);
		}
	}

	#keepWithinBytes(): void {
		for (let [first] = this.#segments; first !== undefined; [first] = this.#segments) {
			if (this.bytes <= this.#parts.maxBytes) return;
			this.#drop(first, 'spoolFull');
		}
	}

	#drop(segment: Segment, reason: 'spoolFull' | 'tooOld'): void {
		if (segment === this.#open?.segment) this.#seal();
		if (this.#head?.segment === segment) this.#head = null;
		this.#segments = this.#segments.filter((other) => other !== segment);
		try {
			unlinkSync(segment.path);
		} catch (error) {
			// One that nothing was added to went when it was closed.
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				this.#parts.problem('cannot remove', `cannot remove ${segment.path}: ${reasonOf(error)}`);
			}
		}
		this.#parts.dropped(reason, segment.left);
	}
}
