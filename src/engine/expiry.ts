import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';

/** The wall clock ran ahead of the monotonic one by more than this: the machine slept, or the clock was set. */
const jumpMs = 60_000;

/**
 * When orders are too old. After the clock went ahead at once nothing expires for as long as an order may live, since
 * nobody could refresh one during a time that did not pass for anybody.
 */
export class Expiry {
	/** An order whose file was last changed or touched longer ago than this is archived. */
	maxAgeMs: number;
	readonly #clock: Clock;
	readonly #log: Log;
	#lastWallMs: number;
	#lastMonotonicMs: number;
	#heldUntilMs = Number.NEGATIVE_INFINITY;

	constructor(clock: Clock, log: Log, maxAgeMs: number) {
		this.#clock = clock;
		this.#log = log;
		this.maxAgeMs = maxAgeMs;
		this.#lastWallMs = clock.wallMs();
		this.#lastMonotonicMs = clock.monotonicMs();
	}

	/** How long ago a file was changed or touched; negative for one from the future. */
	ageMs({ mtimeMs }: { readonly mtimeMs: number }): number {
		return this.#clock.wallMs() - mtimeMs;
	}

	isExpired(file: { readonly mtimeMs: number }): boolean {
		return !this.#isHeld() && this.ageMs(file) > this.maxAgeMs;
	}

	/** When a file expires unless it is refreshed, milliseconds since the epoch. */
	expiresMs({ mtimeMs }: { readonly mtimeMs: number }): number {
		const heldMs = Math.max(0, this.#heldUntilMs - this.#clock.monotonicMs());
		return Math.max(mtimeMs + this.maxAgeMs, heldMs > 0 ? this.#clock.wallMs() + heldMs : 0);
	}

	/** Looks at the clocks, which is to be done every few seconds. Returns whether anything can expire now. */
	watchClocks(): boolean {
		const wallMs = this.#clock.wallMs();
		const monotonicMs = this.#clock.monotonicMs();
		const jumpedMs = wallMs - this.#lastWallMs - (monotonicMs - this.#lastMonotonicMs);
		this.#lastWallMs = wallMs;
		this.#lastMonotonicMs = monotonicMs;
		if (jumpedMs > jumpMs) {
			this.#heldUntilMs = monotonicMs + this.maxAgeMs;
			this.#log.warn(
				`the clock went ahead by ${Math.round(jumpedMs / 1000)} s at once: no order expires for the next ${Math.round(this.maxAgeMs / 1000)} s`,
			);
		}
		return !this.#isHeld();
	}

	#isHeld(): boolean {
		return this.#clock.monotonicMs() < this.#heldUntilMs;
	}
}
