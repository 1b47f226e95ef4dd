import { setTimeout as pause } from 'node:timers/promises';
import { popFolderOf } from '../../../model/pop.ts';
import { popsIn } from '../../../store/find-orders.ts';
import { readLastResult } from '../../../store/last-result.ts';
import { isSafeOrderId } from '../../../store/order-path.ts';
import { readSlots } from '../../../store/read-history.ts';
import { readOwnText } from '../../../store/read-own-text.ts';
import { type Row, type Spark, sparkSlots } from '../../browser/rows.ts';
import type { Board, BoardRow } from './board.ts';
import type { PlaceView } from './places.ts';

/** So long others wait at most, and so long we rest then. Milliseconds. */
const workMs = 8;
const restMs = 12;

/** Reads from the files what was measured before we listened: of those asked for at once, of all others by and by. */
export class BoardFill {
	readonly #board: Board;
	readonly #baseDir: string;
	#isAtIt = false;

	constructor(board: Board, baseDir: string) {
		this.#board = board;
		this.#baseDir = baseDir;
	}

	/** Has these rows told, with their pictures. */
	now(rows: Iterable<BoardRow>): void {
		for (const row of rows) if (!row.isFilled || row.spark === null) this.#fill(row);
	}

	/** Has all rows told, sooner or later. */
	async all(): Promise<void> {
		if (this.#isAtIt) return;
		this.#isAtIt = true;
		let sinceMs = performance.now();
		for (const row of this.#board.rows()) {
			if (row.isFilled || row.timeSeconds !== 0) continue;
			this.#fill(row);
			if (performance.now() - sinceMs < workMs) continue;
			await pause(restMs, undefined, { ref: false });
			sinceMs = performance.now();
		}
		this.#isAtIt = false;
	}

	#fill(row: BoardRow): void {
		// One that went, or was changed, while others had their turn.
		if (this.#board.of(row.id) !== row || row.isRejected) return;
		if (!isSafeOrderId(row.id)) return;
		const folder = `${this.#baseDir}/output/${row.id}`;
		if (row.places !== null) this.#board.fillPlaces(row, placesIn(this.#baseDir, row));
		this.#board.fill(row, { ...lastOf(folder, row), spark: sparkOf(folder, row) });
	}
}

function placesIn(baseDir: string, row: Row): Map<string, PlaceView> {
	const places = new Map<string, PlaceView>();
	for (const pop of popsIn(baseDir, row.id)) {
		const { timeSeconds = 0, ...last } = lastOf(`${baseDir}/output/${popFolderOf(row.id, pop)}`, row);
		const { loss = 0, sent = 0, medianSeconds = null } = last;
		if (timeSeconds > 0) places.set(pop, { timeSeconds, loss, sent, medianSeconds, reason: '' });
	}
	return places;
}

function sparkOf(folder: string, { stepSeconds, pings }: Row): Spark {
	const nowSeconds = Date.now() / 1000;
	const nothing = { endSeconds: 0, medians: [], losses: [] };
	try {
		// A few more than are shown: the last one may be some slots old.
		const slots = readSlots(folder, nowSeconds - stepSeconds * (sparkSlots + 5), nowSeconds);
		const last = slots.findLastIndex(({ loss }) => loss !== null);
		const shown = slots.slice(Math.max(0, last + 1 - sparkSlots), last + 1);
		return {
			endSeconds: shown.at(-1)?.timeSeconds ?? 0,
			medians: shown.map(({ medianSeconds }) => medianSeconds),
			losses: shown.map(({ loss }) => (loss === null ? null : loss / pings)),
		};
	} catch {
		// Damaged files are the store's to tell.
		return nothing;
	}
}

function lastOf(folder: string, { stepSeconds }: Row): Partial<Row> {
	const read = readLastResult(readOwnText(`${folder}/last_result`) ?? '');
	if ('reason' in read || read.step !== stepSeconds) return {};
	return { timeSeconds: read.time, loss: read.loss, sent: read.pings, medianSeconds: read.median };
}
