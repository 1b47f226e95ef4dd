import type { OrderRule, SlotCount, Threshold, WeekShare } from '../model/alert.ts';
import type { Sight } from './sight.ts';
import { spanInWords } from './span-words.ts';
import { comparedValue, isSlotCondition } from './verdict.ts';

/** What is wrong, in words for people: `loss 60 % (over 20 %) in 3 of 5 slots`. */
export function describeAlert(
	{ condition }: OrderRule,
	sights: Iterable<Sight>,
	lastWeekSeconds: number | null,
): string {
	switch (condition.kind) {
		case 'unknown':
			return `nothing is known of it ${slotsInWords(condition.raise)}`;
		case 'route':
			return 'the route has changed';
		case 'score':
			return `${condition.failed} of the last ${condition.of} pings lost${condition.pops > 1 ? ` at ${condition.pops} places` : ''}`;
		case 'pattern':
			return `${condition.of} is as the pattern ${condition.text}`;
		case 'fact-is': {
			const texts = [...sights].map((sight) => sight.text(condition.fact)).filter((text) => text !== null);
			const wanted = `${condition.not ? 'not ' : ''}${condition.values.join(', ')}`;
			return `${condition.probe}.${condition.fact} is ${texts[0] ?? wanted} ${slotsInWords(condition.raise)}`;
		}
	}
	const values = isSlotCondition(condition)
		? [...sights].map((sight) => comparedValue(condition, sight)).filter((value) => value !== null)
		: [];
	const { threshold } = condition;
	const name = condition.kind === 'fact' ? `${condition.probe}.${condition.fact}` : condition.kind;
	const unit = unitOf(condition);
	const worst = threshold.bad === 'over' ? Math.max(...values) : Math.min(...values);
	const value = values.length === 0 ? '' : ` ${inUnit(worst, unit)}`;
	return `${name}${value} (${limitInWords(threshold, unit, lastWeekSeconds)}) ${slotsInWords(threshold.raise)}`;
}

type Unit = 'share' | 'seconds' | 'number';

function unitOf(condition: OrderRule['condition']): Unit {
	if (condition.kind === 'loss') return 'share';
	if (condition.kind === 'median' || condition.kind === 'jitter') return 'seconds';
	if (condition.kind === 'fact' && condition.isTime) return 'seconds';
	return 'number';
}

function limitInWords({ bad, limit }: Threshold, unit: Unit, lastWeekSeconds: number | null): string {
	if (typeof limit === 'number') return `${bad} ${inUnit(limit, unit)}`;
	const median = lastWeekSeconds === null ? '' : `, ${inUnit(lastWeekSeconds, 'seconds')}`;
	return `${bad} ${shareInWords(limit)}${median}`;
}

function shareInWords({ ofLastWeek }: WeekShare): string {
	return `${short(ofLastWeek * 100)} % of last week`;
}

function inUnit(value: number, unit: Unit): string {
	if (unit === 'share') return `${short(value * 100)} %`;
	if (unit === 'number') return short(value);
	if (Math.abs(value) >= 86_400) return `${short(value / 86_400)} d`;
	return value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
}

function short(value: number): string {
	return String(Number(value.toPrecision(3)));
}

function slotsInWords(slots: SlotCount): string {
	if ('forSeconds' in slots) return `for ${spanInWords(slots.forSeconds)}`;
	if (slots.of !== slots.count) return `in ${slots.count} of ${slots.of} slots`;
	return slots.count === 1 ? 'in a slot' : `in ${slots.count} slots`;
}
