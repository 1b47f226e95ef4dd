import { Worker } from 'node:worker_threads';
import type { Measurement } from '../model/measurement.ts';
import { race } from '../model/race.ts';
import type { RrdTemplate } from '../model/rrd-template.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import { Counters, monotonicMs } from './counters.ts';
import type { StoredOrder } from './live-order.ts';
import type { OrderFailures, PostedRequest, StoreReport, StoreRequest, StoreWorkerData } from './messages.ts';
import { packMeasurements } from './packed-measurements.ts';

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
	/** Measurements are dropped while so many wait: a disk that hangs must not eat the memory. */
	readonly maxQueued?: number;
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
 */
export interface Store {
	/**
	 * Measurements of an order are taken from now on; `atSeconds` since the epoch. Its folder comes back from archive/
	 * or is made; main.rrd is made, or kept under a dated name where it does not fit the order, and made anew; an
	 * `error` file goes. Costs little when all is there.
	 */
	enrol(order: StoredOrder, atSeconds: number): void;
	/** Writes main.rrd, then last_result. The `error` file of `fail` goes, that of `reject` stays. */
	record(measurements: readonly Measurement[]): void;
	/** The order file is at fault: says so in output/<id>/error. The order need not be enrolled. */
	reject(id: string, message: string): void;
	/** Live orders could not be measured: says so in their `error` files until there is a measurement. */
	fail(failures: readonly OrderFailures[]): void;
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

	constructor({ baseDir, events, rrdTemplate = 'smokeping', maxQueued = defaultMaxQueued }: StoreOptions) {
		this.#events = events;
		this.#maxQueued = maxQueued;
		const workerData: StoreWorkerData = { baseDir, rrdTemplate, counters: this.#counters.shared };
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

	enrol({ id, stepSeconds, pings, rrdTemplate }: StoredOrder, atSeconds: number): void {
		this.#post({ verb: 'enrol', order: { id, stepSeconds, pings, rrdTemplate }, atSeconds });
	}

	record(measurements: readonly Measurement[]): void {
		const count = measurements.length;
		if (count === 0) return;
		const queued = this.#queued();
		if (queued + count > this.#maxQueued) {
			this.#drop(queued, count);
			return;
		}
		this.#isDropping = false;
		const packed = packMeasurements(measurements);
		this.#post({ verb: 'record', packed }, count, [packed.numbers.buffer]);
	}

	reject(id: string, message: string): void {
		this.#post({ verb: 'reject', id, message });
	}

	fail(failures: readonly OrderFailures[]): void {
		// With a disk that hangs they would pile up. They will be told again after the next slot.
		if (this.#queued() < this.#maxQueued) this.#post({ verb: 'fail', failures });
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
		try {
			if (!(await endsWithin(timeoutMs, this.flush()))) {
				// The last one is the flush itself.
				const left = this.#queued() - 1;
				this.#events.problem(`${left} results and changes of orders were not written: the disk is too slow`);
			}
		} catch {
			// It died meanwhile, and `failed` has said so.
			return;
		}
		this.#end(new Error('the store is closed'));
		await endsWithin(terminateMs, this.#worker.terminate());
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

	#post(request: StoreRequest, weight = 1, transfer: readonly ArrayBuffer[] = []): void {
		if (this.#ended !== null) return;
		this.#posted += weight;
		const posted: PostedRequest = { postedAtMs: monotonicMs(), request };
		this.#worker.postMessage(posted, transfer);
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

/** Whether it resolved in time. Rejects when it rejects in time. */
function endsWithin(timeoutMs: number, ending: Promise<unknown>): Promise<boolean> {
	return race(
		ending.then(() => true),
		{ ms: timeoutMs },
		() => false,
	);
}
