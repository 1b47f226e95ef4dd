/** So often the thread looks whether it is still going. */
const tickMs = 50;
/** When it looks so much later, it was held up: what was measured meanwhile is neither an answer nor a loss. */
const stallMs = 250;

/** Notices when this thread was held up: no CPU, a process that was stopped, a machine that slept. */
export class Stalls {
	#lastTick = now();
	#lastStallMs = Number.NEGATIVE_INFINITY;
	readonly #timer = setInterval(() => this.#look(), tickMs);

	stop(): void {
		clearInterval(this.#timer);
	}

	/** Whether there was one since then, milliseconds by `performance.now`. */
	anySince(startMs: number): boolean {
		this.#look();
		return this.#lastStallMs >= startMs;
	}

	#look(): void {
		const { monotonicMs, wallMs } = now();
		// The monotonic clock stands still while the machine sleeps.
		const goneMs = Math.max(monotonicMs - this.#lastTick.monotonicMs, wallMs - this.#lastTick.wallMs);
		if (goneMs > stallMs) this.#lastStallMs = monotonicMs;
		this.#lastTick = { monotonicMs, wallMs };
	}
}

function now(): { readonly monotonicMs: number; readonly wallMs: number } {
	return { monotonicMs: performance.now(), wallMs: Date.now() };
}
