import type { Batch, LiveOrder } from './batch.ts';

/** Orders that come together are measured together: how long to wait for more of them. */
const gatherMs = 200;
const gatherAtMostMs = 800;

/**
 * Orders that should be measured in the current slot without waiting for the next job of their batch, which may have
 * been started already.
 */
export class Newcomers {
	readonly #orders = new Set<LiveOrder>();
	/** How many there were at the last look, and when the first and the last of them were seen. */
	#seen = 0;
	#firstMs = 0;
	#lastMs = 0;

	get size(): number {
		return this.#orders.size;
	}

	has(live: LiveOrder): boolean {
		return this.#orders.has(live);
	}

	add(live: LiveOrder): void {
		this.#orders.add(live);
	}

	delete(live: LiveOrder): void {
		this.#orders.delete(live);
	}

	/**
	 * When they are to be measured, wall milliseconds since the epoch; infinite when there are none. To be asked at each
	 * look, since it notices whether more have come.
	 */
	readyMs(nowMs: number): number {
		const { size } = this.#orders;
		if (size !== this.#seen) {
			if (this.#seen === 0) this.#firstMs = nowMs;
			this.#lastMs = nowMs;
			this.#seen = size;
		}
		if (size === 0) return Number.POSITIVE_INFINITY;
		// A reading before the first one means that the clock was set back.
		if (nowMs < this.#firstMs) return nowMs;
		return Math.min(this.#lastMs + gatherMs, this.#firstMs + gatherAtMostMs);
	}

	/** Those there are now, by their batches. */
	byBatch(): Map<Batch, LiveOrder[]> {
		const groups = new Map<Batch, LiveOrder[]>();
		for (const live of this.#orders) {
			const group = groups.get(live.batch);
			if (group === undefined) groups.set(live.batch, [live]);
			else group.push(live);
		}
		return groups;
	}

	/** They have been looked at: those that are left are not waiting for more to come. */
	lookedAt(): void {
		this.#seen = this.#orders.size;
	}
}
