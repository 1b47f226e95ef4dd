import {
	type FactDeclaration,
	type FactScalar,
	type Facts,
	type FactValue,
	isList,
	oneOfFact,
} from '../../model/facts.ts';
import type { Sample } from '../../model/measurement.ts';
import { printable } from '../../model/printable.ts';
import { milliseconds } from '../terminal/text.ts';
import { clock, entry, heading, type Pen } from './pen.ts';

/** A fact of the last measurement, with what its probe declares of it. */
interface FactTold {
	readonly kind: FactDeclaration['kind'];
	/** Seconds are `seconds`; null for what has none. */
	readonly unit: string | null;
	readonly help: string;
	readonly per: FactDeclaration['per'];
	/** Of pings, and of a path, a list. */
	readonly value: FactValue;
	/** One value for all pings: the median of seconds, the sum of counts, else that of the last answered ping. */
	readonly one: FactScalar | null;
	/** Of counts: the sum since the daemon took the order up; null where that is not known. */
	readonly sum: number | null;
}

export interface FactsTold {
	/** Start of the slot, seconds since the epoch. */
	readonly time: number;
	/** By name, as declared. */
	readonly facts: Readonly<Record<string, FactTold>>;
}

/** What is known of a measurement beyond its samples, as declared; what was not declared is left out. */
export function factsTold(
	last: { readonly time: number; readonly facts: Facts },
	declarations: readonly FactDeclaration[],
	samples: readonly Sample[] | null,
	sums: Readonly<Record<string, number>> | null,
): FactsTold {
	const told: [string, FactTold][] = [];
	for (const declaration of declarations) {
		const { name, kind, unit, help, per } = declaration;
		const value = Object.hasOwn(last.facts, name) ? last.facts[name] : undefined;
		if (value === undefined) continue;
		const fact = {
			...{ value, kind, per, help },
			unit: unit ?? (kind === 'seconds' ? 'seconds' : null),
			one: oneOfFact(declaration, value, samples),
			sum: kind === 'count' && sums !== null ? (sums[name] ?? 0) : null,
		};
		told.push([name, fact]);
	}
	return { time: last.time, facts: Object.fromEntries(told) };
}

export function factLines(
	{ facts, facts_time: time }: { readonly facts: FactsTold['facts']; readonly facts_time: number | null },
	pen: Pen,
): string[] {
	const told = Object.entries(facts);
	if (time === null || told.length === 0) return [];
	const lines = told.flatMap(([name, fact]) => entry(name, `${textOf(fact)} (${fact.help})`, pen));
	return [heading('FACTS', pen, `of the slot of ${clock(time, pen)}`), ...lines];
}

function textOf(fact: FactTold): string {
	const { value, kind, one, sum } = fact;
	const unit = fact.unit === null || kind === 'seconds' ? '' : ` ${fact.unit}`;
	if (!isList(value)) {
		const all = sum === null || sum === value ? '' : `, ${sum} in all`;
		return `${scalarText(value, kind)}${unit}${all}`;
	}
	if (kind === 'path')
		return value.map((hop) => (hop === null ? '*' : printable(whoIs(String(hop))))).join(' ');
	const each = value.map((of) => (of === null ? '-' : scalarText(of, kind))).join(' ');
	return one === null ? each : `${scalarText(one, kind)}${unit}: ${each}`;
}

/** What more is known of a hop stands with the route. */
function whoIs(hop: string): string {
	return hop.split(' ', 1)[0] ?? '';
}

/** From here on it is the time that something lasts, rather than how long something took: that of a certificate, say. */
const longSeconds = 60;

function scalarText(value: FactScalar, kind: FactTold['kind']): string {
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (typeof value === 'string') return printable(value);
	if (kind === 'seconds' && Math.abs(value) < longSeconds) return `${milliseconds(value)} ms`;
	return `${Math.round(value * 1e6) / 1e6}${kind === 'seconds' ? ' s' : ''}`;
}
