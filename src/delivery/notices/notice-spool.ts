import {
	closeSync,
	fdatasyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	statSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Notification } from '../../model/notifier.ts';
import { isMapping } from '../../reading/yaml-mapping.ts';
import { reasonOf } from '../file-errors.ts';

export interface NoticeSpoolParts {
	/** Its own; made when it is needed. */
	readonly folder: string;
	readonly maxBytes: number;
	readonly maxAgeMs: number;
	/** A message is lost. */
	dropped(reason: 'spoolFull' | 'tooOld' | 'damaged'): void;
	/** Something is wrong with a file: which, why, the remedy. */
	problem(kind: string, message: string): void;
}

/** A message that waits. */
export interface WaitingNotice {
	readonly number: number;
	readonly bytes: number;
	/** Since when, milliseconds since the epoch. */
	readonly sinceMs: number;
	/** Where the disk would not take it. */
	readonly kept: Notification | null;
}

/** In words, by reason. */
export const dropReasons = {
	spoolFull: 'the spool is full',
	tooOld: 'the oldest has been waiting for too long',
	damaged: 'a file of the spool is damaged',
} as const;

const fileName = /^(\d{12})\.json$/;
const asideName = /^\d{12}\.(?:refused|damaged)$/;
/** So many that nobody would take, or read, are kept to be looked at. */
const asideMost = 50;

/** Messages that wait, the oldest first: a file each. Everything is done at once, and nothing throws. */
export class NoticeSpool {
	readonly #parts: NoticeSpoolParts;
	#waiting: WaitingNotice[] = [];
	#lastNumber = 0;

	constructor(parts: NoticeSpoolParts) {
		this.#parts = parts;
	}

	/** Finds what an earlier run has left. */
	start(): void {
		for (const name of this.#names()) {
			const number = Number(/^\d{12}/.exec(name)?.[0] ?? 0);
			this.#lastNumber = Math.max(this.#lastNumber, number);
			if (!fileName.test(name)) continue;
			try {
				const { size, mtimeMs } = statSync(`${this.#parts.folder}/${name}`);
				this.#waiting.push({ number, bytes: size, sinceMs: mtimeMs, kept: null });
			} catch {
				// It has just gone.
			}
		}
		this.#waiting.sort((a, b) => a.number - b.number);
	}

	get waiting(): readonly WaitingNotice[] {
		return this.#waiting;
	}

	get bytes(): number {
		return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	/** Once it has returned, a kill loses nothing, unless the disk fails. */
	add(notification: Notification, nowMs: number): void {
		const number = ++this.#lastNumber;
		const json = JSON.stringify(notification);
		const text = `${checksum(json)} ${json}\n`;
		const isWritten = this.#write(number, text);
		const kept = isWritten ? null : notification;
		this.#waiting.push({ number, bytes: Buffer.byteLength(text), sinceMs: nowMs, kept });
		while (this.bytes > this.#parts.maxBytes && this.#waiting.length > 1) this.#drop('spoolFull');
	}

	/** Null when what is written there is not what we have written: then it waits no longer. */
	read(notice: WaitingNotice): Notification | null {
		if (notice.kept !== null) return notice.kept;
		try {
			const text = readFileSync(this.#path(notice), 'utf8');
			const read = readNotice(text);
			if (read !== null) return read;
			this.#aside(notice, 'damaged');
			this.#parts.problem('damaged', `${this.#path(notice)} is damaged: it is set aside`);
		} catch (error) {
			this.#parts.problem('read', `cannot read ${this.#path(notice)}: ${reasonOf(error)}`);
		}
		this.#forget(notice);
		this.#parts.dropped('damaged');
		return null;
	}

	/** It is told. */
	remove(notice: WaitingNotice): void {
		this.#forget(notice);
		if (notice.kept !== null) return;
		try {
			unlinkSync(this.#path(notice));
		} catch (error) {
			this.#parts.problem('remove', `cannot remove ${this.#path(notice)}: ${reasonOf(error)}`);
		}
	}

	/** Nobody will take it. */
	refuse(notice: WaitingNotice): void {
		this.#forget(notice);
		if (notice.kept === null) this.#aside(notice, 'refused');
	}

	expire(nowMs: number, keptMs: number | null = null): void {
		if (keptMs !== null) this.passOver(nowMs - keptMs);
		for (;;) {
			const [oldest] = this.#waiting;
			if (oldest === undefined || nowMs - oldest.sinceMs <= this.#parts.maxAgeMs) return;
			this.#drop('tooOld');
		}
	}

	/** Removes what has waited for so long that others have told it. */
	passOver(sinceMs: number): void {
		for (const notice of [...this.#waiting]) if (notice.sinceMs < sinceMs) this.remove(notice);
	}

	#drop(reason: 'spoolFull' | 'tooOld'): void {
		const [oldest] = this.#waiting;
		if (oldest === undefined) return;
		this.remove(oldest);
		this.#parts.dropped(reason);
	}

	#forget(notice: WaitingNotice): void {
		this.#waiting = this.#waiting.filter(({ number }) => number !== notice.number);
	}

	#write(number: number, text: string): boolean {
		const path = this.#path({ number });
		try {
			mkdirSync(this.#parts.folder, { recursive: true, mode: 0o750 });
			const fd = openSync(`${path}.tmp`, 'w', 0o640);
			try {
				writeSync(fd, text);
				fdatasyncSync(fd);
			} finally {
				closeSync(fd);
			}
			renameSync(`${path}.tmp`, path);
			return true;
		} catch (error) {
			const lost = 'the message is in memory alone until it is sent';
			this.#parts.problem('write', `cannot write ${path}: ${reasonOf(error)}; ${lost}`);
			return false;
		}
	}

	#aside(notice: WaitingNotice, how: 'refused' | 'damaged'): void {
		const path = this.#path(notice);
		try {
			renameSync(path, path.replace(/json$/, how));
			const aside = this.#names().filter((name) => asideName.test(name));
			for (const name of aside.slice(0, Math.max(0, aside.length - asideMost)))
				unlinkSync(`${this.#parts.folder}/${name}`);
		} catch (error) {
			this.#parts.problem('aside', `cannot set ${path} aside: ${reasonOf(error)}`);
		}
	}

	#path({ number }: { readonly number: number }): string {
		return `${this.#parts.folder}/${String(number).padStart(12, '0')}.json`;
	}

	#names(): string[] {
		try {
			return readdirSync(this.#parts.folder).sort();
		} catch {
			// There is none yet.
			return [];
		}
	}
}

/** `<CRC-32 of the JSON, 8 hex digits> <JSON>\n`; null: that is not as we wrote it. */
export function readNotice(text: string): Notification | null {
	const json = text.slice(9, -1);
	if (text.slice(0, 9) !== `${checksum(json)} `) return null;
	try {
		const read: unknown = JSON.parse(json);
		return isMapping(read) && Array.isArray(read['members']) ? (read as unknown as Notification) : null;
	} catch {
		return null;
	}
}

function checksum(json: string): string {
	return crc32(json).toString(16).padStart(8, '0');
}
