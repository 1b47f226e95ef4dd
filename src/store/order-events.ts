import { monotonicMs } from './counters.ts';
import { addEvents, type EventsMark, eventsName } from './events-file.ts';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { lastFactsName } from './last-facts.ts';
import type { EventState, LiveOrder } from './live-order.ts';
import { readOwnText } from './read-own-text.ts';
import { readRecordFile } from './record-file.ts';
import type { StoreTools } from './store-tools.ts';
import type { StoredMeasurement } from './stored-measurement.ts';

const textMax = 500;
/** So many wait for the disk, of all orders and of one. */
const waitingMost = 200_000;
const waitingOfOneMost = 100;

/** What can happen to an order. */
export type OrderEvent =
	/** Its text was changed: which keys. */
	| { readonly event: 'edited'; readonly keys: readonly string[] }
	/** It was not refreshed for too long, and archived. */
	| { readonly event: 'expired' }
	/** It came back from the archive. */
	| { readonly event: 'revived' }
	/** What is measured has another address. */
	| { readonly event: 'address'; readonly from: string; readonly to: string }
	/** A file could not be gone on with, and was kept under another name. */
	| { readonly event: 'set_aside'; readonly file: string; readonly kept: string; readonly reason?: string }
	/** It began to fail: no measurement came of a slot. */
	| { readonly event: 'failing'; readonly code: string; readonly reason: string }
	/** It is measured again. */
	| { readonly event: 'recovered' };

/** Names with many addresses are measured at one after the other: one that was met within this is no news. */
const rememberedSeconds = 3600;
const addressesMost = 32;

/** The files `events` of orders: a line of JSON for each thing that happened. Written between other work. */
export class OrderEvents {
	readonly #tools: StoreTools;
	/** By order. */
	readonly #waiting = new Map<string, string[]>();
	/** What the disk did not take, by order: for `retry`. */
	readonly #refused = new Map<string, string[]>();
	/** Of both. */
	#count = 0;
	/** Of orders whose files are long. */
	readonly #marks = new Map<string, EventsMark>();

	constructor(tools: StoreTools) {
		this.#tools = tools;
	}

	/** `timeSeconds`: when it happened, since the epoch; by default now. */
	tell(id: string, event: OrderEvent, timeSeconds = Math.floor(this.#tools.clock.wallMs() / 1000)): void {
		const lines = this.#waiting.get(id) ?? [];
		// Only where the disk does not answer.
		const ofOne = lines.length + (this.#refused.get(id)?.length ?? 0);
		if (this.#count >= waitingMost || ofOne >= waitingOfOneMost) return;
		const text = JSON.stringify({ time: timeSeconds, ...event }, (_, value: unknown) =>
			typeof value === 'string' ? value.slice(0, textMax) : value,
		);
		lines.push(text);
		this.#waiting.set(id, lines);
		this.#count++;
	}

	/** There is a measurement: what of it is news. */
	measured(folder: string, live: LiveOrder, { orderId, startSeconds, facts }: StoredMeasurement): void {
		const state = this.#stateOf(folder, orderId, live);
		if (state.isFailing) {
			state.isFailing = false;
			this.tell(orderId, { event: 'recovered' }, startSeconds);
		}
		const { address } = facts;
		if (typeof address !== 'string' || address === state.address) return;
		const isNews = meet(state, address, startSeconds);
		const from = state.address;
		state.address = address;
		if (from !== null && isNews) this.tell(orderId, { event: 'address', from, to: address }, startSeconds);
	}

	/** There is no measurement of a slot. */
	failed(id: string, live: LiveOrder, startSeconds: number, code: string, reason: string): void {
		const { output } = this.#tools.folders;
		const state =
			live.events ?? this.#attempt(() => inFolder(output, id, (folder) => this.#stateOf(folder, id, live)));
		if (state === null || state.isFailing) return;
		state.isFailing = true;
		this.tell(id, { event: 'failing', code, reason }, startSeconds);
	}

	/** Writes what waits, for so long at most and one file more. Milliseconds. */
	work(sliceMs: number): void {
		const endMs = monotonicMs() + sliceMs;
		for (const id of this.#waiting.keys()) {
			this.write(id);
			if (monotonicMs() >= endMs) return;
		}
	}

	get isWaiting(): boolean {
		return this.#waiting.size > 0;
	}

	/** Writes what waits of an order. What the disk does not take waits for `retry`, unless this `isLast`. */
	write(id: string, isLast = false): void {
		const lines = [...(this.#refused.get(id) ?? []), ...(this.#waiting.get(id) ?? [])];
		if (lines.length === 0) return;
		this.#refused.delete(id);
		this.#waiting.delete(id);
		const { folders, complaints } = this.#tools;
		try {
			inMadeFolder(folders.output, id, (folder) => this.#add(folder, id, lines));
			this.#count -= lines.length;
		} catch (error) {
			complaints.failed('cannot write', `${folders.output}/${id}/${eventsName}`, error);
			if (isLast) this.#count -= lines.length;
			else this.#refused.set(id, lines);
		}
	}

	/** Now and then: what the disk did not take waits to be written again. */
	retry(): void {
		for (const id of this.#refused.keys()) if (!this.#waiting.has(id)) this.#waiting.set(id, []);
	}

	#add(folder: string, id: string, lines: readonly string[]): void {
		const nowSeconds = Math.floor(this.#tools.clock.wallMs() / 1000);
		const mark = addEvents(folder, lines, nowSeconds, this.#marks.get(id) ?? null);
		if (mark === null) this.#marks.delete(id);
		else this.#marks.set(id, mark);
	}

	/** What the files say of it, at first. */
	#stateOf(folder: string, id: string, live: LiveOrder): EventState {
		if (live.events !== null) return live.events;
		const written = readRecordFile(folder, eventsName)?.toString('utf8') ?? '';
		const waiting = [...(this.#refused.get(id) ?? []), ...(this.#waiting.get(id) ?? [])];
		const text = [written, ...waiting].join('\n');
		const isFailing = text.lastIndexOf('"event":"failing"') > text.lastIndexOf('"event":"recovered"');
		const facts = readOwnText(`${folder}/${lastFactsName}`) ?? '';
		const address = /^address: "?([\da-fA-F.:%]{2,64})/m.exec(facts)?.[1] ?? null;
		live.events = { isFailing, address, addresses: null };
		return live.events;
	}

	#attempt<T>(action: () => T): T | null {
		try {
			return action();
		} catch {
			return null;
		}
	}
}

/** Notes an address that is not the last one. False when it was met lately. */
function meet(state: EventState, address: string, atSeconds: number): boolean {
	state.addresses ??= new Map();
	const { addresses } = state;
	if (state.address !== null) addresses.set(state.address, atSeconds);
	const met = addresses.get(address);
	for (const [one, lastSeconds] of addresses) {
		if (lastSeconds < atSeconds - rememberedSeconds || addresses.size > addressesMost) addresses.delete(one);
	}
	return met === undefined || met < atSeconds - rememberedSeconds;
}
