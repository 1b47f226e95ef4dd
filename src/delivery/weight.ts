import type { DeliveredOrder } from '../model/sink.ts';
import type { Waiting } from './spool-lines.ts';

/** What is written to a sink at once is, as text, of about this size at most: it is all in memory. Bytes. */
const batchMaxBytes = 4 * 1024 * 1024;
/** What is in every line besides the name and the tags, in whatever format. */
const lineBytes = 100;

const orderBytes = new WeakMap<DeliveredOrder, number>();

/** How many of these, from the first on, may be written at once: one at least. */
export function countWithin(waiting: readonly Waiting[], maxBytes = batchMaxBytes): number {
	let bytes = 0;
	for (const [index, one] of waiting.entries()) {
		bytes += bytesOf(one);
		if (bytes > maxBytes) return Math.max(1, index);
	}
	return waiting.length;
}

/** A line for each ping and one for all, each with all tags. */
function bytesOf({ delivered }: Waiting): number {
	const pings = delivered.kind === 'measured' ? delivered.measurement.samples.length : 0;
	return (1 + pings) * (lineBytes + bytesOfOrder(delivered.order));
}

function bytesOfOrder(order: DeliveredOrder): number {
	const known = orderBytes.get(order);
	if (known !== undefined) return known;
	let bytes = order.id.length + (order.measurementName?.length ?? 0);
	for (const [name, value] of Object.entries(order.tags)) bytes += name.length + value.length;
	orderBytes.set(order, bytes);
	return bytes;
}
