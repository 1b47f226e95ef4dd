import type { LastFacts, UnknownSlot } from '../model/answers.ts';
import type { FactDeclaration, Facts } from '../model/facts.ts';
import { numberOfFact } from '../model/facts.ts';
import {
	type Measured,
	measured,
	type NotMeasured,
	type OrderIdentity,
	type Outcome,
} from '../model/outcome.ts';
import { packBriefly, unpackOutcome } from '../outcomes/packed.ts';
import { nothingPacked, type PackedList, packedIn, withPacked } from './packed-list.ts';

/** How many measurements are remembered. */
const measurementsMax = 10;

/**
 * What is remembered of what came of an order, for people who ask, as long as it lives: there may be 100,000 of them, so
 * it is about a kilobyte for 20 pings.
 */
export class Recollection {
	/** Why a slot could not be measured, and why there was no job in one. */
	lastFailure: UnknownSlot | null = null;
	lastSkip: UnknownSlot | null = null;
	/** Why pings were lost, in the last measurement that knew. */
	lastLoss: UnknownSlot | null = null;
	lastFacts: LastFacts | null = null;
	/** Of facts that are counts, all together. Null as long as there were none, as for most orders. */
	#sums: Map<string, number> | null = null;
	#measurements: PackedList = nothingPacked;

	/** `counts`: which of its facts are counts. */
	take(outcome: Outcome, counts: readonly FactDeclaration[]): void {
		if (outcome.kind === 'measured') this.#measured(outcome, counts);
		else if (outcome.kind === 'failed') this.lastFailure = whyOf(outcome);
		else this.lastSkip = whyOf(outcome);
	}

	get factSums(): Record<string, number> {
		return Object.fromEntries(this.#sums ?? []);
	}

	/** The last ten, newest first; without their facts. */
	measurements(order: OrderIdentity): Outcome[] {
		return packedIn(this.#measurements).map((packed) => unpackOutcome(packed, order));
	}

	/** The last one with its facts, and those of slots that began from then on; the oldest first. */
	recent(order: OrderIdentity, fromSeconds: number): Measured[] {
		const recent: Measured[] = [];
		for (const outcome of this.measurements(order)) {
			const { slot, pings } = outcome;
			if (outcome.kind !== 'measured' || (recent.length > 0 && slot.startSeconds < fromSeconds)) break;
			const { time, facts } = this.lastFacts ?? { time: Number.NaN, facts: {} };
			const known = time === slot.startSeconds ? facts : {};
			recent.unshift(measured(order, slot, pings, outcome.measurement.samples, known));
		}
		return recent;
	}

	#measured(outcome: Measured, counts: readonly FactDeclaration[]): void {
		const { measurement, slot } = outcome;
		const { facts } = measurement;
		const reason = facts['loss_reason'];
		if (typeof reason === 'string') this.lastLoss = { time: slot.startSeconds, code: null, reason };
		this.lastFacts = { time: slot.startSeconds, facts: facts as LastFacts['facts'] };
		this.#addUp(facts, counts, measurement.samples);
		this.#measurements = withPacked(this.#measurements, packBriefly(outcome), measurementsMax);
	}

	#addUp(
		facts: Facts,
		counts: readonly FactDeclaration[],
		samples: Measured['measurement']['samples'],
	): void {
		for (const declaration of counts) {
			const value = facts[declaration.name];
			const count = value === undefined ? 0 : (numberOfFact(declaration, value, samples) ?? 0);
			if (count === 0) continue;
			this.#sums ??= new Map();
			this.#sums.set(declaration.name, (this.#sums.get(declaration.name) ?? 0) + count);
		}
	}
}

function whyOf({ slot, code, reason }: NotMeasured): UnknownSlot {
	return { time: slot.startSeconds, code, reason };
}
