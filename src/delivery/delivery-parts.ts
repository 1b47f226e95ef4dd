import type { Clock } from '../model/clock.ts';
import type { FactTable } from '../model/facts.ts';
import type { Log } from '../model/log.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import type { Subscriber } from '../outcomes/subscriber.ts';
import type { CompanionDesk } from './companion.ts';
import type { DeliveryWorkerData } from './messages.ts';
import type { SinkStats } from './sink-stats.ts';

export interface DeliveryOptions {
	/** Holds the spools. */
	readonly baseDir: string;
	/** A module that exports `builtInSinks`, a `SinkTable`. */
	readonly sinkModule: URL;
	/** What the probes declare; none by default. */
	readonly facts?: FactTable;
	/** Paths of modules of which each exports one sink by default, or a function that makes it. */
	readonly otherSinkModules?: readonly string[];
	readonly entries: readonly SinkEntry[];
	/** What lives beside the sinks. */
	readonly companion?: CompanionDesk;
	/** The version of pingmachine. */
	readonly version: string;
	readonly clock: Clock;
	readonly log: Log;
	/** Measurements are dropped while so many have not been taken by the thread. */
	readonly maxQueued?: number;
	/** The thread is taken for hung when it has been silent for so long. */
	readonly hungMs?: number;
}

/** Hands outcomes to the sinks, in a thread of its own. No method waits for anything, and none throws. */
export interface Delivery extends Subscriber {
	/** From now on there are these sinks. Those that have not changed are left alone. */
	configure(entries: readonly SinkEntry[]): void;
	/** For what lives beside the sinks; it may need a thread now, and other orders if `wantsOthers`. */
	tellCompanion(messages: readonly unknown[], wantsOthers?: boolean): void;
	/** As of half a second ago, in the order of the config. */
	stats(): readonly SinkStats[];
	/** Writes what is left to the spools, after trying to send it, for so long at most, and ends the thread. */
	close(timeoutMs?: number): Promise<void>;
}

export function workerDataOf(
	options: DeliveryOptions,
	entries: readonly SinkEntry[],
	pulse: SharedArrayBuffer,
	idleTickMs: number,
): DeliveryWorkerData {
	const { baseDir, sinkModule, otherSinkModules = [], facts = new Map(), version, companion } = options;
	const beside = companion === undefined ? null : { module: companion.module.href, data: companion.data };
	return {
		sinkModule: sinkModule.href,
		otherSinkModules,
		spoolFolder: `${baseDir}/spool`,
		...{ version, pulse, idleTickMs, entries, facts, companion: beside },
	};
}
