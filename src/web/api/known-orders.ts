import type { Order } from '../../model/order.ts';
import { popFolderIn, popFolderOf } from '../../model/pop.ts';
import type { StreamEvent, Subscriber } from '../../outcomes/subscriber.ts';

/** All orders that are measured, by id, as far as they can be heard here. */
export class KnownOrders implements Subscriber {
	readonly name = 'the list of orders';
	readonly #orders = new Map<string, Order>();
	#sorted: readonly string[] | null = null;
	#names: readonly string[] | null = null;

	get(id: string): Order | null {
		return this.#orders.get(id) ?? null;
	}

	/** Ascending. */
	ids(): readonly string[] {
		this.#sorted ??= [...this.#orders.keys()].sort((a, b) => (a < b ? -1 : 1));
		return this.#sorted;
	}

	/** The ids, and `ID/@POP` for each point of presence that measures; ascending. */
	names(): readonly string[] {
		this.#names ??= [...this.#orders.values()]
			.flatMap(({ id, pops = [] }) => [id, ...pops.map((pop) => popFolderOf(id, pop))])
			.sort((a, b) => (a < b ? -1 : 1));
		return this.#names;
	}

	/** The order that an id or `ID/@POP` names; null: it is not measured, or not there. */
	named(name: string): { readonly order: Order; readonly pop: string | undefined } | null {
		const order = this.#orders.get(name);
		if (order !== undefined) return { order, pop: undefined };
		const { id = '', pop = '' } = popFolderIn(name) ?? {};
		const known = this.#orders.get(id);
		return known?.pops?.includes(pop) === true ? { order: known, pop } : null;
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'changed') {
				const { order } = event;
				if (!this.#orders.has(order.id)) this.#sorted = null;
				if (this.#sorted === null || order.pops !== undefined) this.#names = null;
				this.#orders.set(order.id, order);
			} else if (event.about === 'gone') {
				if (!this.#orders.delete(event.id)) continue;
				this.#sorted = null;
				this.#names = null;
			}
		}
	}
}
