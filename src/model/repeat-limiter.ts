import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** What happened since a message of one kind was last told. */
interface Interval {
	/** Ends the interval's timer. */
	readonly cancel: () => void;
	/** The latest message that was held back. */
	latest: { readonly level: keyof Log; readonly message: string } | null;
	/** How many were held back before it. */
	others: number;
}

/**
 * Tells messages of one kind at most once in each interval. The first is told at once; of those that follow it within
 * the interval, the latest is told when the interval ends, with the number of the others.
 */
export class RepeatLimiter {
	readonly #log: Log;
	readonly #clock: Clock;
	readonly #intervalMs: number;
	readonly #kindsMax: number;
	/** By kind, the one that began first coming first. */
	readonly #intervals = new Map<string, Interval>();

	/** Remembers at most `kindsMax` kinds; beyond that the intervals that began first end early. */
	constructor(log: Log, clock: Clock, intervalMs = 60_000, kindsMax = 1000) {
		this.#log = log;
		this.#clock = clock;
		this.#intervalMs = intervalMs;
		this.#kindsMax = kindsMax;
	}

	/** Messages of one `kind` are limited together, whatever their text. */
	limited(kind: string, level: keyof Log, message: string): void {
		const interval = this.#intervals.get(kind);
		if (interval === undefined) {
			this.#log[level](message);
			this.#begin(kind);
			return;
		}
		if (interval.latest !== null) interval.others++;
		interval.latest = { level, message };
	}

	/** Tells at once what is held back. To be called when the program ends: no timer is left. */
	flush(): void {
		for (const kind of [...this.#intervals.keys()]) this.#end(kind);
	}

	#begin(kind: string): void {
		for (const first of this.#intervals.keys()) {
			if (this.#intervals.size < this.#kindsMax) break;
			this.#end(first);
		}
		const over = () => {
			// As long as it goes on, it is told once in each interval.
			if (this.#end(kind)) this.#begin(kind);
		};
		this.#intervals.set(kind, {
			cancel: this.#clock.after(this.#intervalMs, over),
			latest: null,
			others: 0,
		});
	}

	/** True when something had been held back. */
	#end(kind: string): boolean {
		const interval = this.#intervals.get(kind);
		if (interval === undefined) return false;
		interval.cancel();
		this.#intervals.delete(kind);
		const { latest, others } = interval;
		if (latest === null) return false;
		const seconds = Math.round(this.#intervalMs / 1000);
		const count = others === 0 ? '' : ` (${others} more like this in the last ${seconds} s)`;
		this.#log[latest.level](latest.message + count);
		return true;
	}
}
