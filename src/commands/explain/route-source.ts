import { routeSourceOf } from '../../model/route-source.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { listedOrders } from '../shared/listed-orders.ts';
import type { ExplainSources } from './facts.ts';
import type { OrderFacts } from './order.ts';

/** Files of orders are read for it: no more than these. */
const filesMax = 5000;

/** The order that traces the way to the host of this one; null: there is none, or there are too many to look. */
export function tracedElsewhere(
	id: string,
	{ probe, target, options }: OrderFacts,
	{ baseDir, probes }: ExplainSources,
): string | null {
	const tracing = new Set(
		[...probes.values()].filter(({ route }) => route !== undefined).map(({ name }) => name),
	);
	const { files } = listedOrders(baseDir, probes);
	if (files.length > filesMax) return null;
	const others = function* () {
		for (const { id: other } of files) {
			const file = readOrderFile(`${baseDir}/orders/${other}`);
			// Most orders trace nothing, and reading them as orders takes its time.
			if (!('text' in file) || ![...tracing].some((name) => file.text.includes(name))) continue;
			const read = readOrder(other, file.text, probes);
			if ('order' in read) yield read.order;
		}
	};
	return routeSourceOf({ id, probe, target, options }, others(), tracing);
}
