import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Log } from '../../../model/log.ts';
import type { Envelope } from '../../envelope.ts';
import type { HubDesk, HubLink } from '../../link.ts';
import { Allowances, type Rate } from './allowance.ts';
import { bodyOf, jsonLines, TooLarge } from './body.ts';
import { paths, seqParameter, waitMs } from './protocol.ts';

export interface HubServerOptions {
	readonly host: string;
	/** 0: any that is free. */
	readonly port: number;
	readonly tls: {
		readonly certFile: string;
		readonly keyFile: string;
		readonly clientCaFile: string | null;
	} | null;
	readonly log: Log;
}

const resultsMaxBytes = 16 * 1024 * 1024;
const heartbeatMaxBytes = 4 * 1024 * 1024;
/** Of news in one answer, characters. */
const answerMaxLength = 4 * 1024 * 1024;
/** At a time of one point of presence: one that waits for news, results, a heartbeat, and what was cut off. */
const requestsMax = 8;
/** What one may send: enough to hand in what has waited, too little to hold the hub up. */
const bytesRate: Rate = { burst: 64 * 1024 * 1024, perSecond: 16 * 1024 * 1024 };
const requestRate: Rate = { burst: 200, perSecond: 50 };
const connectionsMax = 10_000;
const headerMaxBytes = 8 * 1024;

/** The hub's side of the link over HTTPS: points of presence come, nobody is called. */
export class HubServer implements HubLink {
	readonly name = 'https';
	readonly #options: HubServerOptions;
	readonly #server: Server;
	#desk: HubDesk | null = null;
	/** By point of presence: who waits for news. */
	readonly #waiting = new Map<string, Set<() => void>>();
	readonly #requests = new Map<string, number>();
	readonly #bytes = new Allowances(bytesRate);
	readonly #asked = new Allowances(requestRate);

	/** Throws when certificate or key cannot be read. */
	constructor(options: HubServerOptions) {
		this.#options = options;
		const limits = { maxHeaderSize: headerMaxBytes, requestTimeout: 60_000, headersTimeout: 10_000 };
		const answer = (request: IncomingMessage, response: ServerResponse) =>
			void this.#answer(request, response);
		const { tls } = options;
		this.#server =
			tls === null
				? createServer(limits, answer)
				: createTlsServer(
						{
							...{ ...limits, handshakeTimeout: 10_000 },
							cert: readFileSync(tls.certFile),
							key: readFileSync(tls.keyFile),
							...(tls.clientCaFile === null
								? {}
								: { ca: readFileSync(tls.clientCaFile), requestCert: true, rejectUnauthorized: true }),
						},
						answer,
					);
		this.#server.maxConnections = connectionsMax;
		this.#server.keepAliveTimeout = 60_000;
	}

	/** Where it listens. */
	get port(): number {
		const address = this.#server.address();
		return typeof address === 'object' && address !== null ? address.port : 0;
	}

	async start(desk: HubDesk): Promise<void> {
		this.#desk = desk;
		const { host, port } = this.#options;
		await new Promise<void>((resolve, reject) => {
			this.#server.once('error', reject);
			this.#server.listen(port, host, () => {
				this.#server.off('error', reject);
				resolve();
			});
		});
		this.#server.on('error', (error) => this.#options.log.warn(`the link over HTTPS: ${error.message}`));
		this.#options.log.info(`points of presence may come to ${host} port ${this.port}`);
	}

	published(pop: string): void {
		for (const wake of [...(this.#waiting.get(pop) ?? [])]) wake();
	}

	removed(pop: string): void {
		this.#bytes.forget(pop);
		this.#asked.forget(pop);
		for (const wake of [...(this.#waiting.get(pop) ?? [])]) wake();
	}

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		this.#server.closeAllConnections();
		await closed;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const pop = this.#admit(request);
		if (pop === null) {
			refuse(request, response, 401, 'the token is not known here: pingmachine pop ls tells who is');
			return;
		}
		const running = this.#requests.get(pop) ?? 0;
		if (running >= requestsMax) {
			refuse(request, response, 429, `${requestsMax} requests are answered already`);
			return;
		}
		const waitSeconds = Math.max(this.#asked.take(pop, 1), this.#bytes.take(pop, bytesOf(request)));
		if (waitSeconds > 0) {
			const after = { 'retry-after': String(Math.ceil(waitSeconds)) };
			refuse(request, response, 429, 'it sends more than one may', after);
			return;
		}
		this.#requests.set(pop, running + 1);
		try {
			await this.#serve(pop, request, response);
		} catch (error) {
			if (response.headersSent) response.destroy();
			else if (error instanceof TooLarge) refuse(request, response, 413, error.message);
			else refuse(request, response, 400, (error as Error).message);
		} finally {
			const left = (this.#requests.get(pop) ?? 1) - 1;
			if (left > 0) this.#requests.set(pop, left);
			else this.#requests.delete(pop);
		}
	}

	#admit({ headers }: IncomingMessage): string | null {
		const [, token = ''] = /^Bearer ([\w-]{20,200})$/.exec(headers.authorization ?? '') ?? [];
		return token === '' ? null : (this.#desk?.admit(token) ?? null);
	}

	async #serve(pop: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const desk = this.#desk;
		if (desk === null) throw new Error('it has not begun');
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hub');
		if (request.method === 'GET' && pathname === paths.news) {
			const seq = Number(searchParams.get(seqParameter) ?? 0);
			await this.#tellNews(desk, pop, Number.isSafeInteger(seq) && seq > 0 ? seq : 0, response);
		} else if (request.method === 'POST' && pathname === paths.results) {
			const tally = await desk.outcomes(pop, jsonLines(await bodyOf(request, resultsMaxBytes)));
			if (tally === null) refuse(request, response, 503, 'the hub has just begun', { 'retry-after': '1' });
			else tell(response, tally);
		} else if (request.method === 'POST' && pathname === paths.heartbeat) {
			const [json] = jsonLines(await bodyOf(request, heartbeatMaxBytes));
			const wrong = desk.heartbeat(pop, json);
			if (wrong === null) tell(response, { now: Date.now() / 1000 });
			else refuse(request, response, 400, wrong);
		} else {
			refuse(request, response, 404, 'there is no such path');
		}
	}

	/** Answers when there is something new, or after a while. */
	async #tellNews(desk: HubDesk, pop: string, seq: number, response: ServerResponse): Promise<void> {
		const isNews = () => {
			const last = desk.seqFor(pop);
			return last !== null && last !== seq;
		};
		if (!isNews()) await this.#untilNews(pop, response);
		if (response.destroyed) return;
		// It was taken out meanwhile.
		if (!desk.isKnown(pop)) throw new Error('it is no point of presence of this hub any more');
		const { isWhole, news } = isNews() ? desk.newsFor(pop, seq) : { isWhole: false, news: [] };
		tell(response, { whole: isWhole, news: firstOf(news) });
	}

	#untilNews(pop: string, response: ServerResponse): Promise<void> {
		return new Promise((resolve) => {
			const all = this.#waiting.get(pop) ?? new Set();
			this.#waiting.set(pop, all);
			const end = () => {
				clearTimeout(timer);
				all.delete(end);
				if (all.size === 0) this.#waiting.delete(pop);
				resolve();
			};
			const timer = setTimeout(end, waitMs);
			all.add(end);
			response.once('close', end);
		});
	}
}

/** What it sends; who does not say it may send as much as anybody may. */
function bytesOf({ method, headers }: IncomingMessage): number {
	const bytes = Number(headers['content-length'] ?? Number.NaN);
	if (bytes >= 0) return bytes;
	return method === 'GET' ? 0 : resultsMaxBytes;
}

/** As much as fits into an answer; the rest is asked for next. */
function firstOf(news: readonly Envelope[]): readonly Envelope[] {
	let length = 0;
	const end = news.findIndex(({ body }) => {
		length += body.length;
		return length > answerMaxLength;
	});
	return end < 0 ? news : news.slice(0, Math.max(1, end));
}

const head = { 'content-type': 'application/json', 'cache-control': 'no-store' };

function tell(response: ServerResponse, told: unknown): void {
	response.writeHead(200, head).end(JSON.stringify(told));
}

/** What else it sends is not read. */
function refuse(
	request: IncomingMessage,
	response: ServerResponse,
	status: number,
	message: string,
	more: Readonly<Record<string, string>> = {},
): void {
	response
		.writeHead(status, { ...head, ...more, connection: 'close' })
		.end(JSON.stringify({ error: message }));
	request.resume();
}
