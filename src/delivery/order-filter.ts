import type { AnySink, DeliveredOrder } from '../model/sink.ts';
import type { OrderFilter } from '../model/sink-entry.ts';
import { anyOf } from '../orders/glob.ts';
import { namesPops, orderPattern } from '../orders/selector.ts';

/** Who takes an order: nobody, everything, or what some points of presence measure of it. */
export type Wanted = boolean | ((pop: string | undefined) => boolean);

/** What a sink takes of an order: a test that is made once for each. Throws what the sink's own test throws. */
export function orderTest(
	sink: AnySink,
	settings: unknown,
	{ ids, users, probes }: OrderFilter,
): (order: DeliveredOrder) => Wanted {
	const patterns = ids?.map(orderPattern) ?? null;
	const hasPops = ids?.some(namesPops) === true;
	const user = anyOf(users);
	const probe = anyOf(probes);
	return (order) => {
		const isOne =
			(patterns?.some((pattern) => pattern.concerns(order.id)) ?? true) &&
			user(order.user) &&
			probe(order.probe) &&
			(sink.takes?.(order, settings) ?? true) === true;
		if (!isOne || patterns === null || !hasPops) return isOne;
		return (pop) => patterns.some((pattern) => pattern.takes(order.id, pop));
	};
}
