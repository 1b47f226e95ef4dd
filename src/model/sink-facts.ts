import {
	declarationsFor,
	type FactDeclaration,
	type FactScalar,
	type FactTable,
	type FactValue,
	oneOfFact,
} from './facts.ts';
import type { Measured } from './outcome.ts';

/** What an entry of `sinks:` says of facts: all, or these. */
export type FactChoice = true | readonly string[];

/** A fact that a sink is to tell. */
export interface SinkFact {
	readonly declaration: FactDeclaration;
	/** Of pings, and of a path, a list. */
	readonly value: FactValue;
	/** One value for all pings. Null where there is none, as of a path. */
	readonly one: FactScalar | null;
	/** The entry names it, rather than all. */
	readonly isNamed: boolean;
}

/** The facts of a measurement that a sink is to tell, in the order of their declarations. */
export type FactsOf = (outcome: Measured) => readonly SinkFact[];

const none: readonly FactDeclaration[] = [];

/** `table`: what the probes declare. Facts of other probes are not told. */
export function chosenFacts(choice: FactChoice, table: FactTable): FactsOf {
	const isNamed = choice !== true;
	const names = new Set(choice === true ? [] : choice);
	return ({ order, measurement: { facts, samples } }) => {
		const told: SinkFact[] = [];
		const declared = table.get(order.probe);
		for (const declaration of declared === undefined ? none : declarationsFor(declared, facts)) {
			if (isNamed && !names.has(declaration.name)) continue;
			const value = Object.hasOwn(facts, declaration.name) ? facts[declaration.name] : undefined;
			if (value === undefined) continue;
			told.push({ declaration, value, one: oneOfFact(declaration, value, samples), isNamed });
		}
		return told;
	};
}
