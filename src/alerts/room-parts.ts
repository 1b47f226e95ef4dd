import type { Alert, HeldWhy } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import type { FactTable } from '../model/facts.ts';
import type { Log } from '../model/log.ts';
import type { NotificationQueue } from '../model/notifier.ts';
import type { WatchedOrder } from './order-watch.ts';

/** One slot as files have it. */
export interface StoredSlot {
	readonly startSeconds: number;
	/** 0 to 1; null: unknown. */
	readonly lossShare: number | null;
	/** Seconds. */
	readonly medianSeconds: number | null;
}

/** What the rules need of others. */
export interface AlertTools {
	readonly clock: Clock;
	readonly log: Log;
	/** What the probes declare. */
	readonly facts: FactTable;
	readonly queue: NotificationQueue;
	/** Text of `output/<order id>/alerts`; null: there is none. */
	load(id: string): string | null;
	/** Appends lines to it. Waits for nothing. */
	save(id: string, lines: readonly string[]): void;
	/** Text of `state/alerts`, which is about this machine itself; null: there is none. */
	loadOwn(): string | null;
	/** Appends lines to it. They are on the disk when it returns. */
	saveOwn(lines: readonly string[]): void;
	/** The median of the seven days before, seconds; null: there is too little. */
	lastWeek(id: string, pop: string): number | null;
	/** Single slots that begin from then up to before then. */
	slots(order: WatchedOrder, pop: string, fromSeconds: number, untilSeconds: number): readonly StoredSlot[];
	/** The way to an order at the moment, by a traceroute or as it was last known; null where nobody can tell. */
	route(id: string, withinMs: number): Promise<readonly (string | null)[] | null> | null;
	/** The way to it as it was seen last while it answered; null where that is not known. */
	lastRoute(id: string): readonly (string | null)[] | null;
	/** Pings of these orders are wanted early from now on, or not any more. */
	watch(ids: readonly string[], isWanted: boolean): void;
	/** These acknowledgements are over: their files below `mutes/` are to go. */
	removeMutes(names: readonly string[]): void;
	/** What fires has changed. */
	report(firing: readonly FiringAlert[]): void;
}

/** An alert that fires, for those who ask. */
export interface FiringAlert {
	readonly alert: Alert;
	/** Seconds since the epoch; null: nobody has been told. */
	readonly toldSeconds: number | null;
	readonly held: HeldWhy | null;
	readonly acknowledged: string | null;
}

/** What the config says. */
export interface AlertSettings {
	/** The orders that tell whether this machine is cut off. */
	readonly guard: readonly string[];
	/** At which URL the pages are, without a slash at its end; null: not known. */
	readonly pagesUrl: string | null;
	/** How long messages wait for others to share them. */
	readonly groupWaitMs: number;
}
