import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';

/** The wall clock ran ahead of the monotonic one by more than this: the machine slept, or the clock was set. */
const jumpMs = 60_000;

/** What an order says of how long it lives without a refresh, as in `Living`. */
export function ownMaxAgeMs({ expiresSeconds }: Order): number | null {
	if (expiresSeconds === undefined) return null;
	return expiresSeconds === null ? Number.POSITIVE_INFINITY : expiresSeconds * 1000;
}

/** A file, and how long its order may live without a refresh. */
export interface Living {
	/** Milliseconds since the epoch. */
	readonly file: { readonly mtimeMs: number };
	/** What the order says. Milliseconds; Infinity: for ever; null: nothing. */
	readonly maxAgeMs: number | null;
}

/**
 * When orders are too old. After the clock went ahead at once nothing expires for as long as an order may live, since
 * nobody could refresh one during a time that did not pass for anybody.
 */
export class Expiry {
	#maxAgeMs: number;
	/** Nothing that was noted expires before, milliseconds since the epoch. */
	#notBeforeMs = Number.NEGATIVE_INFINITY;
	readonly #clock: Clock;
	readonly #log: Log;
	#lastWallMs: number;
	#lastMonotonicMs: number;
	#jumpedAtMs = Number.NEGATIVE_INFINITY;

	constructor(clock: Clock, log: Log, maxAgeMs: number) {
		this.#clock = clock;
		this.#log = log;
		this.#maxAgeMs = maxAgeMs;
		this.#lastWallMs = clock.wallMs();
		this.#lastMonotonicMs = clock.monotonicMs();
	}

	/** How old a file may become whose order does not say. Infinity: any age. */
	get maxAgeMs(): number {
		return this.#maxAgeMs;
	}

	set maxAgeMs(value: number) {
		this.#maxAgeMs = value;
		this.#notBeforeMs = Number.NEGATIVE_INFINITY;
	}

	/** Something is new or has changed of a file, or it was looked at and has not expired. */
	note(living: Living): void {
		this.#notBeforeMs = Math.min(this.#notBeforeMs, living.file.mtimeMs + this.maxAgeMsOf(living));
	}

	/** Whether a file may have expired by now. Then all have to be looked at, and those that have not to be noted anew. */
	beginRound(): boolean {
		if (this.#clock.wallMs() <= this.#notBeforeMs) return false;
		this.#notBeforeMs = Number.POSITIVE_INFINITY;
		return true;
	}

	/** How long ago a file was changed or touched; negative for one from the future. */
	ageMs({ mtimeMs }: { readonly mtimeMs: number }): number {
		return this.#clock.wallMs() - mtimeMs;
	}

	/** How old a file may become. Milliseconds; Infinity: any age. */
	maxAgeMsOf({ maxAgeMs }: Living): number {
		return maxAgeMs ?? this.maxAgeMs;
	}

	isExpired(living: Living): boolean {
		const maxAgeMs = this.maxAgeMsOf(living);
		if (!Number.isFinite(maxAgeMs)) return false;
		return this.#heldMs(maxAgeMs) <= 0 && this.ageMs(living.file) > maxAgeMs;
	}

	/** When a file expires unless it is refreshed, milliseconds since the epoch; null: never. */
	expiresMs(living: Living): number | null {
		const maxAgeMs = this.maxAgeMsOf(living);
		if (!Number.isFinite(maxAgeMs)) return null;
		const heldMs = this.#heldMs(maxAgeMs);
		return Math.max(living.file.mtimeMs + maxAgeMs, heldMs > 0 ? this.#clock.wallMs() + heldMs : 0);
	}

	/** Looks at the clocks, which is to be done every few seconds. */
	watchClocks(): void {
		const wallMs = this.#clock.wallMs();
		const monotonicMs = this.#clock.monotonicMs();
		const jumpedMs = wallMs - this.#lastWallMs - (monotonicMs - this.#lastMonotonicMs);
		this.#lastWallMs = wallMs;
		this.#lastMonotonicMs = monotonicMs;
		if (jumpedMs > jumpMs) {
			this.#jumpedAtMs = monotonicMs;
			const held = Number.isFinite(this.maxAgeMs)
				? `for the next ${Math.round(this.maxAgeMs / 1000)} s`
				: 'until it could have been refreshed';
			this.#log.warn(
				`the clock went ahead by ${Math.round(jumpedMs / 1000)} s at once: no order expires ${held}`,
			);
		}
	}

	/** How long a jump of the clock still keeps what may live so long from expiring. */
	#heldMs(maxAgeMs: number): number {
		return this.#jumpedAtMs + maxAgeMs - this.#clock.monotonicMs();
	}
}
