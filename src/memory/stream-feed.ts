import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Order } from '../model/order.ts';
import { identityOf } from '../model/outcome.ts';
import { isElsewhere } from '../model/where.ts';
import { lineOfEvent, lineOfPacked, type ToldBeside, type ToldEvent } from '../outcomes/event-json.ts';
import { packOutcomes } from '../outcomes/packed.ts';
import type { OutcomeStream } from '../outcomes/stream.ts';
import type { StreamEvent } from '../outcomes/subscriber.ts';

/** A piece of so many characters takes about a millisecond to make; then the rest of the daemon has its turn. */
const pieceLength = 64 * 1024;
/** Whoever listens hears something at least this often, and so knows that the daemon lives. */
const aliveMs = 5000;

/** What a listener wants to hear. */
export interface FeedWish {
	/** Only of this order. */
	readonly id?: string;
	/** Also pings before their job is over; of one order alone. */
	readonly early?: boolean;
	/** Outcomes are told packed, where it is known by `changed` who was measured. */
	readonly packed?: boolean;
}

/**
 * Tells the stream to one listener until it goes: a line of JSON an event, every order first. A listener that does not
 * read misses outcomes, and is told so; it costs nobody else anything.
 *
 * @param beside what is told of an order beside who it is
 */
export async function feedStream(
	stream: OutcomeStream,
	response: ServerResponse,
	wish: FeedWish,
	version: string,
	beside: (order: Order) => ToldBeside = () => ({}),
): Promise<void> {
	const { id, early = false, packed = false } = wish;
	const line = (event: ToldEvent) => `${(packed ? packedLine(event, stream) : null) ?? lineOfEvent(event)}\n`;
	const gone = once(response, 'close').then(() => {});
	response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
	const orders = id === undefined ? stream.size : Number(stream.has(id));
	response.write(line({ about: 'hello', orders, version }));
	let toldMs = performance.now();

	async function send(text: string): Promise<void> {
		toldMs = performance.now();
		if (!response.write(text)) await Promise.race([once(response, 'drain').catch(() => {}), gone]);
		await nextTurn();
	}

	async function take(events: readonly StreamEvent[]): Promise<void> {
		let piece = '';
		for (const event of events) {
			if (response.destroyed) return;
			for (const told of toldOf(event, id, beside)) piece += line(told);
			if (piece.length < pieceLength) continue;
			await send(piece);
			piece = '';
		}
		if (piece !== '') await send(piece);
	}

	const unwatch = early && id !== undefined ? stream.watch(id) : () => {};
	const end = stream.subscribe({ name: 'a listener at the socket', wantsEarly: early, take });
	const alive = setInterval(() => {
		if (performance.now() - toldMs >= aliveMs / 2 && !response.writableNeedDrain)
			response.write(line({ about: 'alive' }));
	}, aliveMs);
	await gone;
	clearInterval(alive);
	end();
	unwatch();
}

/** Null when it is to be told in full: who was measured has been edited meanwhile, say. */
function packedLine(event: ToldEvent, stream: OutcomeStream): string | null {
	if (event.about !== 'outcomes') return null;
	const { outcomes } = event;
	if (!outcomes.every(({ order }) => stream.isUpToDate(order))) return null;
	return lineOfPacked(outcomes, packOutcomes(outcomes));
}

/** A piece of outcomes a line, so that no line grows without end. */
const outcomesMax = 100;

function* toldOf(
	event: StreamEvent,
	id: string | undefined,
	beside: (order: Order) => ToldBeside,
): Generator<ToldEvent> {
	switch (event.about) {
		case 'changed':
			if (id === undefined || event.order.id === id) {
				const { stepSeconds, pings, pops } = event.order;
				const order = identityOf(event.order);
				yield {
					...{ about: 'changed', order, stepSeconds, pings, ...beside(event.order) },
					...(pops === undefined ? {} : { pops }),
					...(isElsewhere(event.order) ? { is_elsewhere: true } : {}),
				};
			}
			return;
		case 'gone':
			if (id === undefined || event.id === id) yield event;
			return;
		case 'missed': {
			const ids = id === undefined ? event.ids : event.ids.filter((one) => one === id);
			if (ids.length > 0) yield { ...event, ids };
			return;
		}
		case 'early':
			if (event.order.id === id) yield event;
			return;
		default: {
			const outcomes =
				id === undefined ? event.outcomes : event.outcomes.filter(({ order }) => order.id === id);
			// The very list, which may be packed already.
			if (outcomes.length <= outcomesMax) {
				yield { about: 'outcomes', outcomes };
				return;
			}
			for (let at = 0; at < outcomes.length; at += outcomesMax)
				yield { about: 'outcomes', outcomes: outcomes.slice(at, at + outcomesMax) };
		}
	}
}
