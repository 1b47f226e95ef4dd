import type { OrderWatch } from './order-watch.ts';
import type { Sight } from './sight.ts';

/** A ping that is over before its slot is. */
export interface EarlyLoss {
	/** Its place among the pings of the slot. */
	readonly index: number;
	readonly isLost: boolean;
}

/** Those that were not told before, in sending order: whether they were lost. */
export function newPings(
	watch: OrderWatch,
	startSeconds: number,
	pings: readonly EarlyLoss[],
): readonly boolean[] {
	if (watch.early?.startSeconds !== startSeconds) watch.early = { startSeconds, told: new Set() };
	const { told } = watch.early;
	const news = pings.filter(({ index }) => !told.has(index)).sort((a, b) => a.index - b.index);
	for (const { index } of news) told.add(index);
	return news.map(({ isLost }) => isLost);
}

/** The same slot, of whose pings those that were told early are not counted twice. */
export function withoutEarly(watch: OrderWatch, startSeconds: number, sight: Sight): Sight {
	const { early } = watch;
	if (early === null) return sight;
	watch.early = null;
	if (early.startSeconds !== startSeconds) return sight;
	const lost = sight.lostPings()?.filter((_, index) => !early.told.has(index)) ?? null;
	const { isKnown, lossShare, medianSeconds, code } = sight;
	return {
		...{ isKnown, lossShare, medianSeconds, ...(code === undefined ? {} : { code }) },
		number: (name) => sight.number(name),
		text: (name) => sight.text(name),
		route: () => sight.route(),
		lostPings: () => lost,
	};
}
