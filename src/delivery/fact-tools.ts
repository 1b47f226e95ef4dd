import type { FactTable } from '../model/facts.ts';
import type { Outcome } from '../model/outcome.ts';
import type { SinkTools } from '../model/sink.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import { chosenFacts } from '../model/sink-facts.ts';
import { outcomeToJson } from '../outcomes/outcome-json.ts';

/** What a sink is lent to tell facts with, as its entry asks for them. */
export function factTools(
	{ facts: choice }: SinkEntry,
	table: FactTable,
): Pick<SinkTools, 'facts' | 'toJson'> {
	if (choice === undefined || choice === true) {
		return { facts: choice === true ? chosenFacts(true, table) : null, toJson: outcomeToJson };
	}
	const names = new Set(choice);
	return {
		facts: chosenFacts(choice, table),
		toJson: (outcome) => outcomeToJson(withOnly(outcome, names)),
	};
}

function withOnly(outcome: Outcome, names: ReadonlySet<string>): Outcome {
	if (outcome.kind !== 'measured') return outcome;
	const facts = Object.entries(outcome.measurement.facts).filter(([name]) => names.has(name));
	return { ...outcome, measurement: { ...outcome.measurement, facts: Object.fromEntries(facts) } };
}
