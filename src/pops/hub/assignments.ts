import type { Log } from '../../model/log.ts';
import type { Order } from '../../model/order.ts';
import { choose } from './choose.ts';
import type { Registry } from './registry.ts';

/** What other hubs have to say of who measures what. */
export interface SharedPicks {
	/** Who measures an order that any of some may; undefined: that is for us to say. */
	pickOf(id: string): readonly string[] | undefined;
	pick(id: string, pops: readonly string[]): void;
}

/** Who measures which order. Where any of some may, the choice outlasts a restart. */
export class Assignments {
	readonly #registry: Registry;
	readonly #isLost: (pop: string) => boolean;
	readonly #log: Log;
	/** Null: there are no other hubs. */
	shared: SharedPicks | null = null;
	#saving: NodeJS.Immediate | null = null;

	constructor(registry: Registry, isLost: (pop: string) => boolean, log: Log) {
		this.#registry = registry;
		this.#isLost = isLost;
		this.#log = log;
	}

	/** `measuring`: who does now; undefined: as it was before a restart. */
	choose({ id, where }: Order, measuring: readonly string[] | undefined): readonly string[] {
		if (where === undefined) return [];
		const { assigned, pops: known } = this.#registry;
		const before = measuring ?? assigned.get(id) ?? [];
		const told = where.any === undefined ? undefined : this.shared?.pickOf(id);
		const pops = told ?? choose(id, where, known, before, this.#isLost);
		if (where.any === undefined) assigned.delete(id);
		else {
			this.shared?.pick(id, pops);
			if (pops.join() !== assigned.get(id)?.join()) {
				assigned.set(id, pops);
				this.#saveSoon();
			}
		}
		return pops;
	}

	#saveSoon(): void {
		this.#saving ??= setImmediate(() => {
			this.#saving = null;
			try {
				this.#registry.save();
			} catch (error) {
				this.#log.warn(`cannot write who measures what: ${(error as Error).message}`);
			}
		});
	}
}
