import { createHistogram } from 'node:perf_hooks';

/** In seconds. */
export interface LoopDelays {
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
}

/**
 * How late the main thread is for what is due. Noted at the timers that are due anyway: a timer of its own would wake
 * the machine a hundred times a second.
 */
export class LoopDelay {
	readonly #histogram = createHistogram();

	note(ms: number): void {
		this.#histogram.record(Math.max(1, Math.round(ms * 1e6)));
	}

	/** Since the last reset; all 0 when nothing was due. */
	get delays(): LoopDelays {
		const { count, max } = this.#histogram;
		if (count === 0) return { p50: 0, p99: 0, max: 0 };
		const seconds = (percentile: number) => this.#histogram.percentile(percentile) / 1e9;
		return { p50: seconds(50), p99: seconds(99), max: max / 1e9 };
	}

	reset(): void {
		this.#histogram.reset();
	}
}
