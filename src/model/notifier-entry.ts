import type { Severity } from './alert.ts';

/** One notifier, as the config asks for it. Plain data: it goes to another thread, and equal entries are equal as JSON. */
export interface NotifierEntry {
	/** Tells it from all others: in rules (`notify:`), in logs, in `status --sinks`, and the name of its spool. */
	readonly name: string;
	/** Which kind of notifier. */
	readonly type: string;
	/** The notifier's own keys as they were written. They fit its schema. */
	readonly settings: Readonly<Record<string, unknown>>;
	/** It is told of alerts of these alone; null: of all. */
	readonly severities: readonly Severity[] | null;
	readonly limits: {
		/** How long opening, and sending a message, may take, milliseconds. */
		readonly timeoutMs: number;
		readonly spoolMaxBytes: number;
		readonly spoolMaxAgeMs: number;
	};
}

/** A URL that is asked now and then, so that somebody outside notices when that ends. */
export interface HeartbeatSetting {
	readonly url: string;
	readonly everySeconds: number;
}
