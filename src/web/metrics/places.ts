import type { Order } from '../../model/order.ts';
import type { LastSlot } from './order-series.ts';

/** Whether this machine, or the point of presence, is one of those that measure it. */
export function isAsked({ pops }: Order, pop: string): boolean {
	return pop === '' || pops === undefined || pops.includes(pop);
}

const minuteSeconds = 60;

/** Nothing newer came in time: what is known is not how it is. */
export function isOld(last: LastSlot | null): boolean {
	return last !== null && Date.now() / 1000 > last.startSeconds + 3 * last.stepSeconds + minuteSeconds;
}

/** Of most loss; of equal loss the slowest. */
export function worstOf(slots: readonly LastSlot[]): LastSlot | null {
	const badness = ({ loss, sent, medianSeconds }: LastSlot) => [loss / sent, medianSeconds ?? 0] as const;
	return slots.reduce<LastSlot | null>((worst, slot) => {
		if (worst === null) return slot;
		const [[loss, median], [worstLoss, worstMedian]] = [badness(slot), badness(worst)];
		return loss > worstLoss || (loss === worstLoss && median > worstMedian) ? slot : worst;
	}, null);
}
