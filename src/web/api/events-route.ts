import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { identityOf } from '../../model/outcome.ts';
import { globPattern } from '../../orders/glob.ts';
import { orderPattern } from '../../orders/selector.ts';
import { orderToJson, outcomeToJson } from '../../outcomes/outcome-json.ts';
import type { EarlyPings, StreamEvent } from '../../outcomes/subscriber.ts';
import { FeedClient } from '../feed/feed-client.ts';
import { head } from '../server/answers.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, answered, apiRoute, textParameter } from './api-route.ts';

const listenersMax = 200;
/** Each listens to the daemon by itself, which has a few places alone. */
const earlyListenersMax = 4;
/** So that whoever stands between does not take it for dead. */
const aliveMs = 15_000;
/** What is written at once; then others have their turn. Characters. */
const pieceLength = 64 * 1024;

const aboutNames = ['changed', 'outcome', 'gone', 'missed', 'early'] as const;

const query = z.strictObject({
	orders: textParameter.describe('a pattern of ids, such as core/**'),
	user: textParameter.describe('a pattern of users'),
	probe: textParameter,
	about: textParameter.describe(`of ${aboutNames.join(', ')}, with commas between; all by default`),
	early: textParameter.describe('the id of one order: tell its pings before the job is over, too'),
});

type Query = z.infer<typeof query>;

/** `GET /api/v1/events`: what happens, as Server-Sent Events. */
export function eventsRoute(parts: WebParts): ApiRoute {
	const listeners = { all: 0, early: 0 };
	return apiRoute({
		...{ method: 'GET', path: '/api/v1/events', query, type: 'text/event-stream' },
		answer: z.string(),
		summary: 'What happens, as it happens: changed (every order first), outcome, early, gone, missed',
		faults: { 503: 'too many listen already' },
		handle: async (asked, wanted) => {
			const isEarly = wanted.early !== undefined;
			if (listeners.all >= listenersMax || (isEarly && listeners.early >= earlyListenersMax))
				throw new RequestFault(503, 'too many listen already. Try again later');
			const filter = filterOf(wanted);
			listeners.all++;
			if (isEarly) listeners.early++;
			try {
				await tellEvents(parts, asked, wanted.early, filter);
			} finally {
				listeners.all--;
				if (isEarly) listeners.early--;
			}
			return answered;
		},
	});
}

interface Filter {
	readonly about: ReadonlySet<string>;
	/** Whether anything is wanted of an order; `by`: what that place measures of it, null being this machine. */
	isWanted(
		order: { readonly id: string; readonly user: string; readonly probe: string },
		by?: string | null,
	): boolean;
}

function filterOf({ orders, user, probe, about }: Query): Filter {
	const ids = orders === undefined ? null : orderPattern(orders);
	const users = user === undefined ? null : globPattern(user);
	const names = about === undefined ? aboutNames : about.split(',', aboutNames.length + 1);
	const unknown = names.find((name) => !(aboutNames as readonly string[]).includes(name));
	if (unknown !== undefined)
		throw new RequestFault(400, `about: must be of ${aboutNames.join(', ')}, with commas between`);
	return {
		about: new Set(names),
		isWanted: (order, by) =>
			((by === undefined ? ids?.concerns(order.id) : ids?.takes(order.id, by ?? undefined)) ?? true) &&
			(users?.test(order.user) ?? true) &&
			(probe === undefined || order.probe === probe),
	};
}

/** Resolves when the listener is gone. One that does not read misses outcomes, is told so, and costs nobody else. */
async function tellEvents(
	{ baseDir, stream }: WebParts,
	{ request, response }: Asked,
	early: string | undefined,
	filter: Filter,
): Promise<void> {
	const gone = once(response, 'close').then(() => {});
	head(response, 200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
	if (request.method === 'HEAD') {
		response.end();
		return;
	}
	response.write('retry: 3000\n\n');

	async function send(piece: string): Promise<void> {
		if (!response.write(piece)) await Promise.race([once(response, 'drain').catch(() => {}), gone]);
		await nextTurn();
	}

	const known = new Map<string, boolean>();
	const end = stream.subscribe({
		name: 'a listener over HTTP',
		take: async (events) => {
			let piece = '';
			for (const event of events) {
				if (response.destroyed) return;
				for (const told of toldOf(event, filter, known)) piece += told;
				if (piece.length < pieceLength) continue;
				await send(piece);
				piece = '';
			}
			if (piece !== '') await send(piece);
		},
	});
	const feed =
		early === undefined || !filter.about.has('early')
			? null
			: earlyFeed(baseDir, early, (told) => {
					// A preview: who does not keep up goes without.
					if (!response.writableNeedDrain && !response.destroyed) response.write(told);
				});
	const alive = setInterval(() => {
		if (!response.writableNeedDrain) response.write(': alive\n\n');
	}, aliveMs);
	await gone;
	clearInterval(alive);
	feed?.close();
	end();
}

function earlyFeed(baseDir: string, id: string, tell: (text: string) => void): FeedClient {
	return new FeedClient(
		{ baseDir, early: id },
		{
			event: (event) => {
				if (event.about === 'early') tell(message('early', earlyJson(event)));
			},
			complete: () => {},
			silent: () => {},
		},
	);
}

function earlyJson({ order, slot, pings, early }: EarlyPings): object {
	return {
		...{ id: order.id, slot: slot.startSeconds, step: slot.stepSeconds, pings },
		early: early.map(({ index, sentAtSeconds: sent, rttSeconds: rtt }) => ({ index, sent, rtt })),
	};
}

function message(name: string, data: object): string {
	return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** @param known which orders were told, so that `gone` is told of these alone */
function* toldOf(
	event: StreamEvent,
	{ about, isWanted }: Filter,
	known: Map<string, boolean>,
): Generator<string> {
	switch (event.about) {
		case 'changed': {
			const { order } = event;
			const isOne = isWanted(order);
			known.set(order.id, isOne);
			if (isOne && about.has('changed'))
				yield message('changed', {
					...{ order: orderToJson(identityOf(order)), step: order.stepSeconds, pings: order.pings },
				});
			return;
		}
		case 'gone':
			if (known.get(event.id) === true && about.has('gone'))
				yield message('gone', { id: event.id, why: event.why });
			known.delete(event.id);
			return;
		case 'outcomes':
			if (!about.has('outcome')) return;
			for (const outcome of event.outcomes)
				if (isWanted(outcome.order, outcome.pop ?? null)) yield message('outcome', outcomeToJson(outcome));
			return;
		case 'missed': {
			const ids = event.ids.filter((id) => known.get(id) === true);
			if (ids.length > 0 && about.has('missed')) yield message('missed', { ids, count: event.count });
			return;
		}
		default:
	}
}
