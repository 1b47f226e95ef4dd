import { setTimeout as sleep } from 'node:timers/promises';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';
import type { Wish } from './wish.ts';

/** How long the daemon may take to put an order away; then we do. */
const putAwayMs = 3000;

/** The file of an order for once. */
export class WrittenOrder {
	readonly #writer: OrderWriter;
	readonly #wish: Wish;

	/** Throws `OrderTrouble` when we may not write it. */
	constructor(baseDir: string, wish: Wish) {
		this.#writer = new OrderWriter(baseDir);
		this.#wish = wish;
		this.#writer.write(wish.order.id, wish.text, () => false);
	}

	/** It is gone in the end. `isMeasured`: the daemon is about to remove it. */
	async putAway(isMeasured: boolean): Promise<void> {
		const { text, order } = this.#wish;
		const isThere = () => this.#writer.ownText(order.id) === text;
		try {
			for (let waitedMs = 0; isMeasured && waitedMs < putAwayMs && isThere(); waitedMs += 50) await sleep(50);
			if (isThere()) this.#writer.remove(order.id);
		} catch (error) {
			// It is gone, or it expires.
			if (!(error instanceof OrderTrouble)) throw error;
		}
	}
}
