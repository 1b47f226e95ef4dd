import { type Clock, systemClock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { type Folder, isIgnored } from './entry.ts';
import { eventQueue } from './event-queue.ts';
import { isWatchedWhole, type KnownOrders, knownIn } from './known-orders.ts';
import type { OrderFileSeen, OrdersScan } from './seen.ts';
import { OrdersTree } from './tree.ts';
import { FolderWatches } from './watches.ts';
import { FolderNames, SlicedWork } from './work.ts';

/**
 * Hears what happens below `orders/`, in the order in which it was seen. Called synchronously; the time it takes
 * counts towards the watcher's slice. What it throws goes to the log and stops nothing.
 */
export interface OrdersListener {
	/** A file is new, was touched, or its content may have changed. May come more than once for one change. */
	changed(file: OrderFileSeen): void;
	/** A file that was reported before is gone. */
	removed(id: string): void;
	/** A full scan is done: every file that was there when it began has been reported. */
	scanned(scan: OrdersScan): void;
}

export interface OrdersWatcherOptions {
	/** The folder `orders/`. May be a link, and may be missing for a while. */
	readonly root: string;
	readonly listener: OrdersListener;
	readonly log: Log;
	readonly clock?: Clock;
	/** From the end of one full scan to the next, when every folder is watched. */
	readonly scanIntervalMs?: number;
	/** Reads a file behind a link: where too many are no orders, the link is refused. Default: all are. */
	readonly isOrder?: (file: OrderFileSeen) => boolean;
	/** So many folders with nothing in them are known of each owner; the others are left to the full scans. */
	readonly emptyFoldersMax?: number | undefined;
	/** How long after the first event the names that changed are looked at. */
	readonly settleMs?: number;
	/** How long work goes on before everything else in the main thread has its turn. */
	readonly sliceMs?: number;
}

/** A scan that is wanted out of turn waits this long, so that a burst can end and others can want it too. */
const extraScanDelayMs = 200;
/** Where folders are not watched, scans follow each other this closely. */
const hurriedScanIntervalMs = 500;
/** Scans pause for so many times as long as the last one took: a tenth of one processor. */
const pausePerScanTime = 10;
/** How often links, and `orders/` itself, are looked at. */
const recheckIntervalMs = 500;
/** So long these looks, and the usual scans, wait for something else to be due. */
const recheckSlackMs = { usual: 300, watched: 500 } as const;
const scanSlackShare = 0.05;
/** Looking at a link takes about 5 µs: this keeps it at 2 % of one processor however many there are. */
const recheckIntervalMsPerLink = 0.25;

/**
 * Tells what happens to the files below `orders/`, without opening them.
 *
 * inotify only says where to look, soon; full scans are the truth. Both go on in slices, names that inotify reported
 * first, so that a new order is seen soon while 100,000 others are being scanned.
 */
export class OrdersWatcher {
	readonly #listener: OrdersListener;
	readonly #log: Log;
	readonly #clock: Clock;
	readonly #scanIntervalMs: number;
	readonly #settleMs: number;

	readonly #tree: OrdersTree;
	readonly #watches: FolderWatches;
	readonly #work: SlicedWork;

	/** Names that inotify reported and nobody has looked at yet. */
	#dirty = new FolderNames();
	#isSettled = false;
	#isRecheckDue = false;
	/** The names being looked at. */
	#names: Generator<void> | null = null;

	#scan: { readonly startMs: number; readonly startBusyMs: number } | null = null;
	#isFirstScan = true;
	#isScanWanted = false;
	/** Something may have happened that no event told of. */
	#mayMiss = true;
	/** When the next scan begins at the latest; and at the earliest, if it is an extra one. Monotonic. */
	#scanByMs = 0;
	#scanNotBeforeMs = 0;
	#listenerMs = 0;

	#leaveQueue: (() => void) | null = null;
	#cancelSettle: (() => void) | null = null;
	#cancelScan: (() => void) | null = null;
	#cancelRecheck: (() => void) | null = null;

	constructor(options: OrdersWatcherOptions) {
		this.#listener = options.listener;
		this.#log = options.log;
		this.#clock = options.clock ?? systemClock;
		this.#scanIntervalMs = options.scanIntervalMs ?? 30_000;
		this.#settleMs = options.settleMs ?? 20;
		this.#watches = new FolderWatches(
			{
				noticed: (folder, name) => this.#noticed(folder, name),
				failed: () => this.#hurry(),
			},
			options.log,
		);
		this.#tree = new OrdersTree({
			root: options.root,
			listener: {
				changed: (file) => this.#tell(() => this.#listener.changed(file)),
				removed: (id) => this.#tell(() => this.#listener.removed(id)),
				shortage: () => this.#hurry(),
			},
			watches: this.#watches,
			log: options.log,
			clock: this.#clock,
			emptyFoldersMax: options.emptyFoldersMax,
			isOrder: options.isOrder ?? (() => true),
		});
		this.#work = new SlicedWork(this.#clock, options.sliceMs ?? 5, () => this.#step());
	}

	/** Begins the first scan, and returns at once. To be called once. */
	start(): void {
		this.#leaveQueue = eventQueue.join(() => this.#wantScan());
		this.#beginScan();
		this.#armRecheck();
	}

	/** Closes every watch. The listener hears nothing more. */
	stop(): void {
		this.#work.stop(() => {
			const cancels = [this.#leaveQueue, this.#cancelSettle, this.#cancelScan, this.#cancelRecheck];
			for (const cancel of cancels) cancel?.();
			this.#names?.return(undefined);
			this.#tree.stop();
			this.#watches.closeAll();
		});
	}

	/** How many files are known. */
	get files(): number {
		return this.#tree.files;
	}

	/** How many folders inotify watches for us. */
	get watches(): number {
		return this.#watches.count;
	}

	/** What is known of all that inotify has told of so far; `later`: it was not looked at yet. */
	get known(): KnownOrders | 'later' | null {
		const isBusy = this.#dirty.size > 0 || this.#isSettled || this.#names !== null;
		return isBusy || this.#mayMiss || eventQueue.isBurst ? 'later' : knownIn(this.#tree, this.#watches);
	}

	/** Does one small piece of the most urgent work there is. False when there is none. */
	#step(): boolean {
		return (
			this.#tree.leaving.step() ||
			this.#tree.stepReplaced() ||
			this.#stepNames() ||
			this.#tree.arriving.step() ||
			this.#stepScan()
		);
	}

	#stepNames(): boolean {
		this.#names ??= this.#nextNames();
		if (this.#names === null) return false;
		if (this.#names.next().done) this.#names = null;
		return true;
	}

	#nextNames(): Generator<void> | null {
		if (this.#isSettled) {
			this.#isSettled = false;
			return this.#checkDirty();
		}
		if (this.#isRecheckDue) {
			this.#isRecheckDue = false;
			return this.#recheck();
		}
		return null;
	}

	*#checkDirty(): Generator<void> {
		const dirty = this.#dirty;
		this.#dirty = new FolderNames();
		for (const [folder, name] of dirty) {
			this.#tree.checkEvent(folder, name);
			yield;
		}
	}

	*#recheck(): Generator<void> {
		yield* this.#tree.recheck();
		this.#armRecheck();
	}

	#armRecheck(): void {
		const delayMs = Math.max(recheckIntervalMs, this.#tree.links.size * recheckIntervalMsPerLink);
		const look = () => {
			this.#isRecheckDue = true;
			this.#work.wake();
		};
		const how = isWatchedWhole(this.#tree, this.#watches) ? 'watched' : 'usual';
		this.#cancelRecheck = this.#clock.after(delayMs, look, recheckSlackMs[how]);
	}

	#noticed(folder: Folder, name: string | null): void {
		eventQueue.noticed();
		// inotify has no name for what happens to the watched folder itself, and Node puts the folder's own there.
		const isSelf = name === null || name === folder.name;
		if (isSelf && folder.parent !== null) this.#dirty.add(folder.parent, folder.name);
		if (name !== null && !isIgnored(name)) this.#dirty.add(folder, name);
		this.#armSettle();
	}

	#armSettle(): void {
		this.#cancelSettle ??= this.#clock.after(this.#settleMs, () => {
			this.#cancelSettle = null;
			eventQueue.settled();
			this.#isSettled = true;
			this.#work.wake();
		});
	}

	/** Something went wrong that the next scan may mend. One in progress will hurry the next by itself. */
	#hurry(): void {
		if (this.#scan === null) this.#wantScan();
	}

	/** Has a scan begin out of turn, once things have calmed down a little. */
	#wantScan(): void {
		this.#mayMiss = true;
		if (this.#scan !== null) {
			this.#isScanWanted = true;
			return;
		}
		const nowMs = this.#clock.monotonicMs();
		this.#armScan(Math.max(nowMs + extraScanDelayMs, this.#scanNotBeforeMs) - nowMs);
	}

	#armScan(delayMs: number): void {
		const leftMs = this.#scanByMs - this.#clock.monotonicMs();
		this.#cancelScan?.();
		const waitMs = Math.max(0, Math.min(delayMs, leftMs));
		this.#cancelScan = this.#clock.after(waitMs, () => this.#beginScan(), waitMs * scanSlackShare);
	}

	#beginScan(): void {
		this.#isScanWanted = false;
		this.#scan = {
			startMs: this.#clock.monotonicMs(),
			startBusyMs: this.#work.busyMs - this.#listenerMs,
		};
		this.#watches.retry();
		this.#tree.scan();
		this.#work.wake();
	}

	#stepScan(): boolean {
		if (this.#scan === null) return false;
		if (!this.#tree.scanning.step()) this.#endScan(this.#scan);
		return true;
	}

	#endScan(scan: { readonly startMs: number; readonly startBusyMs: number }): void {
		const nowMs = this.#clock.monotonicMs();
		const pauseMs = pausePerScanTime * (this.#work.busyMs - this.#listenerMs - scan.startBusyMs);
		const isHurried = this.#watches.missing > 0 || this.#tree.troubles.isShortage;
		const hurriedMs = isHurried ? Math.max(hurriedScanIntervalMs, pauseMs) : Number.POSITIVE_INFINITY;
		const intervalMs = Math.min(hurriedMs, Math.max(this.#scanIntervalMs, pauseMs));
		this.#scan = null;
		this.#scanByMs = nowMs + intervalMs;
		this.#scanNotBeforeMs = nowMs + pauseMs;
		this.#armScan(intervalMs);
		this.#mayMiss = this.#isScanWanted;
		if (this.#isScanWanted) this.#wantScan();
		this.#watches.report(intervalMs / 1000);
		const first = this.#isFirstScan;
		this.#isFirstScan = false;
		const complete = this.#tree.root !== null && !this.#tree.troubles.mayHideOrders;
		const elapsedMs = nowMs - scan.startMs;
		this.#tell(() => this.#listener.scanned({ first, complete, files: this.#tree.files, elapsedMs }));
	}

	/** Calls the listener. Whatever it throws must not stop the watcher. */
	#tell(call: () => void): void {
		const startMs = this.#clock.monotonicMs();
		try {
			call();
		} catch (error) {
			this.#log.error(`orders watcher: the listener failed: ${error instanceof Error ? error.stack : error}`);
		}
		this.#listenerMs += this.#clock.monotonicMs() - startMs;
	}
}
