import { askAboutDaemon, askAboutOrders } from '../../../memory/ask-daemon.ts';
import { readErrorMessage } from '../../../store/error-file.ts';
import { isSafeOrderId } from '../../../store/order-path.ts';
import { readOwnText } from '../../../store/read-own-text.ts';
import type { Board } from './board.ts';

/** An answer is good for so long. */
const freshMs = 5000;
/** So many are shown; of more, their number. */
const rejectedMax = 1000;

/** The orders that the daemon does not take: it is asked when somebody looks, and for all of them only if there are any. */
export class RejectedOrders {
	readonly #board: Board;
	readonly #baseDir: string;
	#askedMs = Number.NEGATIVE_INFINITY;
	#asking: Promise<void> | null = null;

	constructor(board: Board, baseDir: string) {
		this.#board = board;
		this.#baseDir = baseDir;
	}

	/** Has the board know them as they were a few seconds ago. Never rejects. */
	look(): Promise<void> {
		if (performance.now() < this.#askedMs + freshMs) return this.#asking ?? Promise.resolve();
		this.#askedMs = performance.now();
		this.#asking = this.#ask().finally(() => {
			this.#asking = null;
		});
		return this.#asking;
	}

	async #ask(): Promise<void> {
		const daemon = await askAboutDaemon(this.#baseDir);
		if ('silence' in daemon) return;
		if (daemon.answer.orders.rejected === 0) {
			this.#board.reject(new Map());
			return;
		}
		const all = await askAboutOrders(this.#baseDir);
		if ('silence' in all) return;
		const ids = all.answer.orders.flatMap(([id, state]) => (state === 'rejected' ? [id] : []));
		const shown = ids.slice(0, rejectedMax).map((id) => [id, this.#reasonOf(id)] as const);
		this.#board.reject(new Map(shown));
	}

	#reasonOf(id: string): string {
		const text = isSafeOrderId(id) ? readOwnText(`${this.#baseDir}/output/${id}/error`) : null;
		return (text === null ? null : readErrorMessage(text))?.slice(0, 500) ?? 'the log says why';
	}
}
