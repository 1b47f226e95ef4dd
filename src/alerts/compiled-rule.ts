import { localPop, type OrderRule, type SlotCount } from '../model/alert.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import { anyOf } from '../orders/glob.ts';
import { namesPops, orderPattern } from '../orders/selector.ts';
import { type Pattern, readPattern } from './pattern.ts';
import type { Counting } from './run.ts';

/** A rule, ready to be held against slots. */
export interface CompiledRule {
	readonly rule: OrderRule;
	readonly counting: Counting;
	/** Of a pattern rule. */
	readonly pattern: Pattern | null;
	/** Whether it is for an order that names these rules. */
	isFor(order: OrderIdentity, named: readonly string[]): boolean;
	/** Whether the results of a place count. */
	counts(pop: string): boolean;
	/** The same rule for one order: where the pattern names points of presence, no other place of it counts. */
	of(id: string): CompiledRule;
}

const oneSlot: SlotCount = { count: 1, of: 1 };

export function compileRule(rule: OrderRule): CompiledRule {
	const { condition, match, named, name } = rule;
	const pattern = condition.kind === 'pattern' ? readPattern(condition.of, condition.text) : null;
	const ids = match.orders?.map(orderPattern) ?? null;
	const user = anyOf(match.users);
	const probe = anyOf(match.probes);
	const tags = Object.entries(match.tags ?? {}).map(([tag, globs]) => [tag, anyOf(globs)] as const);
	const ownProbe = 'probe' in condition ? condition.probe : null;
	const counts = anyOf(match.pops);
	const compiled: CompiledRule = {
		rule,
		counting: countingOf(rule),
		pattern: pattern !== null && 'pattern' in pattern ? pattern.pattern : null,
		isFor: (order, names) =>
			(!named || names.includes(name)) &&
			(ownProbe === null || order.probe === ownProbe) &&
			(ids?.some((one) => one.concerns(order.id)) ?? true) &&
			user(order.user) &&
			probe(order.probe) &&
			tags.every(([tag, test]) => {
				const value = order.tags[tag];
				return value !== undefined && test(value);
			}),
		counts,
		of: (id) => {
			if (ids === null || match.orders?.some(namesPops) !== true) return compiled;
			const takes = (pop: string | undefined) => ids.some((one) => one.takes(id, pop));
			return { ...compiled, counts: (pop) => counts(pop) && takes(pop === localPop ? undefined : pop) };
		},
	};
	return compiled;
}

function countingOf({ condition }: OrderRule): Counting {
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
