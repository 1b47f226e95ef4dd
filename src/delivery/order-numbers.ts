import type { OrderIdentity } from '../model/outcome.ts';

/** What the worker is told of an order, once. */
export type NumberedOrder = readonly [number: number, order: OrderIdentity];

interface Numbered {
	/** As it was when it was told: a changed order is another object. */
	readonly order: OrderIdentity;
	readonly number: number;
	isWanted: boolean;
}

/** Numbers for orders, so that their names and tags go to the worker once for each change. */
export class OrderNumbers {
	readonly #byId = new Map<string, Numbered>();
	readonly #byNumber: Numbered[] = [];

	/** Null: no sink wants it. When the worker has to be told of the order first, it is added to `news`. */
	numberOf(order: OrderIdentity, news: NumberedOrder[]): number | null {
		const known = this.#byId.get(order.id);
		if (known?.order === order) return known.isWanted ? known.number : null;
		// A number never gets a new meaning: the worker may be saying of the old order that nobody wants it.
		const number = this.#byNumber.length;
		const numbered = { order, number, isWanted: true };
		this.#byId.set(order.id, numbered);
		this.#byNumber[number] = numbered;
		news.push([number, order]);
		return number;
	}

	/** An order is gone. Returns its number if it has one. */
	forget(id: string): number | null {
		const known = this.#byId.get(id);
		this.#byId.delete(id);
		return known?.number ?? null;
	}

	/** No sink wants these orders. */
	unwanted(numbers: readonly number[]): void {
		for (const number of numbers) {
			const numbered = this.#byNumber[number];
			if (numbered !== undefined) numbered.isWanted = false;
		}
	}

	/** Most numbers stand for orders that have changed since. */
	get isWasteful(): boolean {
		return this.#byNumber.length > 2 * this.#byId.size + 10_000;
	}
}
