import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { race } from '../../model/race.ts';
import type { SinkTools } from '../../model/sink.ts';
import { networkError } from '../shared/network-errors.ts';
import { readSecret } from '../shared/secret-files.ts';
import { describeDestination, type ElasticsearchSettings, urlsOf } from './settings.ts';

const compress = promisify(gzip);
/** Idle connections are closed before a proxy does it, which would fail the next batch. */
const idleMs = 20_000;
/** More than it says of the largest batch. */
const answerMaxLength = 64 * 1024 * 1024;
/** There is a proxy whose server is away, or a server without a cluster: another may do better. */
const isAway: ReadonlySet<number> = new Set([502, 503, 504]);

/** What a server answered. */
export interface Answer {
	readonly status: number;
	readonly retryAfter: string | null;
	readonly text: string;
	/** Who answered: one of `urls`. */
	readonly url: string;
}

export interface Request {
	readonly method: 'GET' | 'POST' | 'PUT';
	/** From the root, encoded. */
	readonly path: string;
	readonly body?: string;
	readonly contentType?: 'application/json' | 'application/x-ndjson';
}

/** Makes ready. Reads the files with secrets anew, so that they can be changed. Connects with the first request. */
export async function openClient(
	settings: ElasticsearchSettings,
	{ version, timeoutMs }: Pick<SinkTools, 'version' | 'timeoutMs'>,
): Promise<SearchClient> {
	const [apiKey, password, ca] = await Promise.all([
		settings.api_key ?? readSecret('api_key_file', settings.api_key_file),
		settings.password ?? readSecret('password_file', settings.password_file),
		readSecret('tls_ca_file', settings.tls_ca_file),
	]);
	return new SearchClient(settings, timeoutMs, {
		plain: new PlainAgent(agentOptions),
		tls: new TlsAgent({
			...agentOptions,
			rejectUnauthorized: settings.tls_verify,
			...(ca === undefined ? {} : { ca }),
		}),
		headers: {
			'User-Agent': `pingmachine/${version}`,
			Accept: 'application/json',
			...authorization(settings.username, password, apiKey),
		},
	});
}

const agentOptions = { keepAlive: true, maxSockets: 1, timeout: idleMs };

/** An API key is as Kibana shows it, or `ID:KEY`. */
function authorization(username = '', password = '', apiKey?: string): Record<string, string> {
	if (apiKey !== undefined) {
		return { Authorization: `ApiKey ${apiKey.includes(':') ? inBase64(apiKey) : apiKey}` };
	}
	return username === '' ? {} : { Authorization: `Basic ${inBase64(`${username}:${password}`)}` };
}

function inBase64(text: string): string {
	return Buffer.from(text).toString('base64');
}

interface Connections {
	readonly plain: PlainAgent;
	readonly tls: TlsAgent;
	readonly headers: Record<string, string>;
}

/** Asks the first server that answers, and stays with it. */
export class SearchClient {
	readonly #urls: readonly string[];
	readonly #destination: string;
	readonly #isGzip: boolean;
	readonly #timeoutMs: number;
	readonly #connections: Connections;
	/** Which of the servers answered last. */
	#current = 0;

	constructor(settings: ElasticsearchSettings, timeoutMs: number, connections: Connections) {
		this.#urls = urlsOf(settings);
		this.#destination = describeDestination(settings);
		this.#isGzip = settings.gzip;
		this.#timeoutMs = timeoutMs;
		this.#connections = connections;
	}

	/**
	 * What one of the servers answers, whatever it is. Rejects, in words for the user, when none does. One that hangs or is
	 * away must not hold up a request that another could take; what both have taken has the same ids.
	 */
	async ask(request: Request, signal: AbortSignal): Promise<Answer> {
		const plain = Buffer.from(request.body ?? '');
		const body = this.#isGzip && plain.length > 0 ? await compress(plain, { level: 1 }) : plain;
		const eachMs = (0.9 * this.#timeoutMs) / this.#urls.length;
		const troubles: Error[] = [];
		let away: Answer | null = null;
		for (let tried = 0; tried < this.#urls.length && !signal.aborted; tried++) {
			const index = (this.#current + tried) % this.#urls.length;
			const url = this.#urls[index] ?? '';
			try {
				const answer = await this.#askOne(url, request, body, { ms: eachMs, signal });
				if (isAway.has(answer.status)) away ??= answer;
				else {
					this.#current = index;
					return answer;
				}
			} catch (error) {
				troubles.push(error as Error);
			}
		}
		// What a server said tells more than that another does not answer.
		if (away !== null) return away;
		if (signal.aborted && troubles.length === 0) throw new Error(`${this.#destination}: no answer`);
		throw new Error(troubles.map(({ message }) => message).join('; '), { cause: troubles[0] });
	}

	close(): void {
		this.#connections.plain.destroy();
		this.#connections.tls.destroy();
	}

	async #askOne(
		base: string,
		{ method, path, contentType = 'application/json' }: Request,
		body: Buffer,
		within: { readonly ms: number; readonly signal: AbortSignal },
	): Promise<Answer> {
		const { plain, tls, headers } = this.#connections;
		const url = new URL(`${base}${path}`);
		const isTls = url.protocol === 'https:';
		const ended = new AbortController();
		const content = {
			'Content-Type': contentType,
			'Content-Length': body.length,
			...(this.#isGzip ? { 'Content-Encoding': 'gzip' } : {}),
		};
		try {
			const asked = new Promise<IncomingMessage>((resolve, reject) => {
				(isTls ? tlsRequest : plainRequest)(url, {
					method,
					agent: isTls ? tls : plain,
					signal: ended.signal,
					headers: { ...headers, ...(body.length === 0 ? {} : content) },
				})
					.on('response', resolve)
					.on('error', reject)
					.end(body);
			});
			return await race(asked.then(readAnswer(base)), within, () => {
				throw new NoAnswer(`${base}: no answer`);
			});
		} catch (error) {
			ended.abort();
			throw error instanceof NoAnswer ? error : networkError(error, base, 'urls');
		}
	}
}

/** The time is up. */
class NoAnswer extends Error {}

function readAnswer(url: string): (response: IncomingMessage) => Promise<Answer> {
	return async (response) => {
		const pieces: string[] = [];
		let length = 0;
		for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
			length += piece.length;
			if (length <= answerMaxLength) pieces.push(piece);
		}
		const text = pieces.join('');
		return {
			status: response.statusCode ?? 0,
			retryAfter: response.headers['retry-after'] ?? null,
			text,
			url,
		};
	};
}
