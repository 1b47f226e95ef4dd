import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Heartbeat } from '../../heartbeat.ts';
import type { PopDesk, PopLink } from '../../link.ts';
import { bodyOf } from './body.ts';
import { paths, seqParameter, waitMs } from './protocol.ts';

/** Where the hub is, and by what one side knows the other. Texts in PEM. */
export interface HubAccess {
	/** The hub's address. */
	readonly url: string;
	readonly token: string;
	/** Null: the certificates that this machine knows. */
	readonly ca: string | null;
	/** Null: none is shown. */
	readonly cert: string | null;
	readonly key: string | null;
	/** Whether the hub's certificate is looked at. */
	readonly verify: boolean;
}

const answerMaxBytes = 32 * 1024 * 1024;
const patienceMs = 10_000;
/** How long it rests after something went wrong, growing. */
const restMs = [1000, 2000, 5000, 10_000];

const newsSchema = z.object({ whole: z.boolean(), news: z.array(z.unknown()).max(200_000) });
const beatSchema = z.object({ now: z.number() });

/** The side of the point of presence of the link over HTTPS. */
export class PopClient implements PopLink {
	readonly name = 'https';
	/** The same object as before where nothing has changed. */
	readonly #access: () => HubAccess;
	#used: HubAccess | null = null;
	#agent: PlainAgent | TlsAgent = new PlainAgent();
	readonly #ending = new AbortController();
	#asking: Promise<void> = Promise.resolve();
	/** How far our clock is ahead of the hub's, seconds; null: not known yet. */
	aheadSeconds: number | null = null;

	/** `access` is asked before each request. */
	constructor(access: () => HubAccess) {
		this.#access = access;
	}

	start(desk: PopDesk): void {
		this.#asking = this.#askForNews(desk);
	}

	async heartbeat(beat: Heartbeat): Promise<void> {
		const sentMs = Date.now();
		const answer = await this.#ask('POST', paths.heartbeat, patienceMs, `${JSON.stringify(beat)}\n`);
		const read = beatSchema.safeParse(answer);
		// Half of the way is thought to lie on each side.
		if (read.success) this.aheadSeconds = (sentMs + Date.now()) / 2000 - read.data.now;
	}

	async close(): Promise<void> {
		this.#ending.abort();
		await this.#asking;
		this.#agent.destroy();
	}

	async #askForNews(desk: PopDesk): Promise<void> {
		const { signal } = this.#ending;
		let failures = 0;
		let problem: string | null | undefined;
		while (!signal.aborted) {
			const before = desk.seq;
			try {
				const path = `${paths.news}?${seqParameter}=${before}`;
				const { whole, news } = newsSchema.parse(await this.#ask('GET', path, waitMs + patienceMs));
				if (problem !== null) desk.reached(null);
				problem = null;
				desk.news(news, whole);
				// What does not take us further is not asked for again and again.
				failures = news.length > 0 && desk.seq <= before ? failures + 1 : 0;
			} catch (error) {
				if (signal.aborted) return;
				failures++;
				const words = error instanceof z.ZodError ? 'its answer is not understood' : (error as Error).message;
				if (problem !== words) desk.reached(words);
				problem = words;
			}
			if (failures > 0) {
				const ms = restMs[Math.min(failures, restMs.length) - 1] ?? 0;
				await pause(ms * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {});
			}
		}
	}

	/** With connections as it is to be reached just now. */
	#reach(): HubAccess {
		const access = this.#access();
		if (access === this.#used) return access;
		this.#used = access;
		// What is under way ends as it began.
		const { url, ca, cert, key, verify } = access;
		this.#agent = url.startsWith('https:')
			? new TlsAgent({
					...{ keepAlive: true, rejectUnauthorized: verify },
					...(ca === null ? {} : { ca }),
					...(cert === null || key === null ? {} : { cert, key }),
				})
			: new PlainAgent({ keepAlive: true });
		return access;
	}

	async #ask(method: 'GET' | 'POST', path: string, timeoutMs: number, body = ''): Promise<unknown> {
		const { url, token } = this.#reach();
		const request = this.#agent instanceof TlsAgent ? tlsRequest : plainRequest;
		const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(timeoutMs)]);
		const headers = {
			authorization: `Bearer ${token}`,
			...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }),
		};
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			request(new URL(path, url), { method, agent: this.#agent, signal, headers })
				.on('response', resolve)
				.on('error', reject)
				.end(body);
		});
		const text = await bodyOf(response, answerMaxBytes);
		if (response.statusCode === 200) return JSON.parse(text);
		throw new Error(`${url} answered with status ${response.statusCode}: ${text.slice(0, 200)}`);
	}
}
