import { jitterOf } from '../../../model/derived-facts.ts';
import type { Order } from '../../../model/order.ts';
import type { Measured, NotMeasured } from '../../../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../../../outcomes/subscriber.ts';
import { type Row, sparkWith } from '../../browser/rows.ts';
import { deviationOf } from './deviation.ts';

/** What else came of the last slot. Seconds; null: not known. */
interface Figures {
	readonly maxSeconds: number | null;
	readonly deviationSeconds: number | null;
	readonly jitterSeconds: number | null;
	/** Who took the times of the pings: the kernel, or a program. Null where the probe does not tell. */
	readonly timestamps: string | null;
	/** In how many pings the thread that measured was late. Null where the probe does not tell. */
	readonly delayed: { readonly pings: number; readonly late: number } | null;
}

export interface BoardRow extends Row {
	figures: Figures | null;
	/** Its files were read, or need not be. */
	isFilled: boolean;
}

export interface BoardListener {
	/** A row is new, or has other labels. */
	changed(row: BoardRow): void;
	result(row: BoardRow): void;
	gone(row: BoardRow): void;
}

/** Every order with its last result, for the pages. */
export class Board implements Subscriber {
	readonly name = 'the pages';
	readonly #rows = new Map<string, BoardRow>();
	readonly #byHandle = new Map<number, BoardRow>();
	readonly #listeners = new Set<BoardListener>();
	#lastHandle = 0;

	rows(): IterableIterator<BoardRow> {
		return this.#rows.values();
	}

	get size(): number {
		return this.#rows.size;
	}

	of(id: string): BoardRow | null {
		return this.#rows.get(id) ?? null;
	}

	byHandle(handle: number): BoardRow | null {
		return this.#byHandle.get(handle) ?? null;
	}

	/** Call what is returned to hear no more. */
	listen(listener: BoardListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'changed') this.#changed(event.order);
			else if (event.about === 'gone') this.#gone(event.id);
			else if (event.about === 'outcomes')
				for (const outcome of event.outcomes) {
					if (outcome.pop !== undefined) continue;
					if (outcome.kind === 'measured') this.#measured(outcome);
					else if (outcome.kind === 'failed') this.#failed(outcome);
				}
		}
	}

	/** Takes the place of those that were rejected before. */
	reject(rejected: ReadonlyMap<string, string>): void {
		for (const row of this.#rows.values()) if (row.isRejected && !rejected.has(row.id)) this.#gone(row.id);
		for (const [id, reason] of rejected) {
			const row = this.#rows.get(id);
			if (row !== undefined && !row.isRejected) continue;
			if (row?.reason === reason) continue;
			this.#put({
				...{
					handle: row?.handle ?? ++this.#lastHandle,
					id,
					title: '',
					user: '',
					probe: '',
					target: '',
					tags: {},
				},
				...{ stepSeconds: 0, pings: 0, isRejected: true, ...nothingYet, reason, isFilled: true },
			});
		}
	}

	/** What the files say of an order that nothing was heard of yet. */
	fill(row: BoardRow, from: Partial<Row>): void {
		row.isFilled = true;
		const { spark = null, ...last } = from;
		row.spark ??= spark;
		if (row.timeSeconds !== 0 || (last.timeSeconds ?? 0) === 0) return;
		Object.assign(row, last);
		for (const listener of this.#listeners) listener.result(row);
	}

	#changed(order: Order): void {
		const { id, title = '', user, probe, target, shownTarget = target, tags, stepSeconds, pings } = order;
		const known = this.#rows.get(id);
		const isSame = known?.isRejected === false && known.stepSeconds === stepSeconds;
		const row: BoardRow = {
			...(isSame ? known : { handle: known?.handle ?? ++this.#lastHandle, ...nothingYet, isFilled: false }),
			...{ id, title, user, probe, target: shownTarget, tags, stepSeconds, pings, isRejected: false },
			haystack: null,
		};
		this.#put(row);
	}

	#put(row: BoardRow): void {
		this.#rows.set(row.id, row);
		this.#byHandle.set(row.handle, row);
		for (const listener of this.#listeners) listener.changed(row);
	}

	#gone(id: string): void {
		const row = this.#rows.get(id);
		if (row === undefined) return;
		this.#rows.delete(id);
		this.#byHandle.delete(row.handle);
		for (const listener of this.#listeners) listener.gone(row);
	}

	#measured({ order, slot, measurement }: Measured): void {
		const row = this.#rows.get(order.id);
		if (row === undefined || slot.startSeconds < row.timeSeconds) return;
		const { loss, samples, medianSeconds, maxSeconds, facts } = measurement;
		if (row.spark !== null && slot.startSeconds > row.spark.endSeconds) {
			const share = loss / samples.length;
			row.spark = sparkWith(row.spark, row.stepSeconds, slot.startSeconds, medianSeconds, share);
		}
		const { timestamps, delayed } = facts;
		row.figures = {
			...{ maxSeconds, deviationSeconds: deviationOf(samples) },
			jitterSeconds: jitterOf(samples),
			timestamps: typeof timestamps === 'string' ? timestamps : null,
			delayed: Array.isArray(delayed)
				? { pings: delayed.length, late: delayed.filter((one) => one === true).length }
				: null,
		};
		const last = { timeSeconds: slot.startSeconds, loss, sent: samples.length, medianSeconds, reason: '' };
		Object.assign(row, last);
		for (const listener of this.#listeners) listener.result(row);
	}

	#failed({ order, slot, reason }: NotMeasured): void {
		const row = this.#rows.get(order.id);
		if (row === undefined || slot.startSeconds < row.timeSeconds || row.reason === reason) return;
		row.reason = reason.slice(0, 300) || 'it could not be measured';
		for (const listener of this.#listeners) listener.result(row);
	}
}

const nothingYet = {
	...{ timeSeconds: 0, loss: 0, sent: 0, medianSeconds: null, reason: '' },
	...{ spark: null, haystack: null, figures: null },
} as const;
