import { hash } from 'node:crypto';
import type { BookState } from '../model/answers.ts';
import type { Order } from '../model/order.ts';
import type { OrderFile } from '../orders/order-file.ts';
import type { OrderFileSeen } from '../orders/seen.ts';
import type { LiveOrder } from './batch.ts';

/**
 * `unsettled`: it cannot be read as an order, but was written a moment ago and may only be half there.
 * `expiring`: the store has been asked to archive it and to remove its file.
 */
type EntryState = 'live' | 'rejected' | 'unsettled' | 'expiring';

/** What the book knows of a file. */
export interface Entry {
	file: OrderFileSeen;
	/** Who has ordered it: owner of the file. */
	uid: number;
	/** To be changed by `setState` only. */
	state: EntryState;
	/** Of the text that it was last judged by: a touched file need not be judged again. */
	fingerprint: string;
	/** Of the file as it was when it said what is measured, as in `OrderFileSeen`; NaN: it says something else. */
	saidCtimeMs: number;
	live: LiveOrder | null;
	/** What the order says of how long it lives without a refresh. Milliseconds; Infinity: for ever; null: nothing. */
	maxAgeMs: number | null;
	/** It has expired, but its file cannot be removed. */
	isStuck: boolean;
	/** Fingerprint of a text that cannot take effect yet: the order is measured as it was. */
	postponed: string;
}

/** What the book tells about a file. */
export interface BookEntry {
	readonly state: BookState;
	/** Null unless it is measured. */
	readonly live: LiveOrder | null;
	/** When it is archived unless it is refreshed, milliseconds since the epoch; null for what is not measured. */
	readonly expiresMs: number | null;
}

/** The files there are, and how many of them are in which state. */
export class BookEntries {
	readonly #byId = new Map<string, Entry>();
	readonly #counts: Record<EntryState, number> = { live: 0, rejected: 0, unsettled: 0, expiring: 0 };

	get(id: string): Entry | undefined {
		return this.#byId.get(id);
	}

	[Symbol.iterator](): Iterator<Entry> {
		return this.#byId.values();
	}

	ids(): string[] {
		return [...this.#byId.keys()];
	}

	count(state: EntryState): number {
		return this.#counts[state];
	}

	add(file: OrderFileSeen): Entry {
		const nothing = { fingerprint: '', live: null, maxAgeMs: null, isStuck: false, postponed: '' };
		const entry: Entry = { file, state: 'unsettled', uid: 0, saidCtimeMs: Number.NaN, ...nothing };
		this.#byId.set(file.id, entry);
		this.#counts.unsettled++;
		return entry;
	}

	setState(entry: Entry, state: EntryState): void {
		this.#counts[entry.state]--;
		this.#counts[state]++;
		entry.state = state;
	}

	delete({ file, state }: Entry): void {
		if (this.#byId.delete(file.id)) this.#counts[state]--;
	}
}

/** As people are told it. */
export function stateOf({ state, isStuck }: Entry): BookState {
	if (state === 'expiring' && isStuck) return 'failing';
	return state === 'live' ? 'measured' : state;
}

/** What is refused already is not read. */
export function textOf({ path, refusal }: OrderFileSeen, readText: (path: string) => OrderFile): OrderFile {
	return refusal === undefined ? readText(path) : { problem: refusal, isPassing: false };
}

/** When the file was last written or touched, and when it last changed: as in `OrderFileSeen`. */
export interface FileTimes {
	readonly mtimeMs: number;
	/** NaN: it is not sure that it says just what is measured. */
	readonly ctimeMs: number;
}

export function timesOf({ file: { mtimeMs }, live, saidCtimeMs, fingerprint }: Entry): FileTimes {
	// Nobody knows yet, or the order is still as it was before.
	const isSure = live !== null && fingerprint !== '' && live.next === null;
	return { mtimeMs, ctimeMs: isSure ? saidCtimeMs : Number.NaN };
}

export function fingerprintOf(text: string): string {
	return hash('sha1', text, 'base64');
}

/** `ID (user: U, fping: HOST)`. */
export function describeOrder(order: Order): string {
	return `${order.id} (user: ${order.user}, ${order.probe}: ${order.shownTarget ?? order.target})`;
}
