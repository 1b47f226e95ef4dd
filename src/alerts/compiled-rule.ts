import type { Rule, SlotCount } from '../model/alert.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import { type Glob, globPattern } from '../orders/glob.ts';
import { orderPattern } from '../orders/selector.ts';
import { type Pattern, readPattern } from './pattern.ts';
import type { Counting } from './run.ts';

/** A rule, ready to be held against slots. */
export interface CompiledRule {
	readonly rule: Rule;
	readonly counting: Counting;
	/** Of a pattern rule. */
	readonly pattern: Pattern | null;
	/** Whether it is for an order that names these rules. */
	isFor(order: OrderIdentity, named: readonly string[]): boolean;
	/** Whether the results of a place count. */
	counts(pop: string): boolean;
}

const oneSlot: SlotCount = { count: 1, of: 1 };

export function compileRule(rule: Rule): CompiledRule {
	const { condition, match, named, name } = rule;
	const pattern = condition.kind === 'pattern' ? readPattern(condition.of, condition.text) : null;
	const id = anyOf(match.orders, orderPattern);
	const user = anyOf(match.users, globPattern);
	const probe = anyOf(match.probes, globPattern);
	const tags = Object.entries(match.tags ?? {}).map(
		([tag, globs]) => [tag, anyOf(globs, globPattern)] as const,
	);
	const ownProbe = 'probe' in condition ? condition.probe : null;
	return {
		rule,
		counting: countingOf(rule),
		pattern: pattern !== null && 'pattern' in pattern ? pattern.pattern : null,
		isFor: (order, names) =>
			(!named || names.includes(name)) &&
			(ownProbe === null || order.probe === ownProbe) &&
			id(order.id) &&
			user(order.user) &&
			probe(order.probe) &&
			tags.every(([tag, test]) => {
				const value = order.tags[tag];
				return value !== undefined && test(value);
			}),
		counts: anyOf(match.pops, globPattern),
	};
}

function countingOf({ condition }: Rule): Counting {
	switch (condition.kind) {
		case 'score':
			return { raise: oneSlot, clearSlots: oneSlot };
		case 'route':
		case 'pattern':
			return { raise: oneSlot, clearSlots: condition.clearSlots };
		case 'unknown':
		case 'fact-is':
			return condition;
		default:
			return condition.threshold;
	}
}

function anyOf(
	globs: readonly string[] | null,
	patternOf: (glob: string) => Glob,
): (text: string) => boolean {
	if (globs === null) return () => true;
	const patterns = globs.map(patternOf);
	return (text) => patterns.some((pattern) => pattern.test(text));
}
