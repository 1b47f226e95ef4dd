import { localPop } from '../model/alert.ts';
import type { Slot } from '../model/slot.ts';
import type { Sight } from './sight.ts';

/** One slot, with what each place saw of it; those that said nothing are not in it. */
export interface ClosedSlot extends Slot {
	readonly sights: ReadonlyMap<string, Sight>;
	/** So many slots before it are missing. */
	readonly missed: number;
}

/** A result is late when its slot has been over for longer than this: two steps and a minute. Seconds. */
function lateAfterSeconds(stepSeconds: number): number {
	return 2 * stepSeconds + 60;
}

function isLate({ startSeconds, stepSeconds }: Slot, nowSeconds: number): boolean {
	return nowSeconds > startSeconds + stepSeconds + lateAfterSeconds(stepSeconds);
}

/** So far ahead of our clock a slot may begin. Seconds. */
const aheadMostSeconds = 60;
/** Places of one order that are waited for. */
const placesMost = 1000;

/**
 * Puts together what the places say of the slots of one order, in the order of the slots, whatever order they come in:
 * a slot is closed when each place that speaks has told it or a later one, or when it has become late. What comes twice,
 * late or from the future is left out.
 */
export class SlotGate {
	#lastSeconds = -1;
	/** By place, the last slot that it told; null while there is only this machine. */
	#places: Map<string, number> | null = null;
	/** By start. */
	#open: Map<number, Map<string, Sight>> | null = null;
	#stepSeconds = 0;

	/** Start of the last slot that was closed; -1: none. */
	get lastSeconds(): number {
		return this.#lastSeconds;
	}

	/** Slots up to this one are done. */
	set lastSeconds(seconds: number) {
		this.#lastSeconds = seconds;
	}

	get stepSeconds(): number {
		return this.#stepSeconds;
	}

	get isWaiting(): boolean {
		return this.#open !== null && this.#open.size > 0;
	}

	take(pop: string, slot: Slot, sight: Sight, nowSeconds: number): readonly ClosedSlot[] {
		if (isLate(slot, nowSeconds) || slot.startSeconds > nowSeconds + aheadMostSeconds) return [];
		if (slot.stepSeconds !== this.#stepSeconds) this.#begin(slot.stepSeconds);
		const isOver = slot.startSeconds <= this.#lastSeconds;
		if (this.#places === null && pop === localPop)
			return isOver ? [] : [this.#close(slot.startSeconds, new Map([[pop, sight]]))];
		this.#places ??= new Map(this.#lastSeconds < 0 ? [] : [[localPop, this.#lastSeconds]]);
		const before = this.#places.get(pop) ?? -1;
		if (before >= slot.startSeconds || (before < 0 && this.#places.size >= placesMost)) return [];
		// From now on it is waited for.
		this.#places.set(pop, slot.startSeconds);
		if (isOver) return [];
		this.#open ??= new Map();
		const sights = this.#open.get(slot.startSeconds) ?? new Map<string, Sight>();
		this.#open.set(slot.startSeconds, sights.set(pop, sight));
		return this.closeDue(nowSeconds);
	}

	/** The slots that nobody is waited for any more. */
	closeDue(nowSeconds: number): readonly ClosedSlot[] {
		if (this.#open === null || this.#places === null) return [];
		const closed: ClosedSlot[] = [];
		for (const startSeconds of [...this.#open.keys()].sort((a, b) => a - b)) {
			if (isLate({ startSeconds, stepSeconds: this.#stepSeconds }, nowSeconds))
				this.#forgetSilent(startSeconds);
			else if ([...this.#places.values()].some((last) => last < startSeconds)) break;
			const sights = this.#open.get(startSeconds) ?? new Map<string, Sight>();
			this.#open.delete(startSeconds);
			closed.push(this.#close(startSeconds, sights));
		}
		return closed;
	}

	/** The slot after the last one, when nobody has told it and it has become late; null: there is none. */
	closeMissing(nowSeconds: number): ClosedSlot | null {
		if (this.#lastSeconds < 0 || this.isWaiting) return null;
		const startSeconds = this.#lastSeconds + this.#stepSeconds;
		if (!isLate({ startSeconds, stepSeconds: this.#stepSeconds }, nowSeconds)) return null;
		return this.#close(startSeconds, new Map());
	}

	#begin(stepSeconds: number): void {
		this.#stepSeconds = stepSeconds;
		this.#open = null;
	}

	/** They are waited for again when they speak again. */
	#forgetSilent(startSeconds: number): void {
		for (const [pop, last] of this.#places ?? []) {
			if (last < startSeconds) this.#places?.delete(pop);
		}
	}

	#close(startSeconds: number, sights: ReadonlyMap<string, Sight>): ClosedSlot {
		const stepSeconds = this.#stepSeconds;
		const missed =
			this.#lastSeconds < 0
				? 0
				: Math.max(0, Math.round((startSeconds - this.#lastSeconds) / stepSeconds) - 1);
		this.#lastSeconds = startSeconds;
		// Nothing but the order in which the places are told must depend on who came first.
		const sorted = sights.size < 2 ? sights : new Map([...sights].sort(([a], [b]) => (a < b ? -1 : 1)));
		return { startSeconds, stepSeconds, sights: sorted, missed };
	}
}
