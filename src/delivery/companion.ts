import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { OrderIdentity, Outcome } from '../model/outcome.ts';
import type { StreamEvent } from '../outcomes/subscriber.ts';

/**
 * What lives in the thread of the sinks beside them, and takes the same outcomes. This half of it is in the main
 * thread. Messages are plain data, and come in the order in which they are sent, outcomes among them.
 */
export interface CompanionDesk {
	/** A module that exports `openCompanion`, an `OpenCompanion`. */
	readonly module: URL;
	/** What it is opened with. */
	readonly data: unknown;
	/** Whether there has to be a thread for it. */
	isNeeded(): boolean;
	/**
	 * What it is to hear of an event before later outcomes; null: nothing. `isHeard`: there is a thread. Where there is
	 * none, `first` tells it later.
	 */
	messageOf(event: StreamEvent, isHeard: boolean): unknown;
	/** What it has to hear first of all, when a thread was started. */
	first(): readonly unknown[];
	/** It says something. */
	hear(message: unknown): void;
}

/** The half of it in the thread. No method throws, and none but `close` waits for anything. */
export interface Companion {
	isWanted(order: OrderIdentity): boolean;
	accept(outcome: Outcome): void;
	hear(messages: readonly unknown[]): void;
	/** The daemon ends. Settles within `graceMs` and a little more. */
	close(graceMs: number): Promise<void>;
}

export interface CompanionTools {
	readonly clock: Clock;
	readonly log: Log;
	/** To the other half. */
	post(message: unknown): void;
}

export type OpenCompanion = (data: unknown, tools: CompanionTools) => Companion | Promise<Companion>;
