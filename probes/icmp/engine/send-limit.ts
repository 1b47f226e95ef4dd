/** How many packets may go at a time. */
export interface SendLimits {
	/** In any millisecond. */
	readonly burst: number;
	/** In any ten. */
	readonly burstInTen: number;
}

/** Packets that went within less than a millisecond of each other. */
interface Lot {
	/** When the last of them was sent, at the latest. */
	lastMs: number;
	count: number;
}

const oneMs = 1;
const tenMs = 10;

/**
 * Keeps to the limits wherever a millisecond is taken to begin: from one lot of packets to the next there is a pause of
 * a whole one. Times are monotonic milliseconds.
 */
export class SendLimiter {
	/** Those of the last ten milliseconds, the latest one last. */
	readonly #lots: Lot[] = [];

	/** How many packets may be sent now. */
	allowed(nowMs: number, { burst, burstInTen }: SendLimits): number {
		this.#forget(nowMs);
		return Math.max(0, Math.min(burst - this.#inLastLot(nowMs), burstInTen - this.#inTen()));
	}

	/** So many have been sent by now. */
	sent(count: number, nowMs: number): void {
		const last = this.#lots.at(-1);
		if (last === undefined || nowMs - last.lastMs >= oneMs) {
			this.#lots.push({ lastMs: nowMs, count });
		} else {
			last.lastMs = nowMs;
			last.count += count;
		}
	}

	/** In how many milliseconds more are allowed, when none are now. */
	waitMs(nowMs: number, { burst, burstInTen }: SendLimits): number {
		let untilMs = nowMs;
		const last = this.#lots.at(-1);
		if (last !== undefined && this.#inLastLot(nowMs) >= burst) untilMs = last.lastMs + oneMs;
		const first = this.#lots[0];
		if (first !== undefined && this.#inTen() >= burstInTen) untilMs = Math.max(untilMs, first.lastMs + tenMs);
		return untilMs - nowMs;
	}

	#forget(nowMs: number): void {
		while (this.#lots[0] !== undefined && nowMs - this.#lots[0].lastMs >= tenMs) this.#lots.shift();
	}

	#inLastLot(nowMs: number): number {
		const last = this.#lots.at(-1);
		return last === undefined || nowMs - last.lastMs >= oneMs ? 0 : last.count;
	}

	#inTen(): number {
		return this.#lots.reduce((sum, { count }) => sum + count, 0);
	}
}
