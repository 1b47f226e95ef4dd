import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';

/** It is looked through again only when somebody asks, and then not more often. */
const keptMs = 10 * 60_000;
/** After so many files the disk and the thread are left to others for a while. */
const filesAtOnce = 100;
const restMs = 20;
const depthMax = 64;

/** The size of archive/, looked up in the background: there may be a million files in it. */
export class ArchiveSize {
	readonly #folder: string;
	readonly #monotonicMs: () => number;
	#bytes: number | null = null;
	#nextMs = Number.NEGATIVE_INFINITY;
	#isLooking = false;

	constructor(baseDir: string, monotonicMs: () => number = () => performance.now()) {
		this.#folder = join(baseDir, 'archive');
		this.#monotonicMs = monotonicMs;
	}

	/** Bytes on the disk as they were found last; null before. Asking has it looked up again when that is long ago. */
	get bytes(): number | null {
		if (!this.#isLooking && this.#monotonicMs() >= this.#nextMs) void this.look();
		return this.#bytes;
	}

	/** Never rejects. */
	async look(): Promise<void> {
		this.#isLooking = true;
		try {
			this.#bytes = await bytesBelow(this.#folder);
		} catch {
			// A folder that cannot be read has a size that is not known.
			this.#bytes = null;
		} finally {
			this.#nextMs = this.#monotonicMs() + keptMs;
			this.#isLooking = false;
		}
	}
}

async function bytesBelow(root: string): Promise<number> {
	let bytes = 0;
	let files = 0;
	const waiting = [{ path: root, depth: 0 }];
	for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
		const { path, depth } = folder;
		const entries = await opendir(path).catch(ifGone(null));
		if (entries === null) continue;
		for await (const entry of entries) {
			const below = join(path, entry.name);
			if (entry.isDirectory() && depth < depthMax) waiting.push({ path: below, depth: depth + 1 });
			const stats = await lstat(below).catch(ifGone(null));
			bytes += (stats?.blocks ?? 0) * 512;
			if (++files % filesAtOnce === 0) await rest(restMs, undefined, { ref: false });
		}
	}
	return bytes;
}

function ifGone<T>(instead: T): (error: NodeJS.ErrnoException) => T {
	return (error) => {
		if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead;
		throw error;
	};
}
