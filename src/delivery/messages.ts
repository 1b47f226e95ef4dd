import type { FactTable } from '../model/facts.ts';
import type { Log } from '../model/log.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import type { PackedOutcome } from '../outcomes/packed.ts';
import type { NumberedOrder } from './order-numbers.ts';
import type { SinkStats } from './sink-stats.ts';

/** What the main thread asks of the worker. Done in the order in which it was asked. */
export type DeliveryRequest =
	| {
			readonly verb: 'deliver';
			/** Those that are named for the first time. */
			readonly orders: readonly NumberedOrder[];
			/** In the same places: the numbers of their orders, and the outcomes. */
			readonly numbers: readonly number[];
			readonly packed: readonly PackedOutcome[];
	  }
	/** These orders are gone. */
	| { readonly verb: 'forget'; readonly numbers: readonly number[] }
	/** Orders are numbered anew from now on; `epoch` tells the numberings apart. */
	| { readonly verb: 'renumber'; readonly epoch: number }
	| { readonly verb: 'configure'; readonly entries: readonly SinkEntry[] }
	/** For what lives beside the sinks. */
	| { readonly verb: 'companion'; readonly messages: readonly unknown[] }
	| { readonly verb: 'close'; readonly graceMs: number };

/** What the worker has to say. */
export type DeliveryReport =
	| { readonly about: 'log'; readonly level: keyof Log; readonly message: string }
	| { readonly about: 'stats'; readonly stats: readonly SinkStats[] }
	/** No sink takes these orders. */
	| { readonly about: 'unwanted'; readonly epoch: number; readonly numbers: readonly number[] }
	/** What lives beside the sinks says something. */
	| { readonly about: 'companion'; readonly message: unknown }
	| { readonly about: 'closed' };

/** What the worker is started with. */
export interface DeliveryWorkerData {
	/** URL of a module that exports `builtInSinks`, a `SinkTable`. */
	readonly sinkModule: string;
	/** Paths of modules of which each exports one sink by default, or a function that makes it. */
	readonly otherSinkModules: readonly string[];
	readonly spoolFolder: string;
	readonly version: string;
	readonly pulse: SharedArrayBuffer;
	/** How often the pulse beats when there is nothing to do, milliseconds. */
	readonly idleTickMs: number;
	readonly entries: readonly SinkEntry[];
	/** What the probes declare. */
	readonly facts: FactTable;
	/** URL of a module that exports `openCompanion`, and what it is opened with; null: there is none. */
	readonly companion: { readonly module: string; readonly data: unknown } | null;
}
