import type { Order } from '../../model/order.ts';
import type { Measured } from '../../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../../outcomes/subscriber.ts';

export interface KnownOrder {
	readonly order: Order;
	/** Of the last slot that was measured since we listen. */
	readonly last:
		| (Pick<Measured, 'slot' | 'pings'> & {
				readonly loss: number;
				readonly sent: number;
				readonly medianSeconds: number | null;
		  })
		| null;
}

/** All orders that are measured, by id, as far as they can be heard here. */
export class KnownOrders implements Subscriber {
	readonly name = 'the list of orders';
	readonly #orders = new Map<string, KnownOrder>();
	#sorted: readonly string[] | null = null;

	get(id: string): KnownOrder | null {
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
				this.#orders.set(order.id, { order, last: this.get(order.id)?.last ?? null });
			} else if (event.about === 'gone') {
				if (this.#orders.delete(event.id)) this.#sorted = null;
			} else if (event.about === 'outcomes') {
				for (const outcome of event.outcomes) if (outcome.kind === 'measured') this.#measured(outcome);
			}
		}
	}

	#measured({ order, slot, pings, measurement, pop }: Measured): void {
		const known = this.#orders.get(order.id);
		if (known === undefined || pop !== undefined) return;
		if (known.last !== null && known.last.slot.startSeconds > slot.startSeconds) return;
		const { loss, samples, medianSeconds } = measurement;
		this.#orders.set(order.id, {
			order: known.order,
			last: { slot, pings, loss, sent: samples.length, medianSeconds },
		});
	}
}
