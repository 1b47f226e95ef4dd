import { localPop } from '../../model/alert.ts';
import type { FiringAlertAnswer } from '../../model/alert-answer.ts';
import { orderPattern } from '../../orders/selector.ts';

/**
 * The alerts that a word means: the id of one, an order, a folder or pattern of some, of the daemon itself `isolated`, the rule, or
 * the part.
 */
export function firedOf(firing: readonly FiringAlertAnswer[], word: string): readonly FiringAlertAnswer[] {
	const exact = firing.filter(({ id }) => id === word);
	if (exact.length > 0) return exact;
	const pattern = orderPattern(word);
	return firing.filter(({ order, part, rule, pops }) =>
		order === null
			? rule === word || part === word
			: [...pops, localPop].some((pop) => pattern.takes(order, pop === localPop ? undefined : pop)),
	);
}
