import type { Clock } from '../model/clock.ts';
import type { FactTable } from '../model/facts.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import type { Subscriber } from '../outcomes/subscriber.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import type { HistoryLimits } from './catch-up.ts';
import type { Written } from './written-board.ts';

/** What the store has to tell. */
export interface StoreEvents {
	/**
	 * There is room for an order's results, or will be as soon as the disk allows it. `lastSlotSeconds`: start of the
	 * last slot that its files hold, seconds since the epoch; null when they hold none.
	 */
	enrolled(id: string, lastSlotSeconds: number | null): void;
	/** Its folder has come back from archive/. */
	revived(id: string): void;
	/** `archive` or `expire` is done: what there was is in archive/, and no order file of that expiry is left. */
	archived(id: string): void;
	/** An expiry was called off: the order file had been refreshed. */
	kept(id: string): void;
	/** It has expired, but its file cannot be removed, for that reason. It is tried again and again. */
	stuck(id: string, reason: string): void;
	/** It was removed from archive/, which is limited, so long after it had come there. */
	dropped(id: string, ageSeconds: number): void;
	/** Something could not be done: what, which file, the remedy. Limited in rate for each kind of trouble. */
	problem(message: string): void;
	/** The worker has died. Nothing is written any more. */
	failed(error: Error): void;
}

export interface StoreOptions {
	readonly baseDir: string;
	readonly events: StoreEvents;
	/** Of orders that do not say. By default `smokeping`. */
	readonly rrdTemplate?: RrdTemplate;
	/** Which of them is a route is by their kind. */
	readonly facts?: FactTable;
	/** How long histograms and single slots are kept. */
	readonly historyLimits?: HistoryLimits;
	/** Outcomes are dropped while so many wait: a disk that hangs must not eat the memory. */
	readonly maxQueued?: number;
	readonly clock?: Clock;
}

export interface StoreStats {
	/** Requests and measurements that are not written yet. */
	readonly queued: number;
	/** How long the oldest of them has been waiting, milliseconds. */
	readonly lagMs: number;
	/** Measurements whose last_result was written. */
	readonly recorded: number;
	/** Measurements of orders that are not enrolled. */
	readonly ignored: number;
	/** Measurements that were thrown away because too many were waiting. */
	readonly dropped: number;
	/** Measurements whose last_result could not be written. */
	readonly lastResultErrors: number;
	/** Measurements that could not be written to main.rrd. */
	readonly rrdErrors: number;
	/** Measurements that main.rrd refused because it holds later ones. */
	readonly rrdRefused: number;
	/** Files that were kept as main.corrupted.*.rrd. */
	readonly corrupted: number;
}

/**
 * The only one who writes output/ and archive/: one thread, which does one thing after the other in the order in
 * which it was asked. No method waits for a disk, and none throws.
 *
 * An order that was changed is enrolled: its folder comes back from archive/ or is made; main.rrd is made, or kept under
 * a dated name where it does not fit the order, and made anew; an `error` file goes. Of a measurement main.rrd is
 * written, then last_result, and the `error` file of a failure goes, while that of `reject` stays. A failure is told in
 * the `error` file until there is a measurement. What was deleted goes to archive/.
 */
export interface Store extends Subscriber {
	/** The order file is at fault: says so in output/<id>/error. The order need not be enrolled. */
	reject(id: string, message: string): void;
	/** The `error` file goes, and a folder that held nothing else. */
	clear(id: string): void;
	/** The order file is gone: what is in output/<id>/ goes to archive/<id>/, but for `error`. */
	archive(id: string): void;
	/**
	 * The order file at `path` is older than `maxAgeMs`: as `archive`, and the file goes to archive/<id>/order.
	 * Unless it is found refreshed at the last moment.
	 */
	expire(id: string, path: string, maxAgeMs: number): void;
	/** Appends lines to its file `alerts`, if it is enrolled. */
	alerts(id: string, lines: readonly string[]): void;
	/** Archives what is in output/ of orders that are neither in `ids` nor enrolled or rejected by now. */
	keepOnly(ids: readonly string[]): void;
	/** What archive/ may hold from now on; what is beyond is removed for good. By default there is no limit. */
	limitArchive(limits: ArchiveLimits): void;
	/** How long histograms and single slots are kept from now on. */
	keepHistory(limits: HistoryLimits): void;
	/** What it has written of an order last; null: it does not know, and the files tell. */
	written(id: string): Written | null;
	stats(): StoreStats;
	/** Resolves when all that was asked before is done. Rejects when the worker dies. */
	flush(): Promise<void>;
	/** Finishes what was asked before, for so long at most, and ends the worker. */
	close(timeoutMs?: number): Promise<void>;
}
