import { request as startRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { errnoWords } from '../../src/model/errno.ts';
import type { Lost } from '../shared/timing/connect.ts';
import { lossByError } from '../shared/timing/failures.ts';

/** What is asked over a connection. */
export interface Asked {
	readonly url: URL;
	readonly method: string;
	/** Lower case. `host` is among them. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | undefined;
	/** For a proxy that is asked in plain text: the whole URL. */
	readonly wholeUrl: boolean;
	/** Whether to keep the body, or else to throw it away. */
	readonly keepsBody: boolean;
}

/** Bodies are read up to so much. */
const bodyMax = 1 << 20;
/** Of all bodies that are kept just now. */
const keptMax = 64 << 20;
/** A header is at most so long. */
const headerMax = 64 << 10;

/** What came. Times are of the monotonic clock. */
export interface Answer {
	readonly status: number;
	readonly httpVersion: string;
	readonly location: string | null;
	/** `gzip`, say, of a server that does not heed that we asked for none. */
	readonly encoding: string | null;
	readonly firstByteMs: number;
	readonly headersMs: number;
	/** When the body was read to its end, or to the limit; null when that was not to be. */
	readonly endMs: number | null;
	readonly bodyBytes: number;
	readonly body: Buffer;
	/** Whether it is longer than what was read. */
	readonly isCut: boolean;
	/** So many other bodies were kept that there was no room for this one. */
	readonly isCrowdedOut: boolean;
	/** Why the body did not come to its end; null when it did, or time was up. */
	readonly bodyLoss: string | null;
}

export type Exchanged = Answer | (Lost & { readonly error?: NodeJS.ErrnoException });

let keptBytes = 0;

/** What is known of an answer whose header has come; it gathers the body. */
class Gathering {
	readonly #head: Pick<
		Answer,
		'status' | 'httpVersion' | 'location' | 'encoding' | 'firstByteMs' | 'headersMs'
	>;
	readonly #keeps: boolean;
	readonly #chunks: Buffer[] = [];
	#bytes = 0;
	#kept = 0;
	#isCrowdedOut = false;
	#isOver = false;

	constructor(head: Gathering['head'], keeps: boolean) {
		this.#head = head;
		this.#keeps = keeps;
	}

	get head() {
		return this.#head;
	}

	/** Returns whether there is room for more. */
	add(chunk: Buffer): boolean {
		if (this.#isOver) return true;
		const room = bodyMax - this.#bytes;
		const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
		this.#bytes += part.length;
		if (this.#keeps) this.#keep(part);
		return chunk.length <= room;
	}

	#keep(part: Buffer): void {
		this.#isCrowdedOut ||= keptBytes + part.length > keptMax;
		if (this.#isCrowdedOut) return;
		this.#chunks.push(part);
		this.#kept += part.length;
		keptBytes += part.length;
	}

	/** That is all of it. */
	answer(end: Pick<Answer, 'endMs' | 'isCut' | 'bodyLoss'>): Answer {
		this.#isOver = true;
		keptBytes -= this.#kept;
		this.#kept = 0;
		const body = Buffer.concat(this.#chunks);
		return { ...this.#head, ...end, bodyBytes: this.#bytes, body, isCrowdedOut: this.#isCrowdedOut };
	}
}

const whole = (isCut = false) => ({ endMs: performance.now(), isCut, bodyLoss: null });

/**
 * A request and its answer by HTTP/1.1, over a connection that nobody else uses and that is closed after it. When the
 * signal fires: what there is if the header has come, else null.
 */
export function exchange(
	socket: Socket,
	asked: Asked,
	signal: AbortSignal,
	headersCame: () => void,
): Promise<Exchanged | null> {
	return new Promise((resolve) => {
		let firstByteMs: number | null = null;
		let gathering: Gathering | null = null;
		const settle = (outcome: Exchanged | null) => {
			signal.removeEventListener('abort', abort);
			resolve(outcome);
			socket.destroy();
		};
		const abort = () => settle(gathering?.answer({ endMs: null, isCut: true, bodyLoss: null }) ?? null);
		signal.addEventListener('abort', abort, { once: true });
		const lost = (reason: string, error?: NodeJS.ErrnoException) =>
			settle(
				gathering?.answer({ endMs: null, isCut: true, bodyLoss: reason }) ??
					(error === undefined ? { lossReason: reason } : { lossReason: reason, error }),
			);
		const { url, method, headers, body, wholeUrl, keepsBody } = asked;
		const request = startRequest({
			createConnection: () => socket,
			method,
			path: wholeUrl ? withoutHash(url) : `${url.pathname}${url.search}`,
			headers,
			setHost: false,
			maxHeaderSize: headerMax,
			// Of no harm where nothing follows on a connection, and some servers end lines as they like.
			insecureHTTPParser: true,
		});
		request.on('error', (error: NodeJS.ErrnoException) => lost(whyLost(error), error));
		request.on('upgrade', () => lost('status 101 without being asked'));
		request.on('response', (response) => {
			const headersMs = performance.now();
			headersCame();
			const { statusCode = 0, httpVersion } = response;
			const head = { status: statusCode, httpVersion, ...textHeaders(response.headers), headersMs };
			const gathered = new Gathering({ ...head, firstByteMs: firstByteMs ?? headersMs }, keepsBody);
			gathering = gathered;
			response.on('data', (chunk: Buffer) => {
				if (!gathered.add(chunk)) settle(gathered.answer(whole(true)));
			});
			response.on('end', () => settle(gathered.answer(whole())));
			response.on('error', (error: NodeJS.ErrnoException) =>
				lost(
					error.code === 'ECONNRESET' && error.message === 'aborted' ? 'closed in the body' : whyLost(error),
				),
			);
		});
		// After it has its own listeners: one alone would make the bytes flow to nobody.
		request.once('socket', () => {
			socket.prependOnceListener('data', () => {
				firstByteMs = performance.now();
			});
		});
		request.end(body);
	});
}

function withoutHash(url: URL): string {
	const whole = new URL(url);
	whole.hash = '';
	whole.username = '';
	whole.password = '';
	return whole.href;
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Pick<Answer, 'location' | 'encoding'> {
	const text = (name: string) => {
		const value = headers[name];
		return typeof value === 'string' ? value : null;
	};
	return { location: text('location'), encoding: text('content-encoding') };
}

/** Why a request by HTTP/1.1 failed. */
function whyLost(error: NodeJS.ErrnoException): string {
	if (error.message === 'socket hang up') return 'closed before an answer';
	if (error.code === 'HPE_HEADER_OVERFLOW') return 'header too long';
	// Which other protocols Node.js would take is another thing in each of its versions.
	if (error.code?.startsWith('HPE_'))
		return `not HTTP: ${error.message.replace(/^Parse Error: /, '').replace(/, RTSP.*$/, '')}`;
	return lossByError(error.code ?? '') ?? `failed: ${error.message}`;
}

/** The same by HTTP/2. */
export function exchangeHttp2(
	socket: Socket | TLSSocket,
	asked: Asked,
	signal: AbortSignal,
	headersCame: () => void,
): Promise<Exchanged | null> {
	return new Promise((resolve) => {
		let gathering: Gathering | null = null;
		const settle = (outcome: Exchanged | null) => {
			signal.removeEventListener('abort', abort);
			resolve(outcome);
			session.destroy();
			socket.destroy();
		};
		const abort = () => settle(gathering?.answer({ endMs: null, isCut: true, bodyLoss: null }) ?? null);
		signal.addEventListener('abort', abort, { once: true });
		const lost = (reason: string) =>
			settle(gathering?.answer({ endMs: null, isCut: true, bodyLoss: reason }) ?? { lossReason: reason });
		const { url, method, headers, body, keepsBody } = asked;
		const { host = url.host, ...others } = headers;
		const session = connectHttp2(url.origin, {
			createConnection: () => socket,
			maxSessionMemory: 4,
			settings: { enablePush: false, maxHeaderListSize: headerMax },
		});
		session.on('error', (error) => lost(whyLostHttp2(error)));
		session.on('close', () => lost('closed before an answer'));
		const pseudo = {
			':method': method,
			':scheme': url.protocol.slice(0, -1),
			':authority': host,
			':path': `${url.pathname}${url.search}`,
		};
		const stream = session.request({ ...pseudo, ...others }, { endStream: body === undefined });
		stream.on('response', (came) => {
			const headersMs = performance.now();
			headersCame();
			const head = { status: Number(came[':status']), httpVersion: '2', ...textHeaders(came) };
			gathering = new Gathering({ ...head, firstByteMs: headersMs, headersMs }, keepsBody);
		});
		stream.on('data', (chunk: Buffer) => {
			if (gathering?.add(chunk) === false) settle(gathering.answer(whole(true)));
		});
		stream.on('error', (error) => lost(whyLostHttp2(error)));
		stream.on('aborted', () => lost(gathering === null ? 'closed before an answer' : 'closed in the body'));
		stream.on('end', () => {
			if (gathering !== null) settle(gathering.answer(whole()));
		});
		stream.on('close', () => lost('closed before an answer'));
		if (body !== undefined) stream.end(body);
	});
}

function whyLostHttp2(error: NodeJS.ErrnoException): string {
	const reason = lossByError(error.code ?? '');
	if (reason !== null) return reason;
	const [code] = /NGHTTP2_\w+/.exec(error.message) ?? [];
	if (code !== undefined) return `HTTP/2: ${code.slice(8).toLowerCase().replaceAll('_', ' ')}`;
	return error.code === 'ERR_HTTP2_ERROR'
		? 'not HTTP/2'
		: `HTTP/2: ${error.message || errnoWords.ECONNRESET}`;
}
