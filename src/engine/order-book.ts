import { createHash } from 'node:crypto';
import type { BookState } from '../model/answers.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import type { OrderFile } from '../orders/order-file.ts';
import type { OrderFileSeen } from '../orders/tree.ts';
import type { ReadOrder } from '../reading/order.ts';
import type { Batches, LiveOrder } from './batches.ts';

/** What the book asks of the store. All of it is done in order, later. */
interface BookStore {
	enrol(order: Order, atSeconds: number): void;
	reject(id: string, message: string): void;
	clear(id: string): void;
	archive(id: string): void;
	expire(id: string, path: string, maxAgeMs: number): void;
}

export interface OrderBookParts {
	readonly batches: Batches;
	readonly clock: Clock;
	readonly log: Log;
	readonly store: BookStore;
	readText(path: string): OrderFile;
	/** Never throws, whatever the text. */
	readOrder(id: string, text: string): ReadOrder;
	/** One line for what is wrong with an order. */
	describe(findings: Extract<ReadOrder, { findings: unknown }>['findings']): string;
	/** An order may have become due. */
	wake(): void;
}

/**
 * `unsettled`: it cannot be read as an order, but was written a moment ago and may only be half there.
 * `expiring`: the store has been asked to archive it and to remove its file.
 */
type EntryState = 'live' | 'rejected' | 'unsettled' | 'expiring';

/** What the book tells about a file. */
export interface BookEntry {
	readonly state: BookState;
	/** Null unless it is measured. */
	readonly live: LiveOrder | null;
	/** When it is archived unless it is refreshed, milliseconds since the epoch; null for what is not measured. */
	readonly expiresMs: number | null;
}

interface Entry {
	file: OrderFileSeen;
	state: EntryState;
	/** Of the text that it was last judged by: a touched file need not be judged again. */
	fingerprint: string;
	live: LiveOrder | null;
}

/** A file that cannot be read as an order is believed to be half written for so long after its last change. */
const halfWrittenMs = 1000;
/** What is not the fault of a file is looked at again after this. */
const passingMs = 1000;
const expiryIntervalMs = 5000;
/** The wall clock ran ahead of the monotonic one by more than this: the machine slept, or the clock was set. */
const jumpMs = 60_000;

/** Which order files there are, which of them are live orders, and when they expire. */
export class OrderBook {
	readonly #parts: OrderBookParts;
	readonly #entries = new Map<string, Entry>();
	readonly #unsettled = new Map<string, () => void>();
	#maxAgeMs: number;
	#live = 0;
	#rejected = 0;
	#cancelExpiry: () => void = () => {};
	#lastWallMs: number;
	#lastMonotonicMs: number;
	#expiryHeldUntilMs = Number.NEGATIVE_INFINITY;

	/** `maxAgeMs`: an order whose file was last changed or touched longer ago than this is archived. */
	constructor(parts: OrderBookParts, maxAgeMs: number) {
		this.#parts = parts;
		this.#maxAgeMs = maxAgeMs;
		this.#lastWallMs = parts.clock.wallMs();
		this.#lastMonotonicMs = parts.clock.monotonicMs();
	}

	/** How many orders are being measured. */
	get live(): number {
		return this.#live;
	}

	/** How many files cannot be read as orders. */
	get rejected(): number {
		return this.#rejected;
	}

	/** Ids of all files there are, live or not. */
	ids(): string[] {
		return [...this.#entries.keys()];
	}

	/** What there is of this id, or null when there is no such file, or it was not seen yet. */
	find(id: string): BookEntry | null {
		const entry = this.#entries.get(id);
		return entry === undefined ? null : this.#told(entry);
	}

	/** Of each file its id, its state, and what is measured. */
	*[Symbol.iterator](): Generator<readonly [id: string, state: BookState, live: LiveOrder | null]> {
		for (const [id, { state, live }] of this.#entries) yield [id, stateOf(state), live];
	}

	set maxAgeMs(value: number) {
		this.#maxAgeMs = value;
	}

	start(): void {
		this.#cancelExpiry = this.#parts.clock.after(expiryIntervalMs, () => {
			this.#expireOld();
			this.start();
		});
	}

	stop(): void {
		this.#cancelExpiry();
		for (const cancel of this.#unsettled.values()) cancel();
		this.#unsettled.clear();
	}

	/** A file is new, was changed or was touched. */
	fileChanged(file: OrderFileSeen): void {
		const read = this.#parts.readText(file.path);
		if ('gone' in read) return;
		this.#settleDown(file.id);
		const entry = this.#entries.get(file.id) ?? this.#newEntry(file);
		entry.file = file;
		if ('problem' in read) {
			const isForgiven = read.isPassing && entry.live !== null;
			if (!isForgiven) this.#findFault(entry, `unreadable: ${read.problem}`, read.problem);
			if (read.isPassing) this.#lookAgain(entry, passingMs);
			return;
		}
		entry.file = { ...file, mtimeMs: read.mtimeMs };
		if (entry.state === 'expiring') {
			// The store, which may not have been able to remove the file, finds it refreshed now.
			if (!this.#isExpired(entry)) this.#parts.store.expire(file.id, file.path, this.#maxAgeMs);
			return;
		}
		const fingerprint = fingerprintOf(read.text);
		if (fingerprint === entry.fingerprint) return;
		const result = this.#parts.readOrder(file.id, read.text);
		if ('findings' in result) {
			this.#findFault(entry, fingerprint, this.#parts.describe(result.findings));
			return;
		}
		entry.fingerprint = fingerprint;
		this.#accept(entry, result.order);
	}

	/** A file is gone. */
	fileRemoved(id: string): void {
		this.#settleDown(id);
		const entry = this.#entries.get(id);
		if (entry === undefined) return;
		this.#entries.delete(id);
		const { live } = entry;
		if (live !== null) this.#parts.log.info(`removed order: ${describeOrder(live.order)}`);
		this.#setState(entry, 'unsettled');
		this.#end(entry);
		// Also after an expiry, which the store may have called off: twice does no harm.
		this.#parts.store.archive(id);
	}

	/**
	 * The store has archived an expired order and removed its file, or found that it had been refreshed after all.
	 * Either way a file that is there now is a new order: the watcher may not have seen the old one go.
	 */
	expiryOver(id: string): void {
		const entry = this.#entries.get(id);
		if (entry?.state !== 'expiring') return;
		this.#entries.delete(id);
		this.fileChanged(entry.file);
	}

	/**
	 * The store has made room for an order. `lastSlotSeconds` is the start of the last slot that its files hold, or
	 * null: what was measured before a restart is not measured again.
	 */
	enrolled(id: string, lastSlotSeconds: number | null): void {
		const live = this.#entries.get(id)?.live;
		if (live == null) return;
		live.lastSlotSeconds ??= lastSlotSeconds;
		this.#parts.batches.newcomers.add(live);
		this.#parts.wake();
	}

	/** The job that measured this order is over: changes that came meanwhile take effect. */
	released(live: LiveOrder): void {
		const { next } = live;
		if (next === null) return;
		live.next = null;
		this.#change(live, next);
	}

	#told({ file, state, live }: Entry): BookEntry {
		const { clock } = this.#parts;
		const heldMs = Math.max(0, this.#expiryHeldUntilMs - clock.monotonicMs());
		const expiresMs = Math.max(file.mtimeMs + this.#maxAgeMs, heldMs > 0 ? clock.wallMs() + heldMs : 0);
		return { state: stateOf(state), live, expiresMs: live === null ? null : expiresMs };
	}

	#newEntry(file: OrderFileSeen): Entry {
		const entry: Entry = { file, state: 'unsettled', fingerprint: '', live: null };
		this.#entries.set(file.id, entry);
		return entry;
	}

	#accept(entry: Entry, order: Order): void {
		const { store, log, clock } = this.#parts;
		if (entry.live !== null) {
			this.#setState(entry, 'live');
			store.clear(order.id);
			log.info(`changed order: ${describeOrder(order)}`);
			this.#change(entry.live, order);
			return;
		}
		if (this.#isExpired(entry)) {
			this.#expire(entry);
			return;
		}
		this.#setState(entry, 'live');
		log.info(`new order: ${describeOrder(order)}`);
		store.enrol(order, clock.wallMs() / 1000);
		entry.live = this.#parts.batches.join(order);
	}

	#change(live: LiveOrder, order: Order): void {
		const before = live.order;
		const measuredAlike =
			before.batchKey === order.batchKey &&
			before.target === order.target &&
			before.rrdTemplate === order.rrdTemplate;
		if (measuredAlike) {
			live.order = order;
			live.next = null;
		} else if (live.inFlight) {
			live.next = order;
		} else {
			this.#parts.store.enrol(order, this.#parts.clock.wallMs() / 1000);
			this.#parts.batches.change(live, order);
			this.#parts.wake();
		}
	}

	/** Rejects a file that cannot be read as an order, unless it may be half written: then it gets a second look. */
	#findFault(entry: Entry, fingerprint: string, message: string): void {
		const { id } = entry.file;
		if (entry.fingerprint === fingerprint && entry.state === 'rejected') return;
		const ageMs = this.#ageMs(entry);
		if (ageMs >= 0 && ageMs < halfWrittenMs) {
			this.#lookAgain(entry, halfWrittenMs - ageMs + 1);
			return;
		}
		entry.fingerprint = fingerprint;
		this.#end(entry);
		this.#setState(entry, 'rejected');
		this.#parts.log.warn(`rejected order: ${id}: ${message}`);
		this.#parts.store.reject(id, message);
	}

	#lookAgain({ file }: Entry, delayMs: number): void {
		this.#settleDown(file.id);
		const again = () => {
			this.#unsettled.delete(file.id);
			this.fileChanged(file);
		};
		this.#unsettled.set(file.id, this.#parts.clock.after(delayMs, again));
	}

	#settleDown(id: string): void {
		this.#unsettled.get(id)?.();
		this.#unsettled.delete(id);
	}

	#expireOld(): void {
		const { clock } = this.#parts;
		const wallMs = clock.wallMs();
		const monotonicMs = clock.monotonicMs();
		const jumpedMs = wallMs - this.#lastWallMs - (monotonicMs - this.#lastMonotonicMs);
		this.#lastWallMs = wallMs;
		this.#lastMonotonicMs = monotonicMs;
		if (jumpedMs > jumpMs) {
			// Nobody could refresh an order during a time that did not pass for anybody.
			this.#expiryHeldUntilMs = monotonicMs + this.#maxAgeMs;
			this.#parts.log.warn(
				`the clock went ahead by ${Math.round(jumpedMs / 1000)} s at once: no order expires for the next ${Math.round(this.#maxAgeMs / 1000)} s`,
			);
		}
		if (monotonicMs < this.#expiryHeldUntilMs) return;
		for (const entry of this.#entries.values()) {
			if (entry.state === 'live' && this.#isExpired(entry)) this.#expire(entry);
		}
	}

	#isExpired(entry: Entry): boolean {
		const isHeld = this.#parts.clock.monotonicMs() < this.#expiryHeldUntilMs;
		return !isHeld && this.#ageMs(entry) > this.#maxAgeMs;
	}

	#expire(entry: Entry): void {
		const { log, store } = this.#parts;
		const { id, path } = entry.file;
		log.info(`archiving old order: ${id} (age: ${Math.round(this.#ageMs(entry) / 1000)}s)`);
		this.#end(entry);
		this.#setState(entry, 'expiring');
		store.expire(id, path, this.#maxAgeMs);
	}

	#ageMs(entry: Entry): number {
		return this.#parts.clock.wallMs() - entry.file.mtimeMs;
	}

	#end(entry: Entry): void {
		if (entry.live === null) return;
		this.#parts.batches.leave(entry.live);
		entry.live = null;
	}

	#setState(entry: Entry, state: EntryState): void {
		this.#count(entry.state, -1);
		this.#count(state, 1);
		entry.state = state;
	}

	#count(state: EntryState, change: number): void {
		if (state === 'live') this.#live += change;
		else if (state === 'rejected') this.#rejected += change;
	}
}

function stateOf(state: EntryState): BookState {
	return state === 'live' ? 'measured' : state;
}

function fingerprintOf(text: string): string {
	return createHash('sha1').update(text).digest('base64');
}

/** `ID (user: U, fping: HOST)`. */
function describeOrder(order: Order): string {
	return `${order.id} (user: ${order.user}, ${order.probe}: ${order.shownTarget ?? order.target})`;
}
