import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertsAnswer } from '../model/alert-answer.ts';
import type { DaemonAnswer, OrderAnswer } from '../model/answers.ts';
import type { PopChangeAnswer, PopsAnswer } from '../model/pops-answer.ts';
import { packedVersion } from '../outcomes/packed.ts';
import type { FeedWish } from './stream-feed.ts';

/** What can be asked. The answers are put together when they are asked for. */
export interface Questions {
	daemon(): DaemonAnswer;
	/** What fires. */
	alerts(): AlertsAnswer;
	/** The JSON of `OrdersAnswer`, in pieces. */
	orders(): Iterable<string>;
	/** `StatusAnswer` in lines of JSON. */
	status(): Promise<Iterable<string>>;
	/** Null when there is no such order. */
	order(id: string): OrderAnswer | null;
	/** Tells all that happens to one who listens, until that one goes. */
	listen(response: ServerResponse, wish: FeedWish): Promise<void>;
	/** The points of presence. */
	pops(): PopsAnswer;
	/** Changes one; null: who asks may not. `authorization`: the header. */
	changePop(wish: unknown, authorization: string | undefined): PopChangeAnswer | null;
	/** A question could not be answered, by our own fault. */
	failed(error: Error): void;
}

/**
 * Answers `GET /v1/daemon`, `/v1/alerts`, `/v1/orders`, `/v1/status` (the first and the third together, with what `status`
 * shows) and `/v1/orders/ID`, the id percent-encoded as one part of the path, with JSON. `/v1/stream` tells what happens, a line an event, as long as it is listened to; `?id=ID` of one order, and with
 * `&early=true` also pings before their job is over; `?packed=1` with outcomes as `packOutcome` gives them, for our own web server. `/v1/pops` tells of points of presence; `POST /v1/pops?wish=JSON` is
 * the only thing that changes something, for who has the key. Takes no body.
 */
export function answering(questions: Questions): RequestListener {
	let listeners = 0;
	return (request, response) => {
		if (isListening(request.url ?? '')) {
			// Some connections are left for those who only ask.
			if (listeners === listenersMax) {
				refuse(response, 503, `${listenersMax} listen already`);
				return;
			}
			listeners++;
			response.on('close', () => listeners--);
		}
		answer(questions, request, response).catch((error: Error) => {
			response.destroy();
			// Whoever goes away without reading is no fault of ours.
			if ((error as NodeJS.ErrnoException).code === undefined) questions.failed(error);
		});
	};
}

async function answer(
	questions: Questions,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const refusal = refusalOf(request);
	if (refusal !== null) {
		// What else it sends is not read.
		refuse(response, ...refusal);
		return;
	}
	const [path = '', query = ''] = (request.url ?? '').split('?', 2);
	if (request.method === 'POST') {
		const wish = jsonIn(new URLSearchParams(query).get('wish') ?? '');
		const changed = questions.changePop(wish, request.headers.authorization);
		if (changed === null)
			refuse(response, 403, 'only the user that the daemon runs as, and root, may do that');
		else tell(response, changed);
		return;
	}
	if (path === '/v1/daemon') {
		tell(response, questions.daemon());
	} else if (path === '/v1/alerts') {
		tell(response, questions.alerts());
	} else if (path === '/v1/pops') {
		tell(response, questions.pops());
	} else if (path === '/v1/orders' || path === '/v1/status') {
		const pieces = path === '/v1/orders' ? questions.orders() : await questions.status();
		response.writeHead(200, head);
		await pipeline(Readable.from(inTurns(pieces)), response);
	} else if (path === listenPath) {
		await questions.listen(response, wishOf(new URLSearchParams(query)));
	} else if (path.startsWith('/v1/orders/')) {
		const id = decoded(path.slice('/v1/orders/'.length));
		const told = id === null ? null : questions.order(id);
		if (told === null) refuse(response, 404, 'there is no such order');
		else tell(response, told);
	} else {
		refuse(
			response,
			404,
			'ask for /v1/daemon, /v1/alerts, /v1/orders, /v1/orders/ID, /v1/status or /v1/stream',
		);
	}
}

/** Where one listens for as long as one likes. */
const listenPath = '/v1/stream';

const listenersMax = 12;

/** Whether a request has no end of its own. */
export function isListening(url: string): boolean {
	return url === listenPath || url.startsWith(`${listenPath}?`);
}

function wishOf(query: URLSearchParams): FeedWish {
	const id = query.get('id');
	const packed = query.get('packed') === String(packedVersion);
	return id === null ? { packed } : { id, early: query.get('early') === 'true' };
}

const head = { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' };

/** The rest of the daemon has its turn after each piece. */
async function* inTurns(pieces: Iterable<string>): AsyncGenerator<string> {
	for (const piece of pieces) {
		yield piece;
		await nextTurn();
	}
}

function refusalOf({ method, headers, url = '' }: IncomingMessage): [status: number, message: string] | null {
	const isChange = method === 'POST' && url.startsWith('/v1/pops?');
	if (method !== 'GET' && method !== 'HEAD' && !isChange)
		return [405, 'only GET: nothing can be changed here'];
	const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
	return hasBody ? [413, 'no body is taken'] : null;
}

function decoded(text: string): string | null {
	try {
		return decodeURIComponent(text);
	} catch {
		return null;
	}
}

function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

function tell(response: ServerResponse, told: unknown): void {
	response.writeHead(200, head).end(JSON.stringify(told));
}

function refuse(response: ServerResponse, status: number, message: string): void {
	response.writeHead(status, head).end(JSON.stringify({ error: message }));
}
