import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Order } from '../model/order.ts';
import type { Outcome } from '../model/outcome.ts';
import { popFolderOf } from '../model/pop.ts';
import { race } from '../model/race.ts';
import { type PackedOutcome, packOutcomes } from '../outcomes/packed.ts';
import type { GoneWhy, StreamEvent } from '../outcomes/subscriber.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import type { HistoryLimits } from './catch-up.ts';
import { Counters, monotonicMs } from './counters.ts';
import { editedKeys } from './edited-keys.ts';
import { usualHistoryLimits } from './history-size.ts';
import { Letters } from './letters.ts';
import type { StoredOrder } from './live-order.ts';
import type { StoreReport, StoreRequest, StoreWorkerData } from './messages.ts';
import type { Store, StoreEvents, StoreOptions, StoreStats } from './store-parts.ts';
import { isKept } from './stored-measurement.ts';
import { isSame, ownOf, pathFactsOf, storedOrderOf } from './stored-order.ts';
import { type BoardPlace, type Written, WrittenBoard } from './written-board.ts';

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
	readonly #enrolled = new Map<string, Order>();
	readonly #board = new WrittenBoard();
	readonly #events: StoreEvents;
	readonly #maxQueued: number;
	/** By probe. */
	readonly #pathFacts: ReadonlyMap<string, string>;
	readonly #counters = new Counters();
	readonly #worker: Worker;
	readonly #flushes = new Map<number, Flush>();
	#lastToken = 0;
	/** Requests and measurements, since the start. */
	#posted = 0;
	readonly #letters = new Letters((letters) => {
		if (this.#ended === null) this.#worker.postMessage(letters);
	});
	#dropped = 0;
	#isDropping = false;
	/** Why nothing is written any more. */
	#ended: Error | null = null;

	constructor({ baseDir, events, rrdTemplate = 'smokeping', ...options }: StoreOptions) {
		const { maxQueued = defaultMaxQueued, clock = systemClock } = options;
		const { historyLimits = usualHistoryLimits } = options;
		this.#clock = clock;
		this.#pathFacts = pathFactsOf(options.facts ?? new Map());
		this.#events = events;
		this.#maxQueued = maxQueued;
		const workerData: StoreWorkerData = {
			...{ baseDir, rrdTemplate, historyLimits },
			...{ counters: this.#counters.shared, board: this.#board.shared },
		};
		this.#worker = new Worker(new URL('./store-worker.js', import.meta.url), {
			...{ workerData, name: 'store' },
			// It closes by the C library what Node has opened, and Node would close the number again at its end.
			trackUnmanagedFds: false,
		});
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
		const { id } = order;
		const before = this.#enrolled.get(id);
		this.#enrolled.set(id, order);
		const own = (one: Order) => ownOf(one, this.#pathFacts);
		this.#enrolIn(before && own(before), own(order), this.#board.give(id));
		const { pops = [] } = order;
		for (const pop of before?.pops ?? []) if (!pops.includes(pop)) this.archive(popFolderOf(id, pop));
		for (const pop of pops) {
			const folder = popFolderOf(id, pop);
			const wasAsked = before?.pops?.includes(pop) === true;
			const inFolder = (one: Order) => ({ ...storedOrderOf(one, this.#pathFacts), id: folder });
			this.#enrolIn(wasAsked ? inFolder(before) : undefined, inFolder(order), null);
		}
		const keys = before === undefined ? [] : editedKeys(before, order);
		if (keys.length > 0) this.#post({ verb: 'edited', id, keys });
	}

	#enrolIn(before: StoredOrder | undefined, order: StoredOrder, place: BoardPlace | null): void {
		if (before === undefined || !isSame(before, order))
			this.#post({ verb: 'enrol', order, atSeconds: this.#clock.wallMs() / 1000, place });
	}

	/** What has expired is archived with its order file, what is rejected stays: `expire` and `reject` say so. */
	#gone(id: string, why: GoneWhy): void {
		this.#board.takeBack(id);
		this.#enrolled.delete(id);
		if (why === 'deleted') this.archive(id);
	}

	#record(outcomes: readonly Outcome[]): void {
		const all = packOutcomes(outcomes);
		const ids: string[] = [];
		const packed: PackedOutcome[] = [];
		for (const [index, outcome] of outcomes.entries()) {
			if (!isKept(outcome)) continue;
			const { order, pop } = outcome;
			ids.push(pop === undefined ? order.id : popFolderOf(order.id, pop));
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

	alerts(id: string, lines: readonly string[]): void {
		this.#post({ verb: 'alerts', id, lines });
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

	written(id: string): Written | null {
		return this.#board.read(id);
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
		this.#letters.post(request);
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
