import type { FactChoice } from './sink-facts.ts';

/** One sink, as the config asks for it. Plain data: it goes to another thread, and equal entries are equal as JSON. */
export interface SinkEntry {
	/** Tells it from all others; in logs, in `status --sinks`, and the name of its folder below spool/. */
	readonly name: string;
	/** Which kind of sink. */
	readonly type: string;
	/** The sink's own keys as they were written. They fit its schema. */
	readonly settings: Readonly<Record<string, unknown>>;
	/** Which orders go there, besides what the sink itself takes. Null: all. */
	readonly filter: OrderFilter;
	/** Which facts it tells besides; left out: none. */
	readonly facts?: FactChoice;
	/** It leads to a hub that calls this machine so: orders have the ids there that they have at the hub. */
	readonly asPop?: string;
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
