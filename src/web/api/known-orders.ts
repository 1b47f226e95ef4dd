import type { Order } from '../../model/order.ts';
import type { StreamEvent, Subscriber } from '../../outcomes/subscriber.ts';

/** All orders that are measured, by id, as far as they can be heard here. */
export class KnownOrders implements Subscriber {
	readonly name = 'the list of orders';
	readonly #orders = new Map<string, Order>();
	#sorted: readonly string[] | null = null;

	get(id: string): Order | null {
		return this.#orders.get(id) ?? null;
	}

	/** Ascending. */
	ids(): readonly string[] {
		this.#sorted ??= [...this.#orders.keys()].sort((a, b) => (a < b ? -1 : 1));
		return this.#sorted;
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'changed') {
				const { order } = event;
				if (!this.#orders.has(order.id)) this.#sorted = null;
				this.#orders.set(order.id, order);
			} else if (event.about === 'gone') {
				if (this.#orders.delete(event.id)) this.#sorted = null;
			}
		}
	}
}
