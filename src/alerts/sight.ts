import type { FactTable } from '../model/facts.ts';
import { numberOfFact, oneOfFact } from '../model/facts.ts';
import type { Outcome, ReasonCode } from '../model/outcome.ts';
import { routeOf } from '../model/route.ts';

/** What rules look at: one slot of one order at one place, from a measurement or from what files keep of it. */
export interface Sight {
	/** False: unknown, never loss. */
	readonly isKnown: boolean;
	/** Why it is unknown. */
	readonly code?: ReasonCode;
	/** 0 to 1. */
	readonly lossShare: number | null;
	/** Seconds; null when every ping was lost. */
	readonly medianSeconds: number | null;
	/** A declared fact as a number; null when there is none. */
	number(name: string): number | null;
	/** A declared fact as text; null when there is none. */
	text(name: string): string | null;
	/**
	 * The hops of a route that reached its target, null for those that did not answer, addresses of a load balancer with
	 * commas between; null when there is none.
	 */
	route(): readonly (string | null)[] | null;
	/** The pings in sending order, whether they were lost; null where it is not known. */
	lostPings(): readonly boolean[] | null;
}

const nothing = {
	number: () => null,
	text: () => null,
	route: () => null,
	lostPings: () => null,
} as const;

/** A slot of which nothing is known. */
export function unknownSight(code?: ReasonCode): Sight {
	const why = code === undefined ? {} : { code };
	return { isKnown: false, ...why, lossShare: null, medianSeconds: null, ...nothing };
}

/** A slot of which loss and median are known, from the file `slots` or from main.rrd. */
export function slotSight(lossShare: number, medianSeconds: number | null): Sight {
	return { isKnown: true, lossShare, medianSeconds, ...nothing };
}

/** What a rule sees of an outcome. Facts are looked up only when a rule asks. */
export function sightOf(outcome: Outcome, facts: FactTable): Sight {
	return outcome.kind === 'measured' ? new MeasuredSight(outcome, facts) : unknownSight(outcome.code);
}

class MeasuredSight implements Sight {
	readonly isKnown = true;
	readonly lossShare: number;
	readonly medianSeconds: number | null;
	readonly #outcome: Outcome & { kind: 'measured' };
	readonly #facts: FactTable;

	constructor(outcome: Outcome & { kind: 'measured' }, facts: FactTable) {
		const { loss, samples, medianSeconds } = outcome.measurement;
		this.lossShare = loss / samples.length;
		this.medianSeconds = medianSeconds;
		this.#outcome = outcome;
		this.#facts = facts;
	}

	number(name: string): number | null {
		const { samples, facts } = this.#outcome.measurement;
		const value = facts[name];
		const declaration = this.#declared(name);
		if (value === undefined || declaration === undefined) return null;
		return numberOfFact(declaration, value, samples);
	}

	text(name: string): string | null {
		const { samples, facts } = this.#outcome.measurement;
		const value = facts[name];
		const declaration = this.#declared(name);
		if (value === undefined || declaration === undefined) return null;
		const one = oneOfFact(declaration, value, samples);
		return one === null ? null : String(one);
	}

	route(): readonly (string | null)[] | null {
		const { order, measurement } = this.#outcome;
		const declaration = this.#facts.get(order.probe)?.find(({ kind }) => kind === 'path');
		const value = declaration === undefined ? undefined : measurement.facts[declaration.name];
		if (!Array.isArray(value)) return null;
		const path = value.map((hop) => (typeof hop === 'string' ? hop : null));
		const { reached, hops } = routeOf(0, path, this.lossShare < 1).route;
		// A way that ends before its target tells of an outage, and not of another way.
		return reached ? hops.map((hop) => hop?.addresses.join(',') ?? null) : null;
	}

	lostPings(): readonly boolean[] {
		return this.#outcome.measurement.samples.map(({ rttSeconds }) => rttSeconds === null);
	}

	#declared(name: string) {
		return this.#facts.get(this.#outcome.order.probe)?.find((one) => one.name === name);
	}
}
