import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Order } from '../model/order.ts';
import type { Outcome } from '../model/outcome.ts';
import { race } from '../model/race.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import { type PackedOutcome, packOutcomes } from '../outcomes/packed.ts';
import type { GoneWhy, StreamEvent, Subscriber } from '../outcomes/subscriber.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import type { HistoryLimits } from './catch-up.ts';
import { Counters, monotonicMs } from './counters.ts';
import { editedKeys } from './edited-keys.ts';
import { usualHistoryLimits } from './history-size.ts';
import type { StoredOrder } from './live-order.ts';
import type { PostedRequest, StoreReport, StoreRequest, StoreWorkerData } from './messages.ts';

/** What the store has to tell. */
interface StoreEvents {
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
	/** How long histograms and single slots are kept. */
	readonly historyLimits?: HistoryLimits;
	/** Outcomes are dropped while so many wait: a disk that hangs must not eat the memory. */
	readonly maxQueued?: number;
	readonly clock?: Clock;
}

interface StoreStats {
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
	/** Archives what is in output/ of orders that are neither in `ids` nor enrolled or rejected by now. */
	keepOnly(ids: readonly string[]): void;
	/** What archive/ may hold from now on; what is beyond is removed for good. By default there is no limit. */
	limitArchive(limits: ArchiveLimits): void;
	/** How long histograms and single slots are kept from now on. */
	keepHistory(limits: HistoryLimits): void;
	stats(): StoreStats;
	/** Resolves when all that was asked before is done. Rejects when the worker dies. */
	flush(): Promise<void>;
	/** Finishes what was asked before, for so long at most, and ends the worker. */
	close(timeoutMs?: number): Promise<void>;
}

/** Starts the worker. Missing folders are made. */
export function openStore(options: StoreOptions): Store {
	return new WorkerStore(options);
}

const defaultMaxQueued = 500_000;
const defaultCloseMs = 3000;
/** A thread that hangs in the disk cannot be ended: no use waiting for it for long. */
const terminateMs = 500;

interface Flush {
	resolve(): void;
	reject(error: Error): void;
}

class WorkerStore implements Store {
	readonly name = 'store';
	readonly #clock: Clock;
	/** As it was told to the worker. */
	readonly #enrolled = new Map<string, { readonly stored: StoredOrder; readonly order: Order }>();
	readonly #events: StoreEvents;
	readonly #maxQueued: number;
	readonly #counters = new Counters();
	readonly #worker: Worker;
	readonly #flushes = new Map<number, Flush>();
	#lastToken = 0;
	/** Requests and measurements, since the start. */
	#posted = 0;
	#dropped = 0;
	#isDropping = false;
	/** Why nothing is written any more. */
	#ended: Error | null = null;

	constructor({ baseDir, events, rrdTemplate = 'smokeping', ...options }: StoreOptions) {
		const { maxQueued = defaultMaxQueued, clock = systemClock } = options;
		const { historyLimits = usualHistoryLimits } = options;
		this.#clock = clock;
		this.#events = events;
		this.#maxQueued = maxQueued;
		const workerData: StoreWorkerData = {
			...{ baseDir, rrdTemplate, historyLimits, counters: this.#counters.shared },
		};
		this.#worker = new Worker(new URL('./store-worker.js', import.meta.url), { workerData, name: 'store' });
		this.#worker.on('message', (reports: readonly StoreReport[]) => {
			for (const report of reports) this.#hear(report);
		});
		this.#worker.on('error', (error) =>
			this.#fail(error instanceof Error ? error : new Error(String(error))),
		);
		this.#worker.on('exit', (code) =>
			this.#fail(new Error(`the thread of the store ended with code ${code}`)),
		);
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'outcomes') this.#record(event.outcomes);
			else if (event.about === 'changed') this.#enrol(event.order);
			else if (event.about === 'gone') this.#gone(event.id, event.why);
		}
	}

	#enrol(order: Order): void {
		const { id, stepSeconds, pings, rrdTemplate, slotsSeconds } = order;
		const kept = slotsSeconds === undefined ? {} : { slotsSeconds };
		const stored: StoredOrder = { id, stepSeconds, pings, rrdTemplate, ...kept };
		const before = this.#enrolled.get(id);
		this.#enrolled.set(id, { stored, order });
		if (before === undefined || !isSame(before.stored, stored))
			this.#post({ verb: 'enrol', order: stored, atSeconds: this.#clock.wallMs() / 1000 });
		const keys = before === undefined ? [] : editedKeys(before.order, order);
		if (keys.length > 0) this.#post({ verb: 'edited', id, keys });
	}

	/** What has expired is archived with its order file, what is rejected stays: `expire` and `reject` say so. */
	#gone(id: string, why: GoneWhy): void {
		this.#enrolled.delete(id);
		if (why === 'deleted') this.archive(id);
	}

	#record(outcomes: readonly Outcome[]): void {
		const all = packOutcomes(outcomes);
		const ids: string[] = [];
		const packed: PackedOutcome[] = [];
		for (const [index, outcome] of outcomes.entries()) {
			if (!isKept(outcome)) continue;
			ids.push(outcome.order.id);
			packed.push(all[index] ?? '');
		}
		if (ids.length === 0) return;
		const queued = this.#queued();
		if (queued + ids.length > this.#maxQueued) {
			this.#drop(queued, outcomes.filter(({ kind }) => kind === 'measured').length);
			return;
		}
		this.#isDropping = false;
		this.#post({ verb: 'record', ids, packed }, ids.length);
	}

	reject(id: string, message: string): void {
		this.#post({ verb: 'reject', id, message });
	}

	clear(id: string): void {
		this.#post({ verb: 'clear', id });
	}

	archive(id: string): void {
		this.#post({ verb: 'archive', id });
	}

	expire(id: string, path: string, maxAgeMs: number): void {
		this.#post({ verb: 'expire', id, path, maxAgeMs });
	}

	keepOnly(ids: readonly string[]): void {
		this.#post({ verb: 'keepOnly', ids });
	}

	keepHistory(limits: HistoryLimits): void {
		this.#post({ verb: 'keepHistory', limits });
	}

	limitArchive(limits: ArchiveLimits): void {
		this.#post({ verb: 'limitArchive', limits });
	}

	stats(): StoreStats {
		const queued = this.#queued();
		const inHandSince = this.#counters.get('inHandSince');
		return {
			queued,
			lagMs: queued === 0 || inHandSince === 0 ? 0 : monotonicMs() - inHandSince,
			recorded: this.#counters.get('recorded'),
			ignored: this.#counters.get('ignored'),
			dropped: this.#dropped,
			lastResultErrors: this.#counters.get('lastResultErrors'),
			rrdErrors: this.#counters.get('rrdErrors'),
			rrdRefused: this.#counters.get('rrdRefused'),
			corrupted: this.#counters.get('corrupted'),
		};
	}

	flush(): Promise<void> {
		if (this.#ended !== null) return Promise.reject(this.#ended);
		const token = ++this.#lastToken;
		return new Promise((resolve, reject) => {
			this.#flushes.set(token, { resolve, reject });
			this.#post({ verb: 'flush', token });
		});
	}

	async close(timeoutMs = defaultCloseMs): Promise<void> {
		if (this.#ended !== null) return;
		this.#post({ verb: 'end', timeoutMs: timeoutMs / 3 });
		try {
			this.#counters.set('isClosing', 1);
			if (!(await endsWithin(timeoutMs, this.flush()))) this.#events.problem(this.#unwritten());
		} catch {
			// It died meanwhile, and `failed` has said so.
			return;
		}
		this.#end(new Error('the store is closed'));
		await endsWithin(terminateMs, this.#worker.terminate());
	}

	#unwritten(): string {
		// The last one is the flush itself.
		const left = this.#queued() - 1;
		if (this.#counters.get('changesLeft') >= left)
			return `${left} changes of orders were not made in time: the next start makes them`;
		return `${left} results and changes of orders were not written: the disk is too slow`;
	}

	/** Says so once, when it begins. */
	#drop(queued: number, count: number): void {
		this.#dropped += count;
		if (this.#isDropping) return;
		this.#isDropping = true;
		this.#events.problem(
			`${queued} results wait for the disk, new ones are dropped: it is too slow or does not answer, look into the kernel log`,
		);
	}

	#queued(): number {
		return this.#posted - this.#counters.get('done');
	}

	#post(request: StoreRequest, weight = 1): void {
		if (this.#ended !== null) return;
		this.#posted += weight;
		const posted: PostedRequest = { postedAtMs: monotonicMs(), request };
		this.#worker.postMessage(posted);
	}

	#hear(report: StoreReport): void {
		switch (report.about) {
			case 'enrolled':
				this.#events.enrolled(report.id, report.lastSlotSeconds);
				break;
			case 'revived':
				this.#events.revived(report.id);
				break;
			case 'archived':
				this.#events.archived(report.id);
				break;
			case 'kept':
				this.#events.kept(report.id);
				break;
			case 'stuck':
				this.#events.stuck(report.id, report.reason);
				break;
			case 'dropped':
				this.#events.dropped(report.id, report.ageSeconds);
				break;
			case 'problem':
				this.#events.problem(report.message);
				break;
			case 'flushed':
				this.#flushes.get(report.token)?.resolve();
				this.#flushes.delete(report.token);
				break;
		}
	}

	#fail(error: Error): void {
		if (this.#ended !== null) return;
		this.#end(error);
		this.#events.failed(error);
	}

	#end(error: Error): void {
		this.#ended = error;
		for (const { reject } of this.#flushes.values()) reject(error);
		this.#flushes.clear();
	}
}

/** What there is a file for. Slots without a job are only worth an `error` file when somebody can do something about it. */
function isKept(outcome: Outcome): boolean {
	return outcome.kind !== 'skipped' || outcome.code === 'limited';
}

function isSame(one: StoredOrder, other: StoredOrder): boolean {
	return (
		one.stepSeconds === other.stepSeconds &&
		one.pings === other.pings &&
		one.rrdTemplate === other.rrdTemplate &&
		one.slotsSeconds === other.slotsSeconds
	);
}

/** Whether it resolved in time. Rejects when it rejects in time. */
function endsWithin(timeoutMs: number, ending: Promise<unknown>): Promise<boolean> {
	return race(
		ending.then(() => true),
		{ ms: timeoutMs },
		() => false,
	);
}
