/** So often the thread looks whether it is still going. */
const tickMs = 50;
/** When it looks so much later, it was held up: what was measured meanwhile is neither an answer nor a loss. */
const stallMs = 250;

/**
 * Notices when this thread was held up while something was under way: no CPU, a process that was stopped, a machine that
 * slept. Looks only then, since each look wakes the machine.
 */
export class Stalls {
	#lastTick = now();
	#lastStallMs = Number.NEGATIVE_INFINITY;
	#underWay = 0;
	#timer: NodeJS.Timeout | undefined;

	/** Something begins. Returns what `end` is to be told. */
	begin(): number {
		if (this.#underWay++ > 0) {
			this.#look();
		} else {
			this.#lastTick = now();
			this.#timer = setInterval(() => this.#look(), tickMs);
		}
		return this.#lastTick.monotonicMs;
	}

	/** It ends. Returns whether the thread was held up meanwhile. */
	end(sinceMs: number): boolean {
		this.#look();
		if (--this.#underWay === 0) clearInterval(this.#timer);
		return this.#lastStallMs > sinceMs;
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
