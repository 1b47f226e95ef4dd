import type { AnySink, DeliveredOrder } from '../model/sink.ts';
import { globPattern } from '../orders/glob.ts';
import type { Mapping } from '../reading/yaml-mapping.ts';

/** One sink, as the config asks for it. Plain data: it goes to another thread, and equal entries are equal as JSON. */
export interface SinkEntry {
	/** Tells it from all others; in logs, in `status --sinks`, and the name of its folder below spool/. */
	readonly name: string;
	/** Which kind of sink. */
	readonly type: string;
	/** The sink's own keys as they were written. They fit its schema. */
	readonly settings: Mapping;
	/** Which orders go there, besides what the sink itself takes. Null: all. */
	readonly filter: OrderFilter;
	readonly limits: DeliveryLimits;
}

/** Globs, of which one has to match. Null: whatever it is. */
export interface OrderFilter {
	readonly ids: readonly string[] | null;
	readonly users: readonly string[] | null;
	readonly probes: readonly string[] | null;
}

interface DeliveryLimits {
	/** Measurements that may wait in memory. */
	readonly queueMax: number;
	/** Measurements in a batch, at most. */
	readonly batchMax: number;
	/** How long a measurement waits for others to share its batch, milliseconds. */
	readonly batchWaitMs: number;
	/** How long opening, and writing a batch, may take, milliseconds. */
	readonly timeoutMs: number;
	readonly spoolMaxBytes: number;
	readonly spoolMaxAgeMs: number;
}

/** Whether an order is for this sink: a test that is made once for each order. Throws what the sink's own test throws. */
export function orderTest(sink: AnySink, filter: OrderFilter): (order: DeliveredOrder) => boolean {
	const id = anyOf(filter.ids);
	const user = anyOf(filter.users);
	const probe = anyOf(filter.probes);
	return (order) =>
		id(order.id) && user(order.user) && probe(order.probe) && (sink.takes?.(order) ?? true) === true;
}

function anyOf(globs: readonly string[] | null): (text: string) => boolean {
	if (globs === null) return () => true;
	const patterns = globs.map(globPattern);
	return (text) => patterns.some((pattern) => pattern.test(text));
}
