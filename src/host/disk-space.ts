import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { gigabytes } from '../model/gigabytes.ts';
import type { Log } from '../model/log.ts';

/** Low is less than this part of the disk, but never more than so many bytes. */
const lowPart = 0.05;
const lowBytes = 2e9;
const lowFiles = 20_000;
/** So that a level between the two is told once. */
const recovered = 1.2;

/** Warns before the disk of the base directory is full, and says when there is room again. */
export class DiskSpace {
	readonly #baseDir: string;
	readonly #log: Log;
	readonly #look: (path: string) => Promise<StatsFs>;
	/** Bytes at the last look; null when there was none. */
	freeBytes: number | null = null;
	#isLow = false;
	#isLooking = false;

	constructor(baseDir: string, log: Log, look: (path: string) => Promise<StatsFs> = statfs) {
		this.#baseDir = baseDir;
		this.#log = log;
		this.#look = look;
	}

	/** Looks at the disk once. Never rejects; while a disk does not answer it does nothing. */
	async check(): Promise<void> {
		if (this.#isLooking) return;
		this.#isLooking = true;
		try {
			this.#tell(await this.#look(this.#baseDir));
		} catch {
			// Whoever has to write there says what is wrong.
		} finally {
			this.#isLooking = false;
		}
	}

	#tell({ bavail, blocks, bsize, ffree, files }: StatsFs): void {
		const free = bavail * bsize;
		this.freeBytes = free;
		const factor = this.#isLow ? recovered : 1;
		const isShort = free < factor * Math.min(lowBytes, lowPart * blocks * bsize);
		// Some file systems make them as they are needed, and have none to tell of.
		const isShortOfFiles = files > 0 && ffree < factor * Math.min(lowFiles, lowPart * files);
		const isLow = isShort || isShortOfFiles;
		if (isLow === this.#isLow) return;
		this.#isLow = isLow;
		if (isLow) {
			const what = isShort ? `${gigabytes(free)} are free` : `${ffree} inodes are free`;
			this.#log.warn(
				`the disk of ${this.#baseDir} is nearly full: ${what}. Make room, or write rrd: {template: short} in the config file for smaller files; when it is full, main.rrd get no rows, and what can be is still measured and sent`,
			);
		} else {
			this.#log.info(`the disk of ${this.#baseDir} has room again: ${gigabytes(free)} are free`);
		}
	}
}
