import type { Clock } from '../model/clock.ts';

/** A file that cannot be read is believed to be half written for so long after its last change. */
const halfWrittenMs = 1000;

interface FirstSight {
	readonly content: string;
	readonly sinceMs: number;
}

/**
 * How long files that cannot be read may still be in the making. What was last changed in the future, by another
 * machine's clock say, is new when it is first seen.
 */
export class HalfWritten {
	readonly #clock: Clock;
	/** Of files that were changed in the future, by id: what was in them and since when, monotonic. */
	readonly #fromFuture = new Map<string, FirstSight>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/**
	 * When to look again, milliseconds from now; null when it has had its time.
	 *
	 * @param content what tells this content from another
	 */
	lookAgainMs(id: string, mtimeMs: number, content: string): number | null {
		const ageMs = this.#clock.wallMs() - mtimeMs;
		const leftMs = halfWrittenMs - (ageMs < 0 ? this.#seenForMs(id, content) : ageMs);
		return leftMs > 0 ? leftMs + 1 : null;
	}

	/** The file can be read, or is gone. */
	forget(id: string): void {
		this.#fromFuture.delete(id);
	}

	#seenForMs(id: string, content: string): number {
		const nowMs = this.#clock.monotonicMs();
		const before = this.#fromFuture.get(id);
		if (before?.content === content) return nowMs - before.sinceMs;
		this.#fromFuture.set(id, { content, sinceMs: nowMs });
		return 0;
	}
}
