import type { FactDeclaration, FactTable } from '../model/facts.ts';
import type { Measured, OrderIdentity, Outcome } from '../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../outcomes/subscriber.ts';
import { Recollection } from './recollection.ts';

/** What came of the live orders, for those who ask. What is changed keeps its memory; what comes back begins anew. */
export class Memory implements Subscriber {
	readonly name = 'memory';
	readonly #orders = new Map<string, Recollection>();
	/** By probe: which facts are counts. */
	readonly #counts: ReadonlyMap<string, readonly FactDeclaration[]>;

	constructor(facts: FactTable) {
		this.#counts = new Map(
			[...facts].map(([probe, declared]) => [probe, declared.filter(({ kind }) => kind === 'count')]),
		);
	}

	/** Null for an order that it was not told of. */
	of(id: string): Recollection | null {
		return this.#orders.get(id) ?? null;
	}

	/** The last measurement of an order, and those of slots that began from then on; the oldest first. */
	recent(order: OrderIdentity, fromSeconds: number): Measured[] {
		return this.#orders.get(order.id)?.recent(order, fromSeconds) ?? [];
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'outcomes') {
				for (const outcome of event.outcomes) this.#remember(outcome);
			} else if (event.about === 'changed') {
				const { id } = event.order;
				if (!this.#orders.has(id)) this.#orders.set(id, new Recollection());
			} else if (event.about === 'gone') {
				this.#orders.delete(event.id);
			}
		}
	}

	#remember(outcome: Outcome): void {
		const { id, probe } = outcome.order;
		this.#orders.get(id)?.take(outcome, this.#counts.get(probe) ?? []);
	}
}
