import type { FactDeclaration, FactTable } from '../model/facts.ts';
import type { Order } from '../model/order.ts';
import type { Outcome } from '../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../outcomes/subscriber.ts';
import { CountsFile } from './counts-file.ts';
import { OrderCounts } from './order-counts.ts';
import { readCounts } from './read-counts.ts';

export interface CountsBookParts {
	/** Where they outlast a restart, in a folder of 0700. */
	readonly path: string;
	readonly facts: FactTable;
	readonly nowSeconds: number;
	/** Whether no file tells what is measured of an order: it has no main.rrd. */
	isUnfiled(order: Order): boolean;
	problem(message: string): void;
	/** Rest before a write that failed is tried again. */
	readonly retryMs?: number;
}

/** A file that has grown by so much is written anew. Bytes. */
const growthMin = 4 * 1024 * 1024;
const usualRetryMs = 10_000;

/**
 * Counts of all orders that no file in output/ tells: why slots were not measured, sums of facts, and all that is
 * measured of orders without main.rrd. They are written at once when they change, so that even a kill loses none.
 */
export class CountsBook implements Subscriber {
	readonly name = 'counts';
	readonly #parts: CountsBookParts;
	/** Since when there are counts, seconds since the epoch. */
	readonly fromSeconds: number;
	readonly #counts: Map<string, OrderCounts>;
	readonly #unfiled = new Set<string>();
	/** By probe. */
	readonly #counted: ReadonlyMap<string, readonly FactDeclaration[]>;
	readonly #file: CountsFile;
	/** Orders whose counts are not written yet. */
	#changed = new Set<string>();
	#freshBytes = 0;
	#writing: Promise<void> | null = null;
	#retry: NodeJS.Timeout | null = null;
	#hasComplained = false;
	#isClosed = false;

	constructor(parts: CountsBookParts) {
		this.#parts = parts;
		this.#file = new CountsFile(parts.path);
		this.#counted = new Map(
			[...parts.facts].map(([probe, facts]) => [probe, facts.filter(({ kind }) => kind === 'count')]),
		);
		const { fromSeconds, counts } = readCounts(parts.path, (message) => this.#complain(message));
		this.#counts = counts;
		this.fromSeconds = fromSeconds ?? parts.nowSeconds;
		// So that the next run knows since when.
		if (fromSeconds === null && !this.#hasComplained) this.#writing = this.#write();
	}

	/** Null: nothing was counted. */
	of(id: string): OrderCounts | null {
		return this.#counts.get(id) ?? null;
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'outcomes') for (const outcome of event.outcomes) this.#count(outcome);
			else if (event.about === 'changed') this.#enrolled(event.order);
			else if (event.about === 'gone') this.#gone(event.id);
		}
	}

	/** What is no order any more has no counts. */
	keepOnly(ids: Iterable<string>): void {
		const kept = new Set(ids);
		for (const id of this.#counts.keys()) if (!kept.has(id)) this.#gone(id);
	}

	/** Writes what is not written yet. */
	async close(): Promise<void> {
		this.#isClosed = true;
		if (this.#retry !== null) clearTimeout(this.#retry);
		this.#retry = null;
		await (this.#writing ?? Promise.resolve());
		if (this.#changed.size > 0) await this.#write();
		await this.#file.close().catch(() => {});
	}

	#enrolled(order: Order): void {
		if (this.#parts.isUnfiled(order)) this.#unfiled.add(order.id);
		else this.#unfiled.delete(order.id);
	}

	#gone(id: string): void {
		this.#unfiled.delete(id);
		if (this.#counts.delete(id)) this.#note(id);
	}

	#count(outcome: Outcome): void {
		// What is measured elsewhere is counted there.
		if (outcome.pop !== undefined) return;
		const { id, probe } = outcome.order;
		const counts = this.#counts.get(id) ?? new OrderCounts();
		let isNews = counts.add(outcome, this.#counted.get(probe) ?? []);
		if (outcome.kind === 'measured' && this.#unfiled.has(id)) {
			counts.addUnfiled(outcome);
			isNews = true;
		}
		if (!isNews) return;
		this.#counts.set(id, counts);
		this.#note(id);
	}

	#note(id: string): void {
		this.#changed.add(id);
		if (this.#retry === null && !this.#isClosed) this.#writing ??= this.#write();
	}

	/** All that changes while it writes, too. Never rejects. */
	async #write(): Promise<void> {
		// What comes of one batch comes in one turn.
		await Promise.resolve();
		try {
			while (this.#changed.size > 0 || this.#file.bytes === 0) await this.#writeChanged();
			this.#hasComplained = false;
		} catch (error) {
			this.#complain(`counts of slots and facts cannot be kept: ${(error as Error).message}`);
			if (!this.#isClosed) {
				this.#retry = setTimeout(() => this.#tryAgain(), this.#parts.retryMs ?? usualRetryMs);
				this.#retry.unref();
			}
		} finally {
			this.#writing = null;
		}
	}

	#tryAgain(): void {
		this.#retry = null;
		this.#writing ??= this.#write();
	}

	async #writeChanged(): Promise<void> {
		const ids = this.#changed;
		this.#changed = new Set();
		try {
			if (this.#isOversized()) {
				const head = JSON.stringify({ from: this.fromSeconds });
				await this.#file.rewrite(this.#lines([...this.#counts.keys()], head));
				this.#freshBytes = this.#file.bytes;
			} else await this.#file.append(this.#lines(ids));
		} catch (error) {
			for (const id of ids) this.#changed.add(id);
			throw error;
		}
	}

	#isOversized(): boolean {
		const { bytes } = this.#file;
		return bytes === 0 || bytes > 2 * this.#freshBytes + growthMin;
	}

	*#lines(ids: Iterable<string>, head?: string): Generator<string> {
		if (head !== undefined) yield head;
		for (const id of ids) {
			const counts = this.#counts.get(id);
			yield JSON.stringify({ id, counts: counts ?? null });
		}
	}

	#complain(message: string): void {
		if (!this.#hasComplained) this.#parts.problem(message);
		this.#hasComplained = true;
	}
}
