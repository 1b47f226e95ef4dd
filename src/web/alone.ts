import type { ProbeTable } from '../model/probe.ts';
import { isOrderFor } from '../orders/is-order.ts';
import { listOrderFiles } from '../orders/list-orders.ts';
import { readOrderFile } from '../orders/order-file.ts';
import type { OutcomeStream } from '../outcomes/stream.ts';
import { readOrder } from '../reading/order.ts';

/** The order that its file says; null when it cannot be read, or is none. */
export function orderInFile(baseDir: string, id: string, probes: ProbeTable) {
	const file = readOrderFile(`${baseDir}/orders/${id}`);
	if (!('text' in file)) return null;
	const read = readOrder(id, file.text, probes);
	return 'order' in read ? read.order : null;
}

/** Tells the orders of a tree without a daemon: a copy, say. */
export function tellTree(baseDir: string, probes: ProbeTable, stream: OutcomeStream): void {
	for (const { id, refusal } of listOrderFiles(`${baseDir}/orders`, isOrderFor(probes)).files) {
		const order = refusal === undefined ? orderInFile(baseDir, id, probes) : null;
		if (order !== null) stream.changed(order);
	}
}
