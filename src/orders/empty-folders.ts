import { opendirSync } from 'node:fs';
import type { Log } from '../model/log.ts';
import type { Folder } from './entry.ts';

/** A known folder takes about 2 KB, most of it for its watch. */
const usualMax = 20_000;
/** Those that have got something meanwhile are looked for once in so many folders that are too many. */
const lookAgainEach = 1000;

/**
 * Folders with nothing in them: of each owner only so many are known and watched, or a million of them would take a
 * gigabyte. Whatever comes into the others is found by the next full scan.
 */
export class EmptyFolders {
	readonly #max: number;
	readonly #log: Log;
	/** By owner: those that had nothing in them, or were not looked into yet. */
	readonly #known = new Map<number, Set<Folder>>();
	#skipped = 0;
	#isTold = false;

	constructor(log: Log, max = usualMax) {
		this.#log = log;
		this.#max = max;
	}

	/** Some were left to the full scans. */
	get isLimited(): boolean {
		return this.#skipped > 0;
	}

	/** Whether a folder that is not known should not become so: it is empty, and its owner has too many of these. */
	isTooMuch(path: string, uid: number): boolean {
		const known = this.#known.get(uid);
		if (known === undefined || known.size < this.#max || !isEmpty(path)) return false;
		if (this.#skipped++ % lookAgainEach === 0) this.#forgetFilled(known);
		if (known.size < this.#max) return false;
		if (!this.#isTold)
			this.#log.warn(
				`more than ${this.#max} folders of the user ${uid} below orders/ are empty, ${path} for one: orders in further ` +
					'ones are found only by full scans. Remove folders that are not needed',
			);
		this.#isTold = true;
		return true;
	}

	/** A folder is known from now on. */
	add(folder: Folder, uid: number): void {
		const known = this.#known.get(uid) ?? new Set();
		this.#known.set(uid, known.add(folder));
	}

	/** A folder was looked into, or is gone. */
	settle(folder: Folder): void {
		if (!folder.gone && folder.entries.size === 0) return;
		for (const known of this.#known.values()) known.delete(folder);
	}

	#forgetFilled(known: Set<Folder>): void {
		for (const folder of known) if (folder.gone || folder.entries.size > 0) known.delete(folder);
	}
}

/** False when it cannot be looked into: that is told where it is tried again. */
function isEmpty(path: string): boolean {
	try {
		const folder = opendirSync(path, { bufferSize: 1 });
		try {
			return folder.readSync() === null;
		} finally {
			folder.closeSync();
		}
	} catch {
		return false;
	}
}
