/** So many steps, and this much time, may pass without the end of a job before something must be wrong. */
const stuckSteps = 3;
const stuckMs = 60_000;

/** Notices when jobs no longer come to an end. */
export class StuckWatch {
	/** When a job of this step last ended, monotonic milliseconds. */
	readonly #lastEndedMs = new Map<number, number>();

	/** A job of this step has ended. Monotonic milliseconds. */
	ended(stepSeconds: number, nowMs: number): void {
		this.#lastEndedMs.set(stepSeconds, nowMs);
	}

	/**
	 * Names a step of which no job has come to an end for more than three steps, or null when all is well. A step counts
	 * from the first time that it was asked about.
	 */
	stuck(steps: ReadonlySet<number>, nowMs: number): string | null {
		for (const step of this.#lastEndedMs.keys()) if (!steps.has(step)) this.#lastEndedMs.delete(step);
		for (const step of steps) {
			const lastMs = this.#lastEndedMs.get(step) ?? nowMs;
			this.#lastEndedMs.set(step, lastMs);
			if (nowMs - lastMs > stuckSteps * step * 1000 + stuckMs) {
				return `no job of step ${step} has ended for ${Math.round((nowMs - lastMs) / 1000)} s`;
			}
		}
		return null;
	}
}
