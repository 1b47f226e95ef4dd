import type { Sample } from './measurement.ts';

/**
 * `count`: how often something happened. `gauge`: a number that goes up and down. `seconds`: a span of time. `text`.
 * `flag`: yes or no. `path`: a list of texts, null for what is not known, such as the hops of a route.
 */
export const factKinds = ['count', 'gauge', 'seconds', 'text', 'flag', 'path'] as const;

type FactKind = (typeof factKinds)[number];

/** What a probe says once of a fact that it tells. */
export interface FactDeclaration {
	/** `[a-z0-9_]`, without a unit and without the probe in it. The same in all places. */
	readonly name: string;
	readonly kind: FactKind;
	/** Of a gauge, where it has one: `bytes`. Spans of time are seconds. */
	readonly unit?: string;
	/** One line for people, without a full stop. */
	readonly help: string;
	/** Whether there is a value for each ping, in sending order, or one for the whole measurement. A `path` is of a measurement. */
	readonly per: 'ping' | 'measurement';
	/**
	 * Beside this fact its probe tells others that it cannot declare, since somebody else names them: so many of a
	 * measurement count. Each is what its value is, a number, a text or a flag of the whole measurement. None by default.
	 */
	readonly undeclaredMax?: number;
}

/** Numbers are finite. */
export type FactScalar = number | string | boolean;

/** One value; or a list: of one for each sample (null: not known), or a path. */
export type FactValue = FactScalar | readonly (FactScalar | null)[];

/** By name. What is not known is left out. */
export type Facts = Readonly<Record<string, FactValue>>;

/** Facts of every probe, which belong to none. */
const commonFacts: readonly FactDeclaration[] = [
	{ name: 'address', kind: 'text', help: 'the address that was measured', per: 'measurement' },
	{
		name: 'jitter',
		kind: 'seconds',
		help: 'mean difference of the round-trip times of neighbours, in sending order',
		per: 'measurement',
	},
	{
		name: 'mos',
		kind: 'gauge',
		help: 'mean opinion score of a call with G.711, from 1 to 4.5, by the E-model of G.107',
		per: 'measurement',
	},
	{
		name: 'loss_reason',
		kind: 'text',
		help: 'why pings were lost, and how many, as far as it is known',
		per: 'measurement',
	},
	{
		name: 'path',
		kind: 'path',
		help: 'the hops on the way to the target, in slots after those in which the order had its route traced',
		per: 'measurement',
	},
];

/** Longer texts are cut, longer paths too. */
const textMax = 250;
const pathMax = 255;
const hopMax = 1000;

/** By probe, with the facts of every probe. */
export type FactTable = ReadonlyMap<string, readonly FactDeclaration[]>;

/** What can be told of the measurements of a probe: its own facts and those of every probe, each name once. */
export function declaredFacts(own: readonly FactDeclaration[] = []): readonly FactDeclaration[] {
	const names = new Set(own.map(({ name }) => name));
	return [...own, ...commonFacts.filter(({ name }) => !names.has(name))];
}

const factName = /^[a-z][a-z0-9_]{0,99}$/;

/**
 * The declarations that hold for facts: those of their probe and, where it tells others, of each of these the one that its
 * value makes for it. Lists and what no fact can be called have none.
 */
export function declarationsFor(
	declared: readonly FactDeclaration[],
	facts: Facts | undefined,
): readonly FactDeclaration[] {
	const undeclaredMax = declared.find((one) => one.undeclaredMax !== undefined)?.undeclaredMax ?? 0;
	if (facts === undefined || undeclaredMax === 0) return declared;
	const undeclared: FactDeclaration[] = [];
	for (const [name, value] of Object.entries(facts)) {
		if (undeclared.length >= undeclaredMax) break;
		if (isList(value) || declared.some((one) => one.name === name)) continue;
		if (name === 'time' || !factName.test(name)) continue;
		const kind = typeof value === 'number' ? 'gauge' : typeof value === 'boolean' ? 'flag' : 'text';
		undeclared.push({ name, kind, help: 'as it was told', per: 'measurement' });
	}
	return undeclared.length === 0 ? declared : [...declared, ...undeclared];
}

/** What is wrong with declarations, or null. */
export function wrongWithDeclarations(declarations: readonly FactDeclaration[]): string | null {
	const names = new Set<string>();
	for (const { name, kind, help, per } of declarations) {
		if (!factName.test(name)) return `the fact ${JSON.stringify(name)} must be named by a-z, 0-9 and _`;
		if (name === 'time') return 'a fact cannot have the name time, which is that of the slot';
		if (names.has(name)) return `the fact ${name} is declared twice`;
		if (kind === 'path' && per === 'ping') return `the fact ${name} is a path, which no ping can have`;
		if (help === '' || help.includes('\n')) return `the fact ${name} needs one line of help`;
		names.add(name);
	}
	return null;
}

/**
 * Those facts that are as they were declared, in an object of its own. Texts are cut to a bearable length. `samples`: how
 * many there are.
 */
export function checkedFacts(
	declarations: readonly FactDeclaration[],
	facts: Facts | undefined,
	samples: number,
): { [name: string]: FactValue } {
	const checked: { [name: string]: FactValue } = {};
	if (facts === undefined) return checked;
	for (const { name, kind, per } of declarations) {
		if (!Object.hasOwn(facts, name)) continue;
		const value = facts[name];
		if (per === 'measurement' && kind !== 'path') {
			const one = checkedScalar(kind, value);
			if (one !== null) checked[name] = one;
		} else if (Array.isArray(value)) {
			const list = kind === 'path' ? value.slice(0, pathMax) : value;
			if (kind !== 'path' && list.length !== samples) continue;
			checked[name] = list.map((one) => checkedScalar(kind, one));
		}
	}
	return checked;
}

function checkedScalar(kind: FactKind, value: unknown): FactScalar | null {
	switch (kind) {
		case 'text':
			return typeof value === 'string' ? value.slice(0, textMax) : null;
		case 'path':
			return typeof value === 'string' ? value.slice(0, hopMax) : null;
		case 'flag':
			return typeof value === 'boolean' ? value : null;
		default:
			return typeof value === 'number' && Number.isFinite(value) ? value : null;
	}
}

/**
 * One value where one is needed of a fact. Of pings: the median of seconds, the sum of counts, else that of the last
 * answered ping that has one, or where none was answered, of the last that has one: the status of a failing server. Null
 * when there is none; a `path` has none.
 *
 * @param samples null where it is not known which pings were answered: then it is that of the last one that has one
 */
export function oneOfFact(
	{ kind, per }: Pick<FactDeclaration, 'kind' | 'per'>,
	value: FactValue,
	samples: readonly Pick<Sample, 'rttSeconds'>[] | null,
): FactScalar | null {
	if (kind === 'path') return null;
	if (per === 'measurement' || !isList(value)) return isList(value) ? null : value;
	if (kind === 'seconds') {
		const sorted = value.filter((one) => typeof one === 'number').sort((a, b) => a - b);
		return sorted[Math.floor(sorted.length / 2)] ?? null;
	}
	if (kind === 'count') {
		const known = value.filter((one) => typeof one === 'number');
		return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
	}
	const hasAnswers = samples?.some(({ rttSeconds }) => rttSeconds !== null) ?? false;
	for (let index = value.length - 1; index >= 0; index--) {
		const one = value[index];
		const counts = !hasAnswers || samples?.[index]?.rttSeconds != null;
		if (one != null && counts) return one;
	}
	return null;
}

/** The same as a number: flags are 1 and 0. Null for what is none. */
export function numberOfFact(
	declaration: Pick<FactDeclaration, 'kind' | 'per'>,
	value: FactValue,
	samples: readonly Pick<Sample, 'rttSeconds'>[] | null,
): number | null {
	const one = oneOfFact(declaration, value, samples);
	if (typeof one === 'boolean') return one ? 1 : 0;
	return typeof one === 'number' ? one : null;
}

export function isList(value: FactValue): value is readonly (FactScalar | null)[] {
	return Array.isArray(value);
}
