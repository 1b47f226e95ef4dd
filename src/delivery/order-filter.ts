import type { AnySink, DeliveredOrder } from '../model/sink.ts';
import type { OrderFilter } from '../model/sink-entry.ts';
import { type Glob, globPattern } from '../orders/glob.ts';
import { orderPattern } from '../orders/selector.ts';

/** Whether an order is for this sink: a test that is made once for each order. Throws what the sink's own test throws. */
export function orderTest(
	sink: AnySink,
	settings: unknown,
	filter: OrderFilter,
): (order: DeliveredOrder) => boolean {
	const id = anyOf(filter.ids, orderPattern);
	const user = anyOf(filter.users, globPattern);
	const probe = anyOf(filter.probes, globPattern);
	return (order) =>
		id(order.id) &&
		user(order.user) &&
		probe(order.probe) &&
		(sink.takes?.(order, settings) ?? true) === true;
}

function anyOf(
	globs: readonly string[] | null,
	patternOf: (glob: string) => Glob,
): (text: string) => boolean {
	if (globs === null) return () => true;
	const patterns = globs.map(patternOf);
	return (text) => patterns.some((pattern) => pattern.test(text));
}
