import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Delivered, OpenSink, SinkTools, Verdict } from '../../model/sink.ts';
import { networkError } from '../shared/network-errors.ts';
import { readSecret } from '../shared/secret-files.ts';
import { verdictsOf } from './answer.ts';
import { blocksOf, encodeBatch } from './lines.ts';
import { describeDestination, type TelegrafSettings, writeUrl } from './settings.ts';

const compress = promisify(gzip);
/** Idle connections are closed before the other end does it, which would fail the next batch. InfluxDB waits 30 s. */
const idleMs = 20_000;
const blockLength = 256 * 1024;
/** Lines in one request. What is more waits for the next one. */
const requestMaxBytes = 4 * 1024 * 1024;
/** InfluxDB lists the lines that it cannot parse, escaped, and says how many others it dropped at the end. */
const answerMaxLength = 16 * 1024 * 1024;

/** Makes ready. Reads the files with secrets anew, so that they can be changed. Connects with the first batch. */
export async function openHttp(settings: TelegrafSettings, { version, facts }: SinkTools): Promise<OpenSink> {
	const [token, password, ca] = await Promise.all([
		settings.token ?? readSecret('token_file', settings.token_file),
		settings.password ?? readSecret('password_file', settings.password_file),
		readSecret('tls_ca_file', settings.tls_ca_file),
	]);
	const url = writeUrl(settings);
	const options = { keepAlive: true, maxSockets: 1, timeout: idleMs };
	const tls = { rejectUnauthorized: settings.tls_verify, ...(ca === undefined ? {} : { ca }) };
	return new HttpSink({ ...settings, facts }, url, {
		agent: url.protocol === 'https:' ? new TlsAgent({ ...options, ...tls }) : new PlainAgent(options),
		headers: {
			'User-Agent': `pingmachine/${version}`,
			'Content-Type': 'text/plain; charset=utf-8',
			...(settings.gzip ? { 'Content-Encoding': 'gzip' } : {}),
			...authorization(settings.username, password, token),
		},
	});
}

function authorization(username = '', password = '', token?: string): Record<string, string> {
	if (token !== undefined) return { Authorization: `Token ${token}` };
	if (username === '') return {};
	return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

interface Connection {
	readonly agent: PlainAgent | TlsAgent;
	readonly headers: Record<string, string>;
}

/** Posts each batch as one request. A batch counts as taken when the answer says so. */
class HttpSink implements OpenSink {
	readonly #settings: TelegrafSettings & Pick<SinkTools, 'facts'>;
	readonly #destination: string;
	readonly #url: URL;
	readonly #connection: Connection;

	constructor(settings: TelegrafSettings & Pick<SinkTools, 'facts'>, url: URL, connection: Connection) {
		this.#settings = settings;
		this.#destination = describeDestination(settings);
		this.#url = url;
		this.#connection = connection;
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[]> {
		const encoded = await encodeBatch(batch, this.#settings, {
			lineMaxBytes: null,
			refusal: () => '',
			batchMaxBytes: requestMaxBytes,
		});
		if (encoded.lines.length === 0) return encoded.verdicts;
		const plain = Buffer.concat([...blocksOf(encoded.lines, blockLength)].map((block) => Buffer.from(block)));
		const answer = await this.#post(this.#settings.gzip ? await compress(plain) : plain, signal);
		return verdictsOf(answer, this.#destination, encoded);
	}

	async close(): Promise<void> {
		this.#connection.agent.destroy();
	}

	async #post(body: Buffer, signal: AbortSignal): ReturnType<typeof readAnswer> {
		const { agent, headers } = this.#connection;
		const request = agent instanceof TlsAgent ? tlsRequest : plainRequest;
		try {
			const response = await new Promise<IncomingMessage>((resolve, reject) => {
				request(this.#url, {
					method: 'POST',
					agent,
					signal,
					headers: { ...headers, 'Content-Length': body.length },
				})
					.on('response', resolve)
					.on('error', reject)
					.end(body);
			});
			return await readAnswer(response);
		} catch (error) {
			if (signal.aborted) throw new Error(`${this.#destination}: no answer`);
			throw networkError(error, this.#destination);
		}
	}
}

async function readAnswer(response: IncomingMessage) {
	let text = '';
	for await (const piece of response.setEncoding('utf8')) {
		if (text.length < answerMaxLength) text += piece;
	}
	return {
		status: response.statusCode ?? 0,
		retryAfter: response.headers['retry-after'] ?? null,
		/** InfluxDB 1 says there what is wrong where it has no body. */
		text: text === '' ? String(response.headers['x-influxdb-error'] ?? '') : text,
	};
}
