import type { LiveOrder } from '../engine/batch.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Memory } from '../memory/memory.ts';
import { type OrderAnswer, slotCountKeys } from '../model/answers.ts';
import { identityOf } from '../model/outcome.ts';
import { outcomeToJson } from '../outcomes/outcome-json.ts';

/** Of the orders that share something, this many are named. */
const namedMax = 10;

/** Who knows the answers. */
export interface OrderSources {
	readonly book: OrderBook;
	readonly scheduler: Scheduler;
	readonly memory: Memory;
}

/** What is known of an order; null when its file was not seen (yet). */
export function orderAnswerOf(id: string, sources: OrderSources): OrderAnswer | null {
	const { book } = sources;
	const entry = book.find(id);
	if (entry === null) return null;
	const { state, live, expiresMs } = entry;
	return {
		state,
		expires: expiresMs === null ? null : Math.round(expiresMs) / 1000,
		memory: live === null ? null : memoryOf(live, sources),
	};
}

function memoryOf(live: LiveOrder, { scheduler, memory }: OrderSources): OrderAnswer['memory'] {
	const { batch, order } = live;
	const recollection = memory.of(order.id);
	return {
		since: live.sinceMs / 1000,
		slots: { ...live.slots },
		last_failure: recollection?.lastFailure ?? null,
		last_skip: recollection?.lastSkip ?? null,
		last_loss: recollection?.lastLoss ?? null,
		last_facts: recollection?.lastFacts ?? null,
		fact_sums: recollection?.factSums ?? {},
		next_due: Math.round(scheduler.nextDueMs(live)) / 1000,
		batch: {
			targets: batch.byTarget.size,
			targets_max: Number.isFinite(batch.max) ? batch.max : null,
			orders: { count: batch.orders, ids: firstIds(batch) },
			same_target: sharersOf(live),
		},
		last_run: live.lastRun?.answerFor(order.target) ?? null,
		outcomes: recollection?.measurements(identityOf(order)).map(outcomeToJson) ?? [],
	};
}

function sharersOf(live: LiveOrder): { count: number; ids: string[] } {
	const sharers = live.batch.byTarget.get(live.order.target) ?? new Set([live]);
	return { count: sharers.size - 1, ids: firstIds(othersThan(live, sharers)) };
}

function* othersThan(live: LiveOrder, all: Iterable<LiveOrder>): Generator<LiveOrder> {
	for (const other of all) if (other !== live) yield other;
}

function firstIds(orders: Iterable<LiveOrder>): string[] {
	const ids: string[] = [];
	for (const { order } of orders) {
		if (ids.length === namedMax) break;
		ids.push(order.id);
	}
	return ids;
}

/** So many orders a piece: making one takes less than a millisecond. */
const ordersInPiece = 500;

/** The JSON of `OrdersAnswer` in pieces, so that nothing has to wait while 100,000 orders are told. */
export function* ordersAnswerPieces(book: OrderBook): Generator<string> {
	let piece = '{"orders":[';
	let told = 0;
	for (const [id, state, live] of book) {
		const counts = live === null ? state : slotCountKeys.map((key) => live.slots[key]);
		piece += `${told === 0 ? '' : ','}${JSON.stringify([id, counts])}`;
		told++;
		if (told % ordersInPiece > 0) continue;
		yield piece;
		piece = '';
	}
	yield `${piece}]}`;
}
