import type { OrderCondition, Quorum, Threshold, WeekShare } from '../model/alert.ts';
import type { Sight } from './sight.ts';

/**
 * What a slot says to a rule. `between`: neither bad enough to raise nor good enough to clear. `none`: nothing, since it
 * is unknown; it raises nothing and clears nothing.
 */
export type Verdict = 'bad' | 'between' | 'good' | 'none';

/** A condition that each slot is held against by itself. */
export type SlotCondition = Extract<
	OrderCondition,
	{ readonly kind: 'loss' | 'median' | 'jitter' | 'mos' | 'fact' | 'fact-is' }
>;

export function isSlotCondition(condition: OrderCondition): condition is SlotCondition {
	return 'threshold' in condition || condition.kind === 'fact-is';
}

/** The value that a condition compares; null: there is none. */
export function comparedValue(condition: SlotCondition, sight: Sight): number | null {
	if (!sight.isKnown) return null;
	switch (condition.kind) {
		case 'loss':
			return sight.lossShare;
		case 'median':
			return sight.medianSeconds;
		case 'jitter':
		case 'mos':
			return sight.number(condition.kind);
		case 'fact':
			return sight.number(condition.fact);
		default:
			return null;
	}
}

/**
 * What one slot at one place says.
 *
 * @param lastWeek the median of the seven days before, seconds; null: not known. Asked for only where it is compared.
 */
export function judge(condition: SlotCondition, sight: Sight, lastWeek: () => number | null): Verdict {
	if (!sight.isKnown) return 'none';
	if (condition.kind === 'fact-is') {
		const text = sight.text(condition.fact);
		if (text === null) return 'none';
		return condition.values.includes(text) !== condition.not ? 'bad' : 'good';
	}
	const value = comparedValue(condition, sight);
	return value === null ? 'none' : compare(condition.threshold, value, lastWeek);
}

function compare(threshold: Threshold, value: number, lastWeek: () => number | null): Verdict {
	const { bad, limit, clearLimit } = threshold;
	const raiseAt = limitOf(limit, lastWeek);
	if (raiseAt === null) return 'none';
	if (bad === 'over' ? value > raiseAt : value < raiseAt) return 'bad';
	if (clearLimit === null) return 'good';
	const clearAt = limitOf(clearLimit, lastWeek);
	if (clearAt === null) return 'none';
	return (bad === 'over' ? value < clearAt : value > clearAt) ? 'good' : 'between';
}

function limitOf(limit: number | WeekShare, lastWeek: () => number | null): number | null {
	if (typeof limit === 'number') return limit;
	const median = lastWeek();
	return median === null ? null : median * limit.ofLastWeek;
}

/**
 * What the places together say of a slot. Those without a verdict do not vote; with fewer votes than the quorum needs
 * there is none.
 */
export function decide(verdicts: Iterable<Verdict>, quorum: Quorum | null): Verdict {
	const needed = quorum?.pops ?? 1;
	let voters = 0;
	let bad = 0;
	let good = 0;
	for (const verdict of verdicts) {
		if (verdict === 'none') continue;
		voters++;
		if (verdict === 'bad') bad++;
		else if (verdict === 'good') good++;
	}
	if (voters === 0 || voters < Math.max(needed, quorum?.of ?? 0)) return 'none';
	if (bad >= needed) return 'bad';
	return voters - good < needed ? 'good' : 'between';
}
