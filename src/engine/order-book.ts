import type { BookState } from '../model/answers.ts';
import { every } from '../model/clock.ts';
import type { Order } from '../model/order.ts';
import { HalfWritten } from '../orders/half-written.ts';
import type { OrderFileSeen } from '../orders/seen.ts';
import type { GoneWhy } from '../outcomes/subscriber.ts';
import type { LiveOrder } from './batch.ts';
import type { Change } from './batches.ts';
import {
	BookEntries,
	type BookEntry,
	describeOrder,
	type Entry,
	type FileTimes,
	fingerprintOf,
	stateOf,
	textOf,
	timesOf,
} from './book-entries.ts';
import type { OrderBookParts } from './book-parts.ts';
import { Expiry, ownMaxAgeMs } from './expiry.ts';
import { SecondLooks } from './second-looks.ts';
import { changesADayMost, ShapeChanges } from './shape-changes.ts';

/** What is not the fault of a file is looked at again after this. */
const passingMs = 1000;
const expiryIntervalMs = 4000;
const expirySlackMs = 1000;

/** Which order files there are, which of them are live orders, and when they expire. */
export class OrderBook {
	readonly #parts: OrderBookParts;
	readonly #entries = new BookEntries();
	readonly #secondLooks: SecondLooks;
	readonly #halfWritten: HalfWritten;
	readonly #expiry: Expiry;
	readonly #shapeChanges = new ShapeChanges();
	#cancelExpiry: () => void = () => {};

	/** `maxAgeMs`: an order whose file was last changed or touched longer ago than this is archived. */
	constructor(parts: OrderBookParts, maxAgeMs: number) {
		this.#parts = parts;
		this.#secondLooks = new SecondLooks(parts.clock);
		this.#halfWritten = new HalfWritten(parts.clock);
		this.#expiry = new Expiry(parts.clock, parts.log, maxAgeMs);
	}

	/** How many orders are being measured. */
	get live(): number {
		return this.#entries.count('live');
	}

	/** How many files cannot be read as orders. */
	get rejected(): number {
		return this.#entries.count('rejected');
	}

	/** Ids of all files there are, live or not. */
	ids(): string[] {
		return this.#entries.ids();
	}

	/** What there is of this id, or null when there is no such file, or it was not seen yet. */
	find(id: string): BookEntry | null {
		const entry = this.#entries.get(id);
		if (entry === undefined) return null;
		const { live } = entry;
		return { state: stateOf(entry), live, expiresMs: live === null ? null : this.#expiry.expiresMs(entry) };
	}

	/** Of each file its id, its state, what is measured, and how the file was when it said so. */
	*[Symbol.iterator](): Generator<readonly [id: string, BookState, LiveOrder | null, FileTimes]> {
		for (const entry of this.#entries) yield [entry.file.id, stateOf(entry), entry.live, timesOf(entry)];
	}

	set maxAgeMs(value: number) {
		this.#expiry.maxAgeMs = value;
	}

	start(): void {
		this.#cancelExpiry = every(this.#parts.clock, expiryIntervalMs, expirySlackMs, () => this.#expireOld());
	}

	stop(): void {
		this.#cancelExpiry();
		this.#secondLooks.stop();
	}

	/** A file is new, was changed or was touched. */
	fileChanged(file: OrderFileSeen): void {
		const read = textOf(file, this.#parts.readText);
		if ('gone' in read) return;
		this.#secondLooks.cancel(file.id);
		const entry = this.#entries.get(file.id) ?? this.#entries.add(file);
		entry.file = file;
		this.#expiry.note(entry);
		entry.saidCtimeMs = Number.NaN;
		if ('problem' in read) {
			const isForgiven = read.isPassing && entry.live !== null;
			if (!isForgiven) this.#findFault(entry, `unreadable: ${read.problem}`, read.problem);
			if (read.isPassing) this.#lookAgain(entry, passingMs);
			return;
		}
		entry.file = { ...file, mtimeMs: read.mtimeMs };
		entry.uid = read.uid;
		entry.saidCtimeMs = file.ctimeMs ?? Number.NaN;
		this.#expiry.note(entry);
		if (entry.state === 'expiring') {
			// The store, which may not have been able to remove the file, finds it refreshed now.
			if (!this.#expiry.isExpired(entry)) this.#askToExpire(entry);
			return;
		}
		const fingerprint = fingerprintOf(read.text);
		if (fingerprint === entry.fingerprint) return;
		const result = this.#parts.readOrder(file.id, read.text, read.uid);
		if ('findings' in result) {
			this.#findFault(entry, fingerprint, this.#parts.describe(result.findings));
			return;
		}
		entry.fingerprint = fingerprint;
		if (result.notes !== undefined)
			this.#parts.log.warn(`in the order ${file.id}: ${this.#parts.describe(result.notes)}`);
		this.#halfWritten.forget(file.id);
		this.#accept(entry, result.order);
	}

	/** What an order was refused for may be over. */
	judgeAgain(id: string): void {
		const entry = this.#entries.get(id);
		if (entry === undefined) return;
		entry.fingerprint = '';
		this.fileChanged(entry.file);
	}

	/** A file is gone. */
	fileRemoved(id: string): void {
		this.#secondLooks.cancel(id);
		this.#halfWritten.forget(id);
		const entry = this.#entries.get(id);
		if (entry === undefined) return;
		this.#entries.delete(entry);
		const { live } = entry;
		if (live !== null) this.#parts.log.info(`removed order: ${describeOrder(live.order)}`);
		this.#end(entry, 'deleted');
		// Also after an expiry, which the store may have called off: twice does no harm.
		if (live === null) this.#parts.store.archive(id);
	}

	/**
	 * The store has archived an expired order and removed its file, or found that it had been refreshed after all.
	 * Either way a file that is there now is a new order: the watcher may not have seen the old one go.
	 */
	expiryOver(id: string): void {
		const entry = this.#entries.get(id);
		if (entry?.state !== 'expiring') return;
		this.#entries.delete(entry);
		this.fileChanged(entry.file);
	}

	/**
	 * The store has made room for an order. `lastSlotSeconds` is the start of the last slot that its files hold, or
	 * null: what was measured before a restart is not measured again.
	 */
	enrolled(id: string, lastSlotSeconds: number | null): void {
		const live = this.#entries.get(id)?.live;
		if (live == null) return;
		this.#parts.batches.enrolled(live, lastSlotSeconds);
		this.#parts.wake();
	}

	/** The job that measured this order is over: changes that came meanwhile take effect, or it had to be but once. */
	released(live: LiveOrder): void {
		const { id, once = false } = live.order;
		if (live.next !== null) this.#changed(live, this.#parts.batches.released(live));
		else if (once && this.#parts.isMeasured?.(id) !== false) this.measuredOnce(id);
	}

	/** The file of an expired order cannot be removed: it is neither measured nor gone. */
	expiryFailed(id: string): void {
		const entry = this.#entries.get(id);
		if (entry?.state === 'expiring') entry.isStuck = true;
	}

	#accept(entry: Entry, order: Order): void {
		const { store, stream, log } = this.#parts;
		if (entry.live !== null && this.#isPostponed(entry, entry.live, order)) return;
		entry.postponed = '';
		entry.maxAgeMs = ownMaxAgeMs(order);
		this.#expiry.note(entry);
		if (entry.live !== null) {
			this.#entries.setState(entry, 'live');
			store.clear(order.id);
			log.info(`changed order: ${describeOrder(order)}`);
			this.#changed(entry.live, this.#parts.batches.change(entry.live, order));
			return;
		}
		if (this.#expiry.isExpired(entry)) {
			this.#expire(entry);
			return;
		}
		this.#entries.setState(entry, 'live');
		log.info(`new order: ${describeOrder(order)}`);
		stream.changed(order);
		entry.live = this.#parts.batches.join(order, entry.uid);
	}

	/** Whether a change has to wait, because too many came before it. The order goes on as it was. */
	#isPostponed(entry: Entry, live: LiveOrder, order: Order): boolean {
		const { clock, log, store } = this.#parts;
		const waitMs = this.#shapeChanges.waitMs(live.next ?? live.order, order, clock.monotonicMs());
		if (waitMs <= 0) return false;
		const { fingerprint } = entry;
		// It is judged again when it is touched, or its time has come.
		entry.fingerprint = '';
		this.#lookAgain(entry, waitMs);
		if (entry.postponed === fingerprint) return true;
		entry.postponed = fingerprint;
		const when = new Date(clock.wallMs() + waitMs).toISOString();
		const message = `step, pings or rrd_template have changed ${changesADayMost} times within a day, and each time a new main.rrd began. It is measured on as it was, and this change takes effect at ${when}. Take it back, or write an order of another name`;
		log.warn(`rejected change of order: ${order.id}: ${message}`);
		store.reject(order.id, message);
		return true;
	}

	#changed(live: LiveOrder, change: Change): void {
		if (change === 'later') return;
		this.#parts.stream.changed(live.order);
		if (change === 'anew') this.#parts.wake();
	}

	/** Rejects a file that cannot be read as an order, unless it may be half written: then it gets a second look. */
	#findFault(entry: Entry, fingerprint: string, message: string): void {
		const { id } = entry.file;
		entry.saidCtimeMs = Number.NaN;
		if (entry.fingerprint === fingerprint && entry.state === 'rejected') return;
		const lookAgainMs = this.#halfWritten.lookAgainMs(id, entry.file.mtimeMs, fingerprint);
		if (lookAgainMs !== null) {
			this.#lookAgain(entry, lookAgainMs);
			return;
		}
		entry.fingerprint = fingerprint;
		this.#end(entry, 'rejected');
		this.#entries.setState(entry, 'rejected');
		this.#parts.log.warn(`rejected order: ${id}: ${message}`);
		this.#parts.store.reject(id, message);
	}

	#lookAgain({ file }: Entry, delayMs: number): void {
		this.#secondLooks.plan(file.id, delayMs, () => this.fileChanged(file));
	}

	#expireOld(): void {
		this.#expiry.watchClocks();
		if (!this.#expiry.beginRound()) return;
		for (const entry of this.#entries) {
			if (entry.state !== 'live') continue;
			if (this.#expiry.isExpired(entry) && this.#isStillOld(entry)) this.#expire(entry);
			else this.#expiry.note(entry);
		}
	}

	/** It may have been refreshed while this process was held up, and nobody has told us yet. */
	#isStillOld(entry: Entry): boolean {
		const read = this.#parts.readText(entry.file.path);
		if ('mtimeMs' in read) entry.file = { ...entry.file, mtimeMs: read.mtimeMs };
		return this.#expiry.isExpired(entry);
	}

	#expire(entry: Entry): void {
		const { file } = entry;
		const ageSeconds = Math.round(this.#expiry.ageMs(file) / 1000);
		this.#parts.log.info(`archiving old order: ${file.id} (age: ${ageSeconds}s)`);
		this.#end(entry, 'expired');
		this.#entries.setState(entry, 'expiring');
		this.#askToExpire(entry);
	}

	/** All have measured this order: it is over, if it had to be measured but once. */
	measuredOnce(id: string): void {
		const entry = this.#entries.get(id);
		if (entry?.live?.order.once !== true) return;
		this.#parts.log.info(`archiving measured order: ${id} (once)`);
		this.#end(entry, 'expired');
		this.#entries.setState(entry, 'expiring');
		// Older than this: it was not written again meanwhile, which would ask for another measurement.
		this.#parts.store.expire(id, entry.file.path, this.#expiry.ageMs(entry.file) - 1);
	}

	#askToExpire(entry: Entry): void {
		const { id, path } = entry.file;
		this.#parts.store.expire(id, path, this.#expiry.maxAgeMsOf(entry));
	}

	#end(entry: Entry, why: GoneWhy): void {
		if (entry.live === null) return;
		this.#parts.batches.leave(entry.live);
		entry.live = null;
		this.#parts.stream.gone(entry.file.id, why);
	}
}
