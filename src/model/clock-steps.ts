import type { Clock } from './clock.ts';

/** More than a clock that is corrected bit by bit ever differs between two looks. */
const stepMs = 60_000;

/** Notices that the wall clock was set, or the machine slept: what looks old then may not be. */
export class ClockSteps {
	readonly #clock: Clock;
	readonly #restMs: number;
	#skewMs: number;
	#steadySinceMs = Number.NEGATIVE_INFINITY;

	/** `restMs`: how long the clock is to be left alone before it is believed again. */
	constructor(clock: Clock, restMs: number) {
		this.#clock = clock;
		this.#restMs = restMs;
		this.#skewMs = this.#skew();
	}

	/** Whether ages by the wall clock are to be believed. To be asked every few seconds. */
	get isSteady(): boolean {
		const skewMs = this.#skew();
		const nowMs = this.#clock.monotonicMs();
		if (Math.abs(skewMs - this.#skewMs) > stepMs) this.#steadySinceMs = nowMs;
		this.#skewMs = skewMs;
		return nowMs - this.#steadySinceMs >= this.#restMs;
	}

	#skew(): number {
		return this.#clock.wallMs() - this.#clock.monotonicMs();
	}
}
