import { setTimeout as pause } from 'node:timers/promises';
import { findOrderFolder } from '../../../store/find-orders.ts';
import { readSeries, readStoredOrder } from '../../../store/series.ts';
import type { Board } from './board.ts';

const daySeconds = 86_400;
const weekSeconds = 7 * daySeconds;
/** What was found is good for so long. */
const freshMs = 3600_000;
/** So long others wait at most, and so long we rest then. Milliseconds. */
const workMs = 8;
const restMs = 12;

/** The mean of the medians of the last 24 hours, and of the same 24 hours a week before. Seconds. */
export interface WeekChange {
	readonly nowSeconds: number;
	readonly beforeSeconds: number;
	/** 0.2: a fifth more than a week before. */
	readonly change: number;
}

/** How every order's median has changed since a week before, from main.rrd: read when somebody asks, an hour long. */
export class WeekChanges {
	readonly #board: Board;
	readonly #baseDir: string;
	readonly #found = new Map<string, { readonly change: WeekChange | null; readonly atMs: number }>();
	#reading: Promise<void> | null = null;

	constructor(board: Board, baseDir: string) {
		this.#board = board;
		this.#baseDir = baseDir;
	}

	/** Null: there is nothing to compare with, or it was not read yet. */
	of(id: string): WeekChange | null {
		return this.#found.get(id)?.change ?? null;
	}

	/** How many orders were read. */
	get size(): number {
		return this.#found.size;
	}

	/** Reads what was not read for an hour; resolves when all is read, or after so long. */
	async look(patienceMs: number): Promise<void> {
		this.#reading ??= this.#read().finally(() => {
			this.#reading = null;
		});
		await Promise.race([this.#reading, pause(patienceMs, undefined, { ref: false })]);
	}

	async #read(): Promise<void> {
		let sinceMs = performance.now();
		const ids = this.#board.rows().flatMap((row) => (row.isRejected ? [] : [row.id]));
		const live = new Set(ids);
		for (const id of this.#found.keys()) if (!live.has(id)) this.#found.delete(id);
		for (const id of ids) {
			const nowMs = performance.now();
			if (nowMs < (this.#found.get(id)?.atMs ?? Number.NEGATIVE_INFINITY) + freshMs) continue;
			this.#found.set(id, { change: changeOf(this.#baseDir, id), atMs: nowMs });
			if (performance.now() - sinceMs < workMs) continue;
			await pause(restMs, undefined, { ref: false });
			sinceMs = performance.now();
		}
	}
}

function changeOf(baseDir: string, id: string): WeekChange | null {
	const nowSeconds = Math.floor(Date.now() / 1000);
	try {
		const order = findOrderFolder(baseDir, id);
		if (order === null) return null;
		const span = { startSeconds: nowSeconds - weekSeconds - daySeconds, endSeconds: nowSeconds, nowSeconds };
		const { names, rows } = readSeries(order, readStoredOrder(order), { ...span, resolutionSeconds: 3600 });
		const at = names.indexOf('median');
		const meanOf = (from: number) => {
			const known = rows.flatMap(({ timeSeconds, values }) => {
				const value = values[at] ?? Number.NaN;
				return timeSeconds >= from && timeSeconds < from + daySeconds && !Number.isNaN(value) ? [value] : [];
			});
			return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
		};
		const [now, before] = [meanOf(nowSeconds - daySeconds), meanOf(span.startSeconds)];
		if (now === null || before === null || before <= 0) return null;
		return { nowSeconds: now, beforeSeconds: before, change: now / before - 1 };
	} catch {
		// Without main.rrd, or with one that is damaged, there is nothing to compare.
		return null;
	}
}
