import type { WebSettings } from '../config/web-setting.ts';
import type { FactTable } from '../model/facts.ts';
import type { ProbeTable } from '../model/probe.ts';
import type { OutcomeStream } from '../outcomes/stream.ts';
import type { Token } from './access/tokens.ts';
import type { KnownOrders } from './api/known-orders.ts';
import type { Heard } from './feed/hearing.ts';
import type { ArchiveSize } from './metrics/archive-size.ts';
import type { MetricsRegistry } from './metrics/registry.ts';
import type { Summaries } from './summary/summaries.ts';

/** What the routes of the web server stand on. */
export interface WebParts {
	readonly baseDir: string;
	readonly version: string;
	readonly settings: WebSettings;
	readonly probes: ProbeTable;
	readonly facts: FactTable;
	/** The daemon's stream, as far as it can be heard here. */
	readonly stream: OutcomeStream;
	readonly registry: MetricsRegistry;
	readonly archive: ArchiveSize;
	/** The orders that are measured. */
	readonly orders: KnownOrders;
	readonly summaries: Summaries;
	/** Whose token it is; null: nobody's. */
	readonly holderOf: (presented: string) => Token | null;
	/** What `explain --json` says of an order, with its id; null when there is no such order. */
	readonly explain: (id: string) => Promise<object | null>;
	/** It was not started by the daemon, and only reads. */
	readonly isAlone: boolean;
	/** Whether all orders are known, and why the daemon is not heard. */
	readonly heard: () => Heard;
	readonly log: { error(message: string): void; warn(message: string): void; info(message: string): void };
}
