import { randomBytes } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { addDerivedFacts } from '../model/derived-facts.ts';
import { checkedFacts, declarationsFor, declaredFacts, type FactDeclaration } from '../model/facts.ts';
import { measurementOf } from '../model/measurement.ts';
import { type NotMeasured, notMeasured, type OrderIdentity, type Outcome } from '../model/outcome.ts';
import type { AnyProbe, TargetResult } from '../model/probe.ts';
import type { Slot } from '../model/slot.ts';

/** What an outcome says of an order. */
interface OutcomeOrder {
	readonly identity: OrderIdentity;
	readonly pings: number;
	readonly probe: AnyProbe;
	/** Where it was measured; null when that is not known. */
	readonly address: string | null;
}

export type Why = Pick<NotMeasured, 'code' | 'reason'>;

/** Longer words are cut: they go to many places. */
const reasonMax = 2000;

/** Makes outcomes of what probes say, numbered and with the time. */
export class OutcomeMaker {
	readonly #clock: Clock;
	readonly #boot = randomBytes(4).toString('hex');
	readonly #declared = new WeakMap<AnyProbe, readonly FactDeclaration[]>();
	#seq = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** `isOverrun`: the job was ended with its slot. */
	of(
		{ identity, pings, probe, address }: OutcomeOrder,
		slot: Slot,
		result: TargetResult,
		isOverrun: boolean,
	): Outcome {
		if (!('samples' in result)) {
			const { failure, code = 'probe_failed' } = result;
			const isCutOff = isOverrun && (code === 'stopped' || code === 'probe_failed');
			return this.not('failed', identity, pings, slot, {
				code: isCutOff ? 'overrun' : code,
				reason: failure.slice(0, reasonMax),
			});
		}
		const { samples } = result;
		const declared = declarationsFor(this.#declaredBy(probe), result.facts);
		const facts = checkedFacts(declared, result.facts, samples.length);
		if (address !== null && facts['address'] === undefined) facts['address'] = address;
		const measurement = measurementOf({ id: identity.id, pings }, slot, samples, facts);
		addDerivedFacts(facts, samples, measurement);
		const { updatedSeconds, boot, seq } = this.#details();
		return { kind: 'measured', order: identity, slot, pings, measurement, updatedSeconds, boot, seq };
	}

	not(kind: NotMeasured['kind'], order: OrderIdentity, pings: number, slot: Slot, why: Why): NotMeasured {
		return notMeasured(kind, order, slot, pings, why, this.#details());
	}

	#details() {
		return { updatedSeconds: this.#clock.wallMs() / 1000, boot: this.#boot, seq: ++this.#seq };
	}

	#declaredBy(probe: AnyProbe): readonly FactDeclaration[] {
		let declared = this.#declared.get(probe);
		if (declared === undefined) {
			declared = declaredFacts(probe.facts);
			this.#declared.set(probe, declared);
		}
		return declared;
	}
}
