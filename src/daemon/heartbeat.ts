import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Clock } from '../model/clock.ts';
import { errnoWords, errorCode } from '../model/errno.ts';
import type { Log } from '../model/log.ts';
import type { HeartbeatSetting } from '../model/notifier-entry.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';

/** How long the main thread may be silent. */
const silentMostMs = 15_000;
/** Results of an order may be so late, beyond two of its steps. */
const lateMostMs = 60_000;
const timeoutMs = 10_000;

/**
 * Asks for a URL now and then, as long as results come in, and the rules are looked at by whoever calls `tick`. When that
 * ends, whoever watches the URL from outside notices.
 */
export class Heartbeat {
	readonly #clock: Clock;
	readonly #log: RepeatLimiter;
	#setting: HeartbeatSetting | null = null;
	#pulseAtMs = Number.NEGATIVE_INFINITY;
	/** Until then what was heard is a sign that measuring goes on. */
	#freshUntilMs = Number.NEGATIVE_INFINITY;
	#dueMs = 0;
	#isRunning = false;

	constructor(clock: Clock, log: Log) {
		this.#clock = clock;
		this.#log = new RepeatLimiter(log, clock);
	}

	get isWanted(): boolean {
		return this.#setting !== null;
	}

	configure(setting: HeartbeatSetting | null): void {
		this.#setting = setting;
		this.#dueMs = 0;
	}

	/** The main thread says that it measures. */
	pulse(): void {
		this.#pulseAtMs = this.#clock.monotonicMs();
	}

	/** Something was measured. */
	heard(stepSeconds: number): void {
		const freshMs = this.#clock.monotonicMs() + 2000 * stepSeconds + lateMostMs;
		if (freshMs > this.#freshUntilMs) this.#freshUntilMs = freshMs;
	}

	/** The rules have been looked at. */
	tick(): void {
		const nowMs = this.#clock.monotonicMs();
		const setting = this.#setting;
		if (setting === null || this.#isRunning || nowMs < this.#dueMs) return;
		if (nowMs - this.#pulseAtMs > silentMostMs || nowMs > this.#freshUntilMs) return;
		this.#dueMs = nowMs + setting.everySeconds * 1000;
		this.#isRunning = true;
		void ask(setting.url).then((fault) => {
			this.#isRunning = false;
			if (fault !== null)
				this.#log.limited('heartbeat', 'warn', `heartbeat: ${new URL(setting.url).origin}: ${fault}`);
		});
	}
}

/** Null when it was taken. Never rejects. */
function ask(url: string): Promise<string | null> {
	return new Promise((resolve) => {
		const request = /^https:/i.test(url) ? tlsRequest : plainRequest;
		const { username, password } = new URL(url);
		const auth = username === '' ? {} : { auth: `${decode(username)}:${decode(password)}` };
		try {
			const asked = request(url, { agent: false, signal: AbortSignal.timeout(timeoutMs), ...auth });
			asked.on('response', (response) => {
				const { statusCode = 0 } = response;
				response.destroy();
				resolve(statusCode >= 200 && statusCode < 400 ? null : `it answers ${statusCode}`);
			});
			asked.on('error', (error) => resolve(wordsOf(error)));
			asked.end();
		} catch (error) {
			resolve(wordsOf(error));
		}
	});
}

function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function wordsOf(error: unknown): string {
	if (errorCode(error) === 'ABORT_ERR' || errorCode(error) === 'TimeoutError') return 'no answer in time';
	return (errnoWords as Readonly<Record<string, string>>)[errorCode(error)] ?? (error as Error).message;
}
