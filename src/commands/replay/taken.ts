import type { OrderIdentity, Outcome } from '../../model/outcome.ts';
import { popFolderOf, wrongWithPopName } from '../../model/pop.ts';
import { wrongWithId } from '../../orders/names.ts';
import type { OrderPattern } from '../../orders/selector.ts';
import { outcomeFromJson } from '../../outcomes/outcome-json.ts';

/** What became of messages. */
export interface ReplayTally {
	taken: number;
	/** Were there before, or come after later slots. */
	doubled: number;
	/** Of other times or orders. */
	others: number;
	/** Nothing that we understand. */
	broken: number;
}

export interface Wish {
	/** Seconds since the epoch: slots that begin from here on, and before there. */
	readonly fromSeconds: number;
	readonly toSeconds: number;
	readonly orders: OrderPattern;
}

/** What of the messages is wanted, each slot of each order and place once. */
export class Taken {
	readonly tally: ReplayTally = { taken: 0, doubled: 0, others: 0, broken: 0 };
	readonly #wish: Wish;
	/** By folder: the start of the last slot. */
	readonly #last = new Map<string, number>();
	/** The same order is the same object, as long as nothing of it changes. */
	readonly #identities = new Map<string, { readonly text: string; readonly order: OrderIdentity }>();

	constructor(wish: Wish) {
		this.#wish = wish;
	}

	/** How many orders and places there are. */
	get folders(): number {
		return this.#last.size;
	}

	/** `pop`: whose topic it is from; undefined: what it says itself. Null when it is not wanted. */
	read(json: unknown, pop: string | undefined): Outcome | null {
		const outcome = outcomeFromJson(json);
		if (outcome === null || !isPlausible(outcome)) {
			this.tally.broken++;
			return null;
		}
		const by = pop ?? outcome.pop;
		const { startSeconds } = outcome.slot;
		const { fromSeconds, toSeconds, orders } = this.#wish;
		if (startSeconds < fromSeconds || startSeconds >= toSeconds || !orders.takes(outcome.order.id, by)) {
			this.tally.others++;
			return null;
		}
		if (by !== undefined && wrongWithPopName(by) !== null) {
			this.tally.broken++;
			return null;
		}
		const { pop: _said, ...rest } = outcome;
		return { ...rest, order: this.#same(outcome.order), ...(by === undefined ? {} : { pop: by }) };
	}

	/** The files that there are end with this slot. */
	knows(folder: string, lastSlotSeconds: number | null): void {
		this.#last.set(folder, Math.max(this.#last.get(folder) ?? -1, lastSlotSeconds ?? -1));
	}

	/** Whether it is later than all that were taken of its folder. */
	take(outcome: Outcome): boolean {
		const folder = folderOf(outcome);
		const { startSeconds } = outcome.slot;
		if (startSeconds <= (this.#last.get(folder) ?? -1)) {
			this.tally.doubled++;
			return false;
		}
		this.#last.set(folder, startSeconds);
		this.tally.taken++;
		return true;
	}

	#same(order: OrderIdentity): OrderIdentity {
		const text = JSON.stringify(order);
		const known = this.#identities.get(order.id);
		if (known?.text === text) return known.order;
		this.#identities.set(order.id, { text, order });
		return order;
	}
}

/** Below output/. */
export function folderOf({ order, pop }: Outcome): string {
	return pop === undefined ? order.id : popFolderOf(order.id, pop);
}

/** Its id is one of an order, so that it leads to no other place, and its slot is one. */
function isPlausible({ order, slot, pings }: Outcome): boolean {
	const { startSeconds, stepSeconds } = slot;
	return (
		wrongWithId(order.id) === null &&
		Number.isSafeInteger(startSeconds) &&
		startSeconds > 0 &&
		Number.isSafeInteger(stepSeconds) &&
		stepSeconds >= 1 &&
		startSeconds % stepSeconds === 0 &&
		Number.isSafeInteger(pings) &&
		pings >= 1 &&
		pings <= stepSeconds
	);
}
