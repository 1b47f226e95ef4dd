import type { HistoryLimits } from './catch-up.ts';
import type { LiveOrders } from './live-orders.ts';
import type { OrderEvents } from './order-events.ts';

/** The files `histograms`, `slots` and `events`, which are written between other work, in small pieces. */
export class HistoryWork {
	readonly #live: LiveOrders;
	readonly #events: OrderEvents;

	constructor(live: LiveOrders, events: OrderEvents) {
		this.#live = live;
		this.#events = events;
	}

	/** How long they are kept from now on. */
	set limits(limits: HistoryLimits) {
		this.#live.history.limits = limits;
	}

	/** The text of an order was changed, in those keys. */
	edited(id: string, keys: readonly string[]): void {
		if (this.#live.has(id)) this.#events.tell(id, { event: 'edited', keys });
	}

	/** Writes what is due, for so long at most and one piece more. Milliseconds. */
	work(sliceMs: number): void {
		if (this.#events.isWaiting) this.#events.work(sliceMs);
		else this.#live.history.work(sliceMs);
	}

	/** What the disk did not take is due again. */
	retry(): void {
		this.#events.retry();
	}

	/** How long it is until there is something to do, milliseconds; null: nothing waits. */
	get restMs(): number | null {
		return this.#events.isWaiting ? 0 : this.#live.history.restMs;
	}

	/** Writes what is left, for so long at most: what is not written is made of main.rrd at the next start. */
	end(timeoutMs: number): void {
		this.#events.retry();
		this.#events.work(timeoutMs / 2);
		this.#live.end(timeoutMs / 2);
	}
}
