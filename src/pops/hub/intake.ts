import type { Order } from '../../model/order.ts';
import { identityOf, measured, notMeasured, type Outcome } from '../../model/outcome.ts';
import { popFolderOf } from '../../model/pop.ts';
import { outcomeFromJson } from '../../outcomes/outcome-json.ts';
import type { OutcomeTally } from '../link.ts';

/** A slot that begins so far ahead of our clock is refused. Seconds. */
const futureMaxSeconds = 60;
const reasonMaxLength = 2000;
const factsMax = 100;

/** An order as it is asked of points of presence. */
export interface Asked {
	/** As it is told to all who want to know. */
	readonly order: Order;
	readonly pops: readonly string[];
}

export interface IntakeParts {
	askedOf(id: string): Asked | null;
	nowSeconds(): number;
}

/** Judges what points of presence send: each slot of each order once, and of nobody who was not asked. */
export class Intake {
	readonly #parts: IntakeParts;
	/** By folder: the start of the last slot that was taken; null: none. */
	readonly #last = new Map<string, number | null>();
	/** Of each point of presence since the start. */
	readonly tallies = new Map<string, OutcomeTally>();

	constructor(parts: IntakeParts) {
		this.#parts = parts;
	}

	/** The files of an order end with this slot. */
	knows(folder: string, lastSlotSeconds: number | null): void {
		const before = this.#last.get(folder) ?? null;
		this.#last.set(folder, Math.max(before ?? -1, lastSlotSeconds ?? -1));
	}

	/** Its folder is not told of any more. */
	forget(folder: string): void {
		this.#last.delete(folder);
	}

	/** What is to be told; null when it is not known yet what there is: it is to come again. */
	take(pop: string, json: readonly unknown[]): { outcomes: Outcome[]; tally: OutcomeTally } | null {
		const tally: OutcomeTally = { taken: 0, doubled: 0, refused: 0, future: 0 };
		const outcomes: Outcome[] = [];
		const asked = json.map((one) => this.#judge(pop, one));
		if (asked.includes('unknown')) return null;
		for (const one of asked) {
			if (one === 'refused' || one === 'future' || one === 'unknown') {
				tally[one === 'unknown' ? 'refused' : one]++;
				continue;
			}
			const folder = popFolderOf(one.order.id, pop);
			if (one.slot.startSeconds <= (this.#last.get(folder) ?? -1)) {
				tally.doubled++;
				continue;
			}
			this.#last.set(folder, one.slot.startSeconds);
			tally.taken++;
			outcomes.push(one);
		}
		this.#count(pop, tally);
		return { outcomes, tally };
	}

	#judge(pop: string, json: unknown): Outcome | 'refused' | 'future' | 'unknown' {
		const outcome = outcomeFromJson(json);
		const asked = outcome === null ? null : this.#parts.askedOf(outcome.order.id);
		if (outcome === null || !asked?.pops.includes(pop)) return 'refused';
		const { order } = asked;
		const { slot, pings } = outcome;
		const isOurs = slot.stepSeconds === order.stepSeconds && pings === order.pings;
		if (!isOurs || slot.startSeconds % slot.stepSeconds !== 0 || slot.startSeconds <= 0) return 'refused';
		if (slot.startSeconds > this.#parts.nowSeconds() + futureMaxSeconds) return 'future';
		if (!this.#last.has(popFolderOf(order.id, pop))) return 'unknown';
		return asOurs(outcome, order, pop) ?? 'refused';
	}

	#count(pop: string, tally: OutcomeTally): void {
		const all = this.tallies.get(pop) ?? { taken: 0, doubled: 0, refused: 0, future: 0 };
		all.taken += tally.taken;
		all.doubled += tally.doubled;
		all.refused += tally.refused;
		all.future += tally.future;
		this.tallies.set(pop, all);
	}
}

/** With our word for who the order is: whoever measures has no say in its user, target and tags. */
function asOurs(outcome: Outcome, order: Order, pop: string): Outcome | null {
	const { slot, pings, updatedSeconds, boot, seq, clock } = outcome;
	const details = {
		pop,
		...(updatedSeconds === undefined ? {} : { updatedSeconds }),
		...(boot === undefined || boot.length > 100 ? {} : { boot }),
		...(seq === undefined ? {} : { seq }),
		...(clock === undefined ? {} : { clock }),
	};
	const identity = identityOf(order);
	if (outcome.kind !== 'measured') {
		const why = { code: outcome.code, reason: outcome.reason.slice(0, reasonMaxLength) };
		return notMeasured(outcome.kind, identity, slot, pings, why, details);
	}
	const { samples, facts } = outcome.measurement;
	const isPlausible =
		samples.length <= pings &&
		Object.keys(facts).length <= factsMax &&
		samples.every(
			({ rttSeconds, sentAtSeconds }) =>
				(rttSeconds === null || (rttSeconds >= 0 && rttSeconds <= 10 * slot.stepSeconds + 60)) &&
				Math.abs(sentAtSeconds - slot.startSeconds) <= 2 * slot.stepSeconds + 60,
		);
	return isPlausible ? measured(identity, slot, pings, samples, facts, details) : null;
}
