import type { FactDeclaration, FactTable } from '../model/facts.ts';
import type { Order } from '../model/order.ts';
import type { Measured, OrderIdentity, Outcome } from '../model/outcome.ts';
import { popFolderIn, popFolderOf } from '../model/pop.ts';
import type { StreamEvent, Subscriber } from '../outcomes/subscriber.ts';
import { Recollection } from './recollection.ts';

/** What came of the live orders, for those who ask. What is changed keeps its memory; what comes back begins anew. */
export class Memory implements Subscriber {
	readonly name = 'memory';
	/** By id, or `ID/@POP` for what a point of presence measures. */
	readonly #orders = new Map<string, Recollection>();
	/** Of orders with points of presence: all that are theirs. */
	readonly #folders = new Map<string, readonly string[]>();
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

	/** The points of presence that measure an order now. */
	popsOf(id: string): readonly string[] {
		return (this.#folders.get(id) ?? []).flatMap((folder) => popFolderIn(folder)?.pop ?? []);
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
				this.#enrol(event.order);
			} else if (event.about === 'gone') {
				this.#drop(event.id);
			}
		}
	}

	#enrol({ id, pops = [] }: Order): void {
		const folders = [id, ...pops.map((pop) => popFolderOf(id, pop))];
		for (const folder of this.#folders.get(id) ?? [])
			if (!folders.includes(folder)) this.#orders.delete(folder);
		for (const folder of folders) if (!this.#orders.has(folder)) this.#orders.set(folder, new Recollection());
		if (pops.length > 0) this.#folders.set(id, folders);
		else this.#folders.delete(id);
	}

	#drop(id: string): void {
		for (const folder of this.#folders.get(id) ?? [id]) this.#orders.delete(folder);
		this.#folders.delete(id);
	}

	#remember(outcome: Outcome): void {
		const { pop } = outcome;
		const { id, probe } = outcome.order;
		this.#orders
			.get(pop === undefined ? id : popFolderOf(id, pop))
			?.take(outcome, this.#counts.get(probe) ?? []);
	}
}
