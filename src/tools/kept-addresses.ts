import { readFileSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { openPrivateFile } from '../host/private-file.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { FoundAddress } from '../model/probe.ts';

export interface KeptAddressesParts {
	readonly clock?: Clock;
	/** Where they outlast a restart; in a folder of 0700, which is made if it is missing. Null: in memory only. */
	readonly file?: string | null;
	/** How many names are remembered; the oldest go first. */
	readonly namesMax?: number;
	/** Is told, once, that the file could not be read or written. */
	readonly problem?: (message: string) => void;
}

interface Kept {
	readonly address: string;
	/** When the name service last said so, seconds since the epoch. */
	readonly atSeconds: number;
}

/** For so long an address is kept unless somebody says otherwise, seconds. */
const usualKeepSeconds = 86_400;

const namesMaxUsually = 200_000;
/** A name with its numbers takes 60 bytes or so, and 320 at most. */
const fileMaxBytes = 64 * 1024 * 1024;
const nameMax = 253;
/** What has changed is written soon; that it is still so, now and then. */
const changedSaveMs = 2000;
const confirmedSaveMs = 10 * 60_000;
const linesInPiece = 1000;
const line = /^([46]) (\S{1,253}) (\S{2,64}) (\d{1,11})$/;

/**
 * The last good address of each name, for when the name service does not answer: an outage that takes the name service
 * along is still measured.
 */
export class KeptAddresses {
	/** How long an address may be used after the name service last told it; 0: never. */
	keepSeconds = usualKeepSeconds;
	readonly #clock: Clock;
	readonly #file: string | null;
	readonly #namesMax: number;
	readonly #problem: (message: string) => void;
	/** By family and name, the one that was told longest ago first. */
	readonly #byName = new Map<string, Kept>();
	#saveDueMs = Number.POSITIVE_INFINITY;
	#cancelSave: () => void = () => {};
	#saving: Promise<void> = Promise.resolve();
	#hasComplained = false;

	constructor(parts: KeptAddressesParts = {}) {
		const { clock = systemClock, file = null, namesMax = namesMaxUsually, problem = () => {} } = parts;
		this.#clock = clock;
		this.#file = file;
		this.#namesMax = namesMax;
		this.#problem = problem;
		if (file !== null) this.#load(file);
	}

	/** The address that the name had last, or null. */
	find(family: 4 | 6, name: string): Required<FoundAddress> | null {
		const kept = this.#byName.get(keyOf(family, name));
		if (kept === undefined) return null;
		const ageSeconds = this.#clock.wallMs() / 1000 - kept.atSeconds;
		return ageSeconds < this.keepSeconds ? { address: kept.address, keptSeconds: kept.atSeconds } : null;
	}

	remember(family: 4 | 6, name: string, address: string): void {
		if (name.length > nameMax || /\s/.test(name)) return;
		const key = keyOf(family, name);
		const isKnown = this.#byName.get(key)?.address === address;
		// Anew at the end.
		this.#byName.delete(key);
		this.#byName.set(key, { address, atSeconds: Math.floor(this.#clock.wallMs() / 1000) });
		const [oldest] = this.#byName.keys();
		if (this.#byName.size > this.#namesMax && oldest !== undefined) this.#byName.delete(oldest);
		this.#saveAfter(isKnown ? confirmedSaveMs : changedSaveMs);
	}

	/** The name service says that it has none. */
	forget(family: 4 | 6, name: string): void {
		if (this.#byName.delete(keyOf(family, name))) this.#saveAfter(changedSaveMs);
	}

	/** Writes what is not written yet. */
	async close(): Promise<void> {
		const isDue = this.#saveDueMs < Number.POSITIVE_INFINITY;
		this.#cancelSave();
		if (isDue) this.#save();
		await this.#saving;
	}

	#saveAfter(delayMs: number): void {
		const dueMs = this.#clock.monotonicMs() + delayMs;
		if (this.#file === null || dueMs >= this.#saveDueMs) return;
		this.#cancelSave();
		this.#saveDueMs = dueMs;
		this.#cancelSave = this.#clock.after(delayMs, () => this.#save());
	}

	#save(): void {
		const file = this.#file;
		this.#saveDueMs = Number.POSITIVE_INFINITY;
		if (file === null) return;
		this.#saving = this.#saving
			.then(() => this.#write(file))
			.catch((error: Error) => this.#complain(`last good addresses cannot be kept: ${error.message}`));
	}

	async #write(file: string): Promise<void> {
		const fresh = `${file}.new`;
		const handle = await openPrivateFile(fresh);
		try {
			for (const piece of this.#pieces()) await handle.write(piece);
		} finally {
			await handle.close();
		}
		await rename(fresh, file);
	}

	*#pieces(): Generator<string> {
		const oldestSeconds = this.#clock.wallMs() / 1000 - this.keepSeconds;
		let lines: string[] = [];
		for (const [key, { address, atSeconds }] of this.#byName) {
			if (atSeconds > oldestSeconds) lines.push(`${key} ${address} ${atSeconds}\n`);
			if (lines.length < linesInPiece) continue;
			yield lines.join('');
			lines = [];
		}
		yield lines.join('');
	}

	#load(file: string): void {
		try {
			const { size } = statSync(file);
			if (size > fileMaxBytes) throw new Error(`${file} is larger than it can be`);
			const nowSeconds = Math.floor(this.#clock.wallMs() / 1000);
			for (const text of readFileSync(file, 'utf8').split('\n')) {
				const [, family = '', name = '', address = '', at = ''] = line.exec(text) ?? [];
				if (isIP(address) !== Number(family) || this.#byName.size >= this.#namesMax) continue;
				// The clock may have been ahead when it was written.
				this.#byName.set(`${family} ${name}`, { address, atSeconds: Math.min(Number(at), nowSeconds) });
			}
		} catch (error) {
			const { code, message } = error as NodeJS.ErrnoException;
			if (code !== 'ENOENT') this.#complain(`last good addresses cannot be read: ${message}`);
		}
	}

	#complain(message: string): void {
		if (!this.#hasComplained) this.#problem(message);
		this.#hasComplained = true;
	}
}

function keyOf(family: 4 | 6, name: string): string {
	return `${family} ${name}`;
}
