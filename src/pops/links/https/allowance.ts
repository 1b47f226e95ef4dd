import { performance } from 'node:perf_hooks';

/** What one may send: so much at once, and so much a second after that. */
export interface Rate {
	readonly burst: number;
	readonly perSecond: number;
}

/** What each has left of it. */
export class Allowances {
	readonly #rate: Rate;
	readonly #nowMs: () => number;
	readonly #left = new Map<string, { amount: number; atMs: number }>();

	constructor(rate: Rate, nowMs: () => number = () => performance.now()) {
		this.#rate = rate;
		this.#nowMs = nowMs;
	}

	/** Takes so much, also when less is left. Returns in how many seconds there is something again; 0: there is. */
	take(who: string, amount: number): number {
		const { burst, perSecond } = this.#rate;
		const nowMs = this.#nowMs();
		const { amount: before, atMs } = this.#left.get(who) ?? { amount: burst, atMs: nowMs };
		const left = Math.min(burst, before + ((nowMs - atMs) / 1000) * perSecond);
		if (left < 0) {
			this.#left.set(who, { amount: left, atMs: nowMs });
			return -left / perSecond;
		}
		this.#left.set(who, { amount: left - amount, atMs: nowMs });
		return 0;
	}

	forget(who: string): void {
		this.#left.delete(who);
	}
}
