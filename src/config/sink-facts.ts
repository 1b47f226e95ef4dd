import { declaredFacts } from '../model/facts.ts';
import { notKnown } from '../model/findings.ts';
import type { OrderFinding } from '../model/order.ts';
import type { ProbeTable } from '../model/probe.ts';
import type { SinkEntry } from '../model/sink-entry.ts';

/** Facts that a sink shall tell and no probe knows. */
export function unknownFacts(entries: readonly SinkEntry[], probes: ProbeTable): OrderFinding[] {
	const known = new Set<string>();
	for (const { facts } of probes.values()) for (const { name } of declaredFacts(facts)) known.add(name);
	return entries.flatMap(({ name, facts }) =>
		(Array.isArray(facts) ? (facts as readonly string[]) : [])
			.filter((fact) => !known.has(fact))
			.map((fact) => ({ key: `sinks (${name}).facts`, message: notKnown('fact', fact, [...known]) })),
	);
}
