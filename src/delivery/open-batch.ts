import type { Backlog } from './backlog.ts';
import type { Waiting } from './spool-lines.ts';

/** What became of a result. */
export type Fate = 'sent' | 'refused' | 'unsent';

/**
 * The oldest that wait, while they are being written. They leave the backlog in its order; what is dealt with while an
 * older one still waits is remembered, so that it is not written again with that one.
 */
export class OpenBatch {
	readonly #backlog: Backlog;
	readonly #count: (fate: Fate, count: number) => void;
	#batch: readonly Waiting[] = [];
	/** So many at its beginning have left the backlog. */
	#gone = 0;
	#fates = new Map<string, Fate>();
	/** How often the other end has asked for it again. */
	#again = new Map<string, number>();
	/** Of the oldest that wait, so many have been written before. */
	#tried = 0;
	/** Results that were written once more. */
	retried = 0;

	/** `count` is told when results have left the backlog, but not of those that were lost from it meanwhile. */
	constructor(backlog: Backlog, count: (fate: Fate, count: number) => void) {
		this.#backlog = backlog;
		this.#count = count;
	}

	/** Begins with the oldest, at most `max` of them. Returns those that are to be written. */
	take(max: number): readonly Waiting[] {
		// Those that are dealt with already take no room from others.
		this.#batch = this.#backlog.take(max + this.#fates.size);
		this.#gone = 0;
		this.#fates = onlyOf(this.#batch, this.#fates);
		this.#again = onlyOf(this.#batch, this.#again);
		const open =
			this.#fates.size === 0 ? this.#batch : this.#batch.filter((one) => !this.#fates.has(keyOf(one)));
		this.retried += Math.min(this.#tried, open.length);
		this.#tried = Math.max(this.#tried, this.#batch.length);
		return open;
	}

	/** Some of the batch have been dealt with. */
	settle(some: readonly Waiting[], fate: Fate): void {
		if (this.#fates.size === 0 && some.every((one, index) => one === this.#batch[this.#gone + index])) {
			this.#remove(some.length, fate);
			return;
		}
		for (const one of some) this.#fates.set(keyOf(one), fate);
		this.#removeSettled();
	}

	/** It is to be written again. Returns how often that has been said of it. */
	again(one: Waiting): number {
		const key = keyOf(one);
		const times = (this.#again.get(key) ?? 0) + 1;
		this.#again.set(key, times);
		return times;
	}

	#removeSettled(): void {
		for (;;) {
			const fate = this.#fateAt(this.#gone);
			if (fate === undefined) return;
			let end = this.#gone;
			for (; this.#fateAt(end) === fate; end++) {
				const one = this.#batch[end];
				if (one !== undefined) this.#again.delete(keyOf(one));
			}
			for (const one of this.#batch.slice(this.#gone, end)) this.#fates.delete(keyOf(one));
			this.#remove(end - this.#gone, fate);
		}
	}

	#fateAt(index: number): Fate | undefined {
		const one = this.#batch[index];
		return one === undefined ? undefined : this.#fates.get(keyOf(one));
	}

	#remove(count: number, fate: Fate): void {
		this.#gone += count;
		this.#tried = Math.max(0, this.#tried - count);
		this.#count(fate, this.#backlog.remove(count));
	}
}

/** A result keeps it when it goes to the spool and comes back. */
function keyOf({ delivered: { order, slot }, sinceMs }: Waiting): string {
	return `${sinceMs} ${slot.startSeconds} ${order.id}`;
}

function onlyOf<T>(batch: readonly Waiting[], all: Map<string, T>): Map<string, T> {
	if (all.size === 0) return all;
	const keys = new Set(batch.map(keyOf));
	return new Map([...all].filter(([key]) => keys.has(key)));
}
