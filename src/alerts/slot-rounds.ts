import type { OrderWatch } from './order-watch.ts';
import type { ClosedSlot } from './slot-gate.ts';

/** So many orders are looked at in a tick for slots that nobody tells. */
const silentSlice = 5000;

/** Closes the slots that nobody tells, or not every place: they are unknown when they are late. */
export class SlotRounds {
	readonly #watches: ReadonlyMap<string, OrderWatch>;
	readonly #close: (watch: OrderWatch, slot: ClosedSlot) => void;
	/** Orders of which a place has told a slot that another has not. */
	readonly #open = new Set<OrderWatch>();
	#round: Iterator<OrderWatch> | null = null;

	constructor(
		watches: ReadonlyMap<string, OrderWatch>,
		close: (watch: OrderWatch, slot: ClosedSlot) => void,
	) {
		this.#watches = watches;
		this.#close = close;
	}

	/** It has had a result. */
	look(watch: OrderWatch): void {
		if (watch.gate.isWaiting) this.#open.add(watch);
	}

	remove(watch: OrderWatch): void {
		this.#open.delete(watch);
	}

	work(nowSeconds: number): void {
		for (const watch of this.#open) {
			for (const closed of watch.gate.closeDue(nowSeconds)) this.#close(watch, closed);
			if (!watch.gate.isWaiting) this.#open.delete(watch);
		}
		this.#lookForSilent(nowSeconds);
	}

	#lookForSilent(nowSeconds: number): void {
		for (let looked = 0; looked < silentSlice; looked++) {
			this.#round ??= this.#watches.values();
			const next = this.#round.next();
			if (next.done === true) {
				this.#round = null;
				return;
			}
			const watch = next.value;
			if (!watch.bound.some(({ compiled }) => compiled.rule.condition.kind === 'unknown')) continue;
			const missing = watch.gate.closeMissing(nowSeconds);
			if (missing !== null) this.#close(watch, missing);
		}
	}
}
