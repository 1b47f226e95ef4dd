import type { LiveOrder } from '../engine/batch.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Memory } from '../memory/memory.ts';
import type { Recollection } from '../memory/recollection.ts';
import type { OrderAnswer } from '../model/answers.ts';
import type { Order } from '../model/order.ts';
import { identityOf } from '../model/outcome.ts';
import { popFolderIn } from '../model/pop.ts';
import { slotCountKeys } from '../model/slot-count-keys.ts';
import { isElsewhere } from '../model/where.ts';
import { outcomeToJson } from '../outcomes/outcome-json.ts';

/** Of the orders that share something, this many are named. */
const namedMax = 10;

/** Who knows the answers. */
export interface OrderSources {
	readonly book: OrderBook;
	readonly scheduler: Scheduler;
	readonly memory: Memory;
}

/** What is known of an order, or of `ID/@POP`; null when its file was not seen (yet), or nobody of that name is asked. */
export function orderAnswerOf(name: string, sources: OrderSources): OrderAnswer | null {
	const { book, memory } = sources;
	const { id = name, pop } = popFolderIn(name) ?? {};
	const entry = book.find(id);
	if (entry === null) return null;
	const { state, live, expiresMs } = entry;
	const expires = expiresMs === null ? null : Math.round(expiresMs) / 1000;
	const pops = memory.popsOf(id);
	if (pop === undefined) {
		const isHere = live !== null && !isElsewhere(live.order);
		const told = { state, expires, memory: isHere ? memoryOf(live, sources) : null };
		return pops.length === 0 ? told : { ...told, pops: [...pops] };
	}
	if (live === null || !pops.includes(pop)) return null;
	return { state, expires, memory: null, remembered: rememberedOf(memory.of(name), live.order) };
}

function rememberedOf(recollection: Recollection | null, order: Order) {
	return {
		last_failure: recollection?.lastFailure ?? null,
		last_skip: recollection?.lastSkip ?? null,
		last_loss: recollection?.lastLoss ?? null,
		last_facts: recollection?.lastFacts ?? null,
		fact_sums: recollection?.factSums ?? {},
		outcomes: recollection?.measurements(identityOf(order)).map(outcomeToJson) ?? [],
	};
}

function memoryOf(live: LiveOrder, { scheduler, memory }: OrderSources): OrderAnswer['memory'] {
	const { batch, order } = live;
	return {
		...rememberedOf(memory.of(order.id), order),
		since: live.sinceMs / 1000,
		slots: { ...live.slots },
		next_due: Math.round(scheduler.nextDueMs(live)) / 1000,
		batch: {
			targets: batch.byTarget.size,
			targets_max: Number.isFinite(batch.max) ? batch.max : null,
			orders: { count: batch.orders, ids: firstIds(batch) },
			same_target: sharersOf(live),
		},
		last_run: live.lastRun?.answerFor(order.target) ?? null,
	};
}

function sharersOf(live: LiveOrder): { count: number; ids: string[] } {
	const others = [...othersThan(live, live.batch.sharersOf(live.order.target))];
	return { count: others.length, ids: firstIds(others) };
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
