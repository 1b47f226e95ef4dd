import { join } from 'node:path';
import type { OrderCounts } from '../../counts/order-counts.ts';
import { readCounts } from '../../counts/read-counts.ts';
import type { Order } from '../../model/order.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { isOrderFor } from '../../orders/is-order.ts';
import { listingOrderFiles } from '../../orders/list-orders.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { popsIn } from '../../store/find-orders.ts';
import { Pace } from './pace.ts';

/** The order that its file says; null when it cannot be read, or is none. */
export function orderInFile(baseDir: string, id: string, probes: ProbeTable): Order | null {
	const file = readOrderFile(`${baseDir}/orders/${id}`);
	if (!('text' in file)) return null;
	const read = readOrder(id, file.text, probes);
	return 'order' in read ? read.order : null;
}

/** Those that have measured it, as far as the files tell. */
function withPops(baseDir: string, order: Order): Order {
	return order.where === undefined || order.pops !== undefined
		? order
		: { ...order, pops: popsIn(baseDir, order.id) };
}

interface ToldOrder {
	readonly order: Order;
	readonly counts: OrderCounts | null;
	/** Since when there are counts; null: there are none. */
	readonly fromSeconds: number | null;
}

/** The orders of a tree without a daemon, a copy say, one after the other; others have their turn between them. */
export async function* tellTree(baseDir: string, probes: ProbeTable): AsyncGenerator<ToldOrder> {
	const pace = new Pace();
	// Only the daemon's user may look into it.
	const { counts, fromSeconds } = readCounts(join(baseDir, 'state', 'counts'), () => {});
	const listing = listingOrderFiles(`${baseDir}/orders`, isOrderFor(probes));
	let step = listing.next();
	for (; step.done !== true; step = listing.next()) await pace.turn();
	for (const { id, refusal } of step.value.files) {
		const order = refusal === undefined ? orderInFile(baseDir, id, probes) : null;
		if (order !== null)
			yield { order: withPops(baseDir, order), counts: counts.get(id) ?? null, fromSeconds };
		await pace.turn();
	}
}
