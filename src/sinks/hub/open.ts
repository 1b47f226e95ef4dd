import { readFile } from 'node:fs/promises';
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { type Join, readJoin } from '../../model/join-file.ts';
import { hubFolder } from '../../model/pop.ts';
import { type Delivered, type OpenSink, SinkBusy, SinkTooLarge, type SinkTools } from '../../model/sink.ts';
import { networkError } from '../shared/network-errors.ts';
import { readSecret } from '../shared/secret-files.ts';
import { takingTurns } from '../shared/taking-turns.ts';
import type { HubSinkSettings } from './index.ts';

const path = '/v1/pop/results';
const idleMs = 20_000;
const answerMaxLength = 4096;

/** Reads the join file anew, so that it can be changed. */
export async function openHub(entry: HubSinkSettings, tools: SinkTools): Promise<OpenSink> {
	const { join: file } = entry;
	const join = readJoin(await readFile(file, 'utf8'));
	if (join === null) throw new Error(`${file} is no file that pingmachine pop add made`);
	if (join.hub === undefined || join.token === undefined)
		throw new Error(`${file} names no hub that links over HTTPS`);
	const [ca, cert, key] = await Promise.all([
		readSecret('pop.tls_ca_file', entry.tls_ca_file),
		readSecret('pop.tls_cert_file', entry.tls_cert_file),
		readSecret('pop.tls_key_file', entry.tls_key_file),
	]);
	const tls = {
		...withText('ca', ca ?? join.ca),
		...withText('cert', cert ?? join.cert),
		...withText('key', key ?? join.key),
		rejectUnauthorized: entry.tls_verify ?? true,
	};
	return new HubOverHttps({ join, url: join.hub, token: join.token, tls }, tools);
}

function withText(name: string, text: string | undefined): Readonly<Record<string, string>> {
	return text === undefined ? {} : { [name]: text };
}

interface Reach {
	readonly join: Join;
	readonly url: string;
	readonly token: string;
	readonly tls: Readonly<Record<string, string | boolean>>;
}

/** Posts outcomes, a line each, by the codec. The hub answers when they are on its disk. */
class HubOverHttps implements OpenSink {
	readonly #join: Join;
	readonly #url: URL;
	readonly #token: string;
	readonly #tools: SinkTools;
	readonly #agent: PlainAgent | TlsAgent;

	constructor({ join, url, token, tls }: Reach, tools: SinkTools) {
		this.#join = join;
		this.#url = new URL(path, url);
		this.#token = token;
		this.#tools = tools;
		const options = { keepAlive: true, maxSockets: 1, timeout: idleMs };
		this.#agent =
			this.#url.protocol === 'https:' ? new TlsAgent({ ...options, ...tls }) : new PlainAgent(options);
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<undefined> {
		const pause = takingTurns();
		const lines: string[] = [];
		for (const delivered of batch) {
			lines.push(`${this.#lineOf(delivered)}\n`);
			await pause();
		}
		await this.#post(Buffer.from(lines.join('')), signal);
	}

	async close(): Promise<void> {
		this.#agent.destroy();
	}

	/** The hub knows the order by the id that it has there. */
	#lineOf(delivered: Delivered): string {
		const id = delivered.order.id.slice(hubFolder.length + 1);
		const { name } = this.#join;
		return JSON.stringify(this.#tools.toJson({ ...delivered, order: { ...delivered.order, id }, pop: name }));
	}

	async #post(body: Buffer, signal: AbortSignal): Promise<void> {
		const request = this.#agent instanceof TlsAgent ? tlsRequest : plainRequest;
		const destination = this.#url.origin;
		try {
			const headers = {
				authorization: `Bearer ${this.#token}`,
				'content-type': 'application/x-ndjson',
				'content-length': body.length,
			};
			const response = await new Promise<IncomingMessage>((resolve, reject) => {
				request(this.#url, { method: 'POST', agent: this.#agent, signal, headers })
					.on('response', resolve)
					.on('error', reject)
					.end(body);
			});
			let text = '';
			for await (const piece of response.setEncoding('utf8'))
				if (text.length < answerMaxLength) text += piece;
			check(response, text, destination);
		} catch (error) {
			if (error instanceof SinkBusy || error instanceof SinkTooLarge) throw error;
			if (signal.aborted) throw new Error(`${destination}: no answer`);
			throw networkError(error, destination, 'hub');
		}
	}
}

function check({ statusCode, headers }: IncomingMessage, text: string, destination: string): void {
	if (statusCode === 200) return;
	const words = `status ${statusCode}: ${text.slice(0, 200)}`;
	if (statusCode === 413) throw new SinkTooLarge(words);
	if (statusCode === 503 || statusCode === 429) {
		const seconds = Number(headers['retry-after'] ?? Number.NaN);
		throw new SinkBusy(`${destination}: ${words}`, Number.isFinite(seconds) ? seconds * 1000 : null);
	}
	throw new Error(words);
}
