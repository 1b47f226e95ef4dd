import type { FileTimes } from '../engine/book-entries.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { DaemonAnswer } from '../model/answers.ts';
import type { Order } from '../model/order.ts';
import { hubFolder } from '../model/pop.ts';
import { withoutPasswords } from '../model/printable.ts';
import { statusFormat } from '../model/status-answer.ts';
import type { KnownOrders } from '../orders/known-orders.ts';
import type { LastResult } from '../store/last-result.ts';
import type { Store } from '../store/store-parts.ts';

/** How long making a piece takes, and how many orders are told before that is looked at. */
const pieceMs = 0.5;
const ordersPerLook = 50;

interface StatusSources {
	readonly book: OrderBook;
	readonly store: Pick<Store, 'written'>;
}

/**
 * `StatusAnswer` in lines of JSON, see `StatusReader`, so that nothing has to wait while 100,000 orders are told. It is put together by
 * hand, which takes half as long.
 *
 * @param known null: there may be other orders
 */
export function* statusAnswerPieces(
	daemon: DaemonAnswer,
	known: KnownOrders | null,
	{ book, store }: StatusSources,
): Generator<string> {
	const folder = known === null ? 'null' : `[${known.dev},${known.ino}]`;
	yield `{"format":${statusFormat},"folder":${folder},"daemon":${JSON.stringify(daemon)}}\n`;
	let piece = '';
	let told = 0;
	let endMs = performance.now() + pieceMs;
	for (const [id, state, live, file] of book) {
		piece += `${piece === '' ? '[' : ','}[${JSON.stringify(id)},`;
		if (live === null) piece += `"${state}"]`;
		else {
			const { measured, failed, skipped, overrun, late } = live.slots;
			piece += `[${measured},${failed},${skipped},${overrun},${late}]`;
			piece += isAsWritten(live.order) ? `,${orderOf(live.order, file, store)}]` : ']';
		}
		told++;
		if (told % ordersPerLook > 0 || performance.now() < endMs) continue;
		yield `${piece}]\n`;
		piece = '';
		endMs = performance.now() + pieceMs;
	}
	if (piece !== '') yield `${piece}]\n`;
}

/** Points of presence tell of orders that name any, in files of their own; and of what a hub sent not all holds here. */
function isAsWritten({ id, where }: Order): boolean {
	return where === undefined && !id.startsWith(`${hubFolder}/`);
}

/** The JSON of a `ToldOrder`. */
function orderOf(order: Order, { mtimeMs, ctimeMs }: FileTimes, store: Pick<Store, 'written'>): string {
	const { id, user, stepSeconds, pings, probe, target, shownTarget = target, expiresSeconds = false } = order;
	const { title, note, link } = order;
	const shownLink = link === undefined ? undefined : withoutPasswords(link);
	const times = `${mtimeMs},${Number.isNaN(ctimeMs) ? 'null' : ctimeMs},${expiresSeconds}`;
	const asked = `${JSON.stringify(user)},${stepSeconds},${pings},${JSON.stringify(probe)},${JSON.stringify(shownTarget)}`;
	const written = store.written(id);
	const result = written?.isClean === true && written.result !== null ? numbersOf(written.result) : 'null';
	return `[${times},${asked},${labelOf(title)},${labelOf(note)},${labelOf(shownLink)},${result}]`;
}

function labelOf(text: string | undefined): string {
	return text === undefined ? 'null' : JSON.stringify(text);
}

/** With as many digits as the file has. */
function numbersOf({ time, updated, step, pings, loss, min, median, max }: LastResult): string {
	return `[${time},${updated},${step},${pings},${loss},${rttOf(min)},${rttOf(median)},${rttOf(max)}]`;
}

function rttOf(seconds: number | null): string {
	return seconds === null ? 'null' : seconds.toExponential(6);
}
