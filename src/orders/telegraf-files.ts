import type { Clock } from '../model/clock.ts';
import { describeFindings } from '../model/findings.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import { forwardingOf, type OrderTelegraf, readTelegrafFile } from '../reading/order-telegraf.ts';
import { HalfWritten } from './half-written.ts';
import type { OrderFile } from './order-file.ts';
import type { OrderFileSeen } from './seen.ts';

export interface TelegrafFilesParts {
	readonly clock: Clock;
	readonly log: Log;
	readText(path: string): OrderFile;
	/** What is said of this order has changed. */
	changed(id: string): void;
}

interface Entry {
	/** What it said when it could last be read. */
	telegraf: OrderTelegraf | null;
	/** What it made of an order. */
	forwarded: { readonly from: Order; readonly to: Order } | null;
	/** What is wrong with it now, as it was told. */
	fault: string | null;
	/** Calls off another look. */
	cancelLook: () => void;
}

/** What is not the fault of a file is looked at again after this. */
const passingMs = 1000;

/**
 * What the files below `telegraf/` say: `telegraf/<order id>` is for the order of that id. They belong to whoever wrote
 * them, and are never changed or removed, also when the order is gone.
 */
export class TelegrafFiles {
	readonly #parts: TelegrafFilesParts;
	readonly #entries = new Map<string, Entry>();
	readonly #halfWritten: HalfWritten;

	constructor(parts: TelegrafFilesParts) {
		this.#parts = parts;
		this.#halfWritten = new HalfWritten(parts.clock);
	}

	/**
	 * The order with the name and the tags under which its measurements are forwarded now; without a name they are not.
	 * The same object each time, unless the order or its file has changed.
	 */
	forwarded(order: Order): Order {
		const entry = this.#entries.get(order.id);
		if (entry === undefined || entry.telegraf === null) return order;
		if (entry.forwarded?.from !== order) {
			entry.forwarded = { from: order, to: { ...order, ...forwardingOf(order, entry.telegraf) } };
		}
		return entry.forwarded.to;
	}

	/** A file is new, was changed or was touched. */
	fileChanged(file: OrderFileSeen): void {
		if (file.refusal !== undefined) {
			this.#findFault(this.#entryOf(file.id), file.id, file.refusal);
			return;
		}
		const read = this.#parts.readText(file.path);
		if ('gone' in read) return;
		const entry = this.#entryOf(file.id);
		entry.cancelLook();
		if ('problem' in read) {
			if (read.isPassing) this.#lookAgain(entry, file, passingMs);
			else this.#findFault(entry, file.id, read.problem);
			return;
		}
		const result = readTelegrafFile(read.text);
		if ('telegraf' in result) {
			entry.fault = null;
			this.#halfWritten.forget(file.id);
			if (JSON.stringify(entry.telegraf) === JSON.stringify(result.telegraf)) return;
			entry.telegraf = result.telegraf;
			entry.forwarded = null;
			this.#parts.changed(file.id);
			return;
		}
		const lookAgainMs = this.#halfWritten.lookAgainMs(file.id, read.mtimeMs, read.text);
		if (lookAgainMs !== null) this.#lookAgain(entry, file, lookAgainMs);
		else this.#findFault(entry, file.id, describeFindings(result.findings));
	}

	/** A file is gone. */
	fileRemoved(id: string): void {
		const entry = this.#entries.get(id);
		entry?.cancelLook();
		this.#entries.delete(id);
		this.#halfWritten.forget(id);
		if (entry?.telegraf != null) this.#parts.changed(id);
	}

	/** Nothing is looked at any more. */
	stop(): void {
		for (const { cancelLook } of this.#entries.values()) cancelLook();
	}

	#entryOf(id: string): Entry {
		const known = this.#entries.get(id);
		if (known !== undefined) return known;
		const entry: Entry = { telegraf: null, forwarded: null, fault: null, cancelLook: () => {} };
		this.#entries.set(id, entry);
		return entry;
	}

	#lookAgain(entry: Entry, file: OrderFileSeen, delayMs: number): void {
		entry.cancelLook = this.#parts.clock.after(delayMs, () => this.fileChanged(file));
	}

	#findFault(entry: Entry, id: string, fault: string): void {
		if (entry.fault === fault) return;
		entry.fault = fault;
		const meanwhile = entry.telegraf === null ? 'it is not used' : 'what it said before still holds';
		this.#parts.log.warn(`telegraf/${id}: ${fault} | Until then ${meanwhile}`);
	}
}
