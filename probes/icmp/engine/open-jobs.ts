import { echo } from './echo-format.ts';
import type { Memory } from './libc.ts';
import type { PingJob } from './ping-job.ts';

const pastTokensMax = 1000;

/** The jobs of one socket: finds to which of them a packet belongs. */
export class OpenJobs {
	readonly #family: 4 | 6;
	/** By the lower half of their tokens. */
	readonly #byToken = new Map<number, PingJob>();
	/** Tokens of jobs that are over: their answers may still come. */
	readonly #pastTokens = new Set<number>();
	/** Whose the last packet was: that of the next, as a rule. */
	#last: PingJob | undefined;

	constructor(family: 4 | 6) {
		this.#family = family;
	}

	[Symbol.iterator](): IterableIterator<PingJob> {
		return this.#byToken.values();
	}

	get size(): number {
		return this.#byToken.size;
	}

	add(job: PingJob): void {
		this.#byToken.set(job.key.tokenLow, job);
	}

	remove(job: PingJob): void {
		this.#byToken.delete(job.key.tokenLow);
		this.#last = undefined;
		this.#pastTokens.add(job.key.tokenLow);
		const [oldest] = this.#pastTokens;
		if (this.#pastTokens.size > pastTokensMax && oldest !== undefined) this.#pastTokens.delete(oldest);
	}

	/** Whose token is in the ICMP packet that begins at this byte. */
	at(memory: Memory, at: number): PingJob | undefined {
		const low = echo.tokenLow(memory, at);
		if (this.#last?.key.tokenLow !== low) this.#last = this.#byToken.get(low);
		return this.#last?.key.tokenHigh === echo.tokenHigh(memory, at) ? this.#last : undefined;
	}

	/** Whether there is the token of a job that is over. */
	isPast(memory: Memory, at: number): boolean {
		return this.#pastTokens.has(echo.tokenLow(memory, at));
	}

	/** Calls `take` with each ping that was sent with this sequence to the address in this 32-bit word, until it returns true. */
	findSent(
		memory: Memory,
		sequence: number,
		word: number,
		take: (job: PingJob, ping: number) => boolean,
	): void {
		for (const job of this.#byToken.values()) {
			const ping = job.pingWithSequence(sequence);
			if (ping !== null && this.isAddressOf(memory, job, ping, word) && take(job, ping)) return;
		}
	}

	/** Whether the address that begins with this 32-bit word is that which the ping went to. */
	isAddressOf({ u32 }: Memory, job: PingJob, ping: number, word: number): boolean {
		const own = job.targetOf(ping) * 4;
		if (this.#family === 4) return u32[word] === job.words[own];
		for (let k = 0; k < 4; k++) if (u32[word + k] !== job.words[own + k]) return false;
		return true;
	}
}
