import type { Order } from '../../model/order.ts';
import type { Outcome } from '../../model/outcome.ts';

/** Who has measured orders that are to be measured once: they are over when all have that were asked. */
export class OnceOrders {
	/** By id. This machine is called `here`, as no point of presence is. */
	readonly #spoken = new Map<string, Set<string>>();

	/** An outcome came of it. Slots that were skipped do not count: it is measured in the next one. */
	heard({ order, pop, kind }: Outcome): void {
		if (kind !== 'skipped' && pop !== undefined) this.#spoken.get(order.id)?.add(pop);
	}

	/** This machine has measured it. */
	heardHere(id: string): void {
		this.#spoken.get(id)?.add('here');
	}

	/** It is asked for; what was heard of it before counts on. */
	asked({ id, once }: Order): void {
		if (once === true && !this.#spoken.has(id)) this.#spoken.set(id, new Set());
	}

	gone(id: string): void {
		this.#spoken.delete(id);
	}

	/** Whether all have measured it that `pops` and `where:` name. */
	isOver({ id, where }: Order, pops: readonly string[]): boolean {
		const spoken = this.#spoken.get(id);
		if (spoken === undefined) return false;
		const asked = where?.here === true ? [...pops, 'here'] : pops;
		return asked.length > 0 && asked.every((who) => spoken.has(who));
	}
}
