import { jitterOf } from '../../../model/derived-facts.ts';
import type { Order } from '../../../model/order.ts';
import type { Measured, NotMeasured, Outcome } from '../../../model/outcome.ts';
import { isElsewhere } from '../../../model/where.ts';
import type { StreamEvent, Subscriber } from '../../../outcomes/subscriber.ts';
import { type Row, sparkWith } from '../../browser/rows.ts';
import { deviationOf } from './deviation.ts';
import { type PlaceView, worstPlace } from './places.ts';

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
	/** Of an order that points of presence alone measure: what each saw last. The row is that of the worst. */
	places: Map<string, PlaceView> | null;
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
	/** Null: to be sorted anew. */
	#sorted: readonly BoardRow[] | null = null;
	#lastHandle = 0;

	/** By id. Another list whenever there are other rows. */
	rows(): readonly BoardRow[] {
		this.#sorted ??= [...this.#rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
		return this.#sorted;
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
					if (outcome.pop !== undefined) this.#seen(outcome, outcome.pop);
					else if (outcome.kind === 'measured') this.#measured(outcome);
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
			const handle = row?.handle ?? ++this.#lastHandle;
			this.#put(boardRow({ ...nameless, handle, id, reason, isRejected: true, isFilled: true }, null));
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

	/** The same of an order that points of presence alone measure. */
	fillPlaces(row: BoardRow, places: ReadonlyMap<string, PlaceView>): void {
		for (const [pop, place] of places) if (row.places?.has(pop) === false) row.places.set(pop, place);
		this.#tellWorst(row);
	}

	#seen(outcome: Outcome, pop: string): void {
		const row = this.#rows.get(outcome.order.id);
		if (row === undefined || row.places === null) return;
		const before = row.places.get(pop);
		const { startSeconds } = outcome.slot;
		if (outcome.kind === 'skipped' || startSeconds < (before?.timeSeconds ?? 0)) return;
		if (outcome.kind !== 'measured')
			row.places.set(pop, {
				...nothingSeen,
				...before,
				reason: outcome.reason || 'it could not be measured',
			});
		else {
			const { loss, samples, medianSeconds } = outcome.measurement;
			row.places.set(pop, {
				timeSeconds: startSeconds,
				loss,
				sent: samples.length,
				medianSeconds,
				reason: '',
			});
		}
		this.#tellWorst(row);
	}

	#tellWorst(row: BoardRow): void {
		if (row.places === null) return;
		const worst = worstPlace(row.places, row.stepSeconds, Date.now() / 1000);
		if (worst === null) return;
		Object.assign(row, worst);
		for (const listener of this.#listeners) listener.result(row);
	}

	#changed(order: Order): void {
		const { id, title = '', target, shownTarget = target } = order;
		const known = this.#rows.get(id) ?? null;
		const isSame = known?.isRejected === false && known.stepSeconds === order.stepSeconds;
		const handle = known?.handle ?? ++this.#lastHandle;
		const named = { ...order, handle, title, target: shownTarget };
		const rest = { reason: '', isRejected: false, isFilled: false };
		const row = boardRow({ ...named, ...rest }, isSame ? known : null);
		row.places = isElsewhere(order) ? (row.places ?? new Map()) : null;
		for (const pop of row.places?.keys() ?? [])
			if (order.pops?.includes(pop) === false) row.places?.delete(pop);
		this.#put(row);
	}

	#put(row: BoardRow): void {
		this.#sorted = null;
		this.#rows.set(row.id, row);
		this.#byHandle.set(row.handle, row);
		for (const listener of this.#listeners) listener.changed(row);
	}

	#gone(id: string): void {
		const row = this.#rows.get(id);
		if (row === undefined) return;
		this.#sorted = null;
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

type Named = Pick<
	BoardRow,
	'handle' | 'id' | 'title' | 'user' | 'probe' | 'target' | 'tags' | 'stepSeconds' | 'pings' | 'isRejected'
> &
	Pick<BoardRow, 'reason' | 'isFilled'>;

/** What is known of a file that is no order. */
const nameless = { title: '', user: '', probe: '', target: '', tags: {}, stepSeconds: 0, pings: 0 } as const;

/**
 * A row, with the results of another one. Its fields are written out: rows that are spread together each have a shape of
 * their own, and looking through all of them takes ten times as long.
 */
function boardRow(named: Named, results: BoardRow | null): BoardRow {
	return {
		handle: named.handle,
		id: named.id,
		title: named.title,
		user: named.user,
		probe: named.probe,
		target: named.target,
		tags: named.tags,
		stepSeconds: named.stepSeconds,
		pings: named.pings,
		isRejected: named.isRejected,
		timeSeconds: results?.timeSeconds ?? 0,
		loss: results?.loss ?? 0,
		sent: results?.sent ?? 0,
		medianSeconds: results?.medianSeconds ?? null,
		reason: results?.reason ?? named.reason,
		spark: results?.spark ?? null,
		haystack: null,
		figures: results?.figures ?? null,
		isFilled: results?.isFilled ?? named.isFilled,
		places: results?.places ?? null,
	};
}

const nothingSeen: PlaceView = { timeSeconds: 0, loss: 0, sent: 0, medianSeconds: null, reason: '' };
