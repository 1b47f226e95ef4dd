import type { LiveOrder } from '../engine/batch.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { type OrderAnswer, slotCountKeys } from '../model/answers.ts';

/** Of the orders that share something, this many are named. */
const namedMax = 10;

/** What is known of an order; null when its file was not seen (yet). */
export function orderAnswerOf(id: string, book: OrderBook, scheduler: Scheduler): OrderAnswer | null {
	const entry = book.find(id);
	if (entry === null) return null;
	const { state, live, expiresMs } = entry;
	return {
		state,
		expires: expiresMs === null ? null : Math.round(expiresMs) / 1000,
		memory: live === null ? null : memoryOf(live, scheduler),
	};
}

function memoryOf(live: LiveOrder, scheduler: Scheduler): OrderAnswer['memory'] {
	const { recollection, batch, order } = live;
	return {
		since: recollection.sinceMs / 1000,
		slots: { ...recollection.slots },
		last_failure: recollection.lastFailure,
		last_skip: recollection.lastSkip,
		last_loss: recollection.lastLoss,
		last_extras: recollection.lastExtras,
		odd_answers: { ...recollection.oddAnswers },
		next_due: Math.round(scheduler.nextDueMs(live)) / 1000,
		batch: {
			targets: batch.byTarget.size,
			targets_max: Number.isFinite(batch.max) ? batch.max : null,
			orders: { count: batch.orders, ids: firstIds(batch) },
			same_target: sharersOf(live),
		},
		last_run: recollection.lastRun?.answerFor(order.target) ?? null,
		measurements: recollection.measurements(),
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
		const counts = live === null ? state : slotCountKeys.map((key) => live.recollection.slots[key]);
		piece += `${told === 0 ? '' : ','}${JSON.stringify([id, counts])}`;
		told++;
		if (told % ordersInPiece > 0) continue;
		yield piece;
		piece = '';
	}
	yield `${piece}]}`;
}
