import type { Clock } from '../model/clock.ts';

/** A clock that is set ahead by more than this may well be wrong, and go back. */
const doubtfulMs = 30 * 86_400_000;
/** For so long it is doubted. */
const doubtMs = 86_400_000;

/** Doubts a wall clock that was set far ahead, until a day has passed or it has gone back. */
export class ClockDoubt {
	readonly #clock: Clock;
	readonly #sinceBootMs: () => number;
	#skewMs: number;
	#sleptMs: number;
	#aheadSinceMs = Number.NEGATIVE_INFINITY;

	/** `sinceBootMs`: how long the machine has been up, also asleep. Milliseconds. */
	constructor(clock: Clock, sinceBootMs: () => number) {
		this.#clock = clock;
		this.#sinceBootMs = sinceBootMs;
		this.#skewMs = clock.wallMs() - clock.monotonicMs();
		this.#sleptMs = this.#slept();
	}

	get isDoubtful(): boolean {
		const nowMs = this.#clock.monotonicMs();
		const skewMs = this.#clock.wallMs() - nowMs;
		if (Math.abs(skewMs - this.#skewMs) > doubtfulMs) this.#stepped(skewMs, nowMs);
		return nowMs - this.#aheadSinceMs < doubtMs;
	}

	#stepped(skewMs: number, nowMs: number): void {
		const sleptMs = this.#slept();
		const aheadMs = skewMs - this.#skewMs - (sleptMs - this.#sleptMs);
		this.#aheadSinceMs = aheadMs > doubtfulMs ? nowMs : Number.NEGATIVE_INFINITY;
		this.#skewMs = skewMs;
		this.#sleptMs = sleptMs;
	}

	#slept(): number {
		return this.#sinceBootMs() - this.#clock.monotonicMs();
	}
}
