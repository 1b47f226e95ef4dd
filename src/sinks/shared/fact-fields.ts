import { type FactScalar, isList } from '../../model/facts.ts';
import { influxText } from '../../model/influx-names.ts';
import type { SinkFact } from '../../model/sink-facts.ts';

/** Names of our own fields, which no fact can take. */
const own: ReadonlySet<string> = new Set(['loss', 'max_rtt', 'median_rtt', 'min_rtt', 'individual_rtt']);

/** `name=value` of each fact of the measurement as a whole. Texts only where the entry names them. */
export function factFields(facts: readonly SinkFact[]): string[] {
	const fields: string[] = [];
	for (const fact of facts) {
		const { kind, name } = fact.declaration;
		const isPath = kind === 'path' && isList(fact.value);
		const one = isPath ? fact.value.map((hop) => (hop === null ? '*' : String(hop))).join(' ') : fact.one;
		if (one !== null && isTold(fact)) fields.push(`${name}=${valueText(one)}`);
	}
	return fields;
}

/** The same of one ping. */
export function factFieldsOfPing(facts: readonly SinkFact[], index: number): string[] {
	const fields: string[] = [];
	for (const fact of facts) {
		const { declaration, value } = fact;
		const one = declaration.per === 'ping' && isList(value) ? (value[index] ?? null) : null;
		if (one !== null && isTold(fact)) fields.push(`${declaration.name}=${valueText(one)}`);
	}
	return fields;
}

function isTold({ declaration: { kind, name }, isNamed }: SinkFact): boolean {
	return !own.has(name) && (isNamed || (kind !== 'text' && kind !== 'path'));
}

/** Numbers are floats, as all of ours; flags 1 and 0. */
function valueText(value: FactScalar): string {
	if (typeof value === 'string') return influxText(value);
	if (typeof value === 'boolean') return value ? '1' : '0';
	return String(Number(value.toPrecision(15)));
}
