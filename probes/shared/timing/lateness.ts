/** So often the thread looks whether it is still going. */
const tickMs = 2;
/** Less is the business of timers. */
const leastMs = 5;
/** When the wall clock has gone on by so much more than the monotonic one, which stands still meanwhile, the machine slept. */
const sleepMs = 100;
/** So many times of lateness are remembered while something is under way, the last ones. */
const episodesMax = 1000;

interface Episode {
	readonly atMs: number;
	readonly lateMs: number;
}

/**
 * Notices how late this thread was while something was under way: it was busy, had no CPU, its process was stopped, the
 * machine slept. Looks only then, since each look wakes the machine. Lateness of less than 5 ms is none; of the first
 * 2 ms beyond that it may miss some.
 */
export class Lateness {
	readonly #wallMs: () => number;
	readonly #monotonicMs: () => number;
	#episodes: Episode[] = [];
	#last: { readonly monotonicMs: number; readonly wallMs: number };
	#underWay = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(wallMs = () => Date.now(), monotonicMs = () => performance.now()) {
		this.#wallMs = wallMs;
		this.#monotonicMs = monotonicMs;
		this.#last = this.#now();
	}

	/** Something begins. Returns what `end` is to be told. */
	begin(): number {
		if (this.#underWay++ > 0) {
			this.#look();
		} else {
			this.#episodes = [];
			this.#last = this.#now();
			this.#timer = setInterval(() => this.#look(), tickMs);
		}
		return this.#last.monotonicMs;
	}

	/** It ends. Returns how late the thread was at most meanwhile, milliseconds: 0 or more than 5. */
	end(sinceMs: number): number {
		this.#look();
		if (--this.#underWay === 0) clearInterval(this.#timer);
		let mostMs = 0;
		for (let index = this.#episodes.length - 1; index >= 0; index--) {
			const episode = this.#episodes[index];
			if (episode === undefined || episode.atMs <= sinceMs) break;
			mostMs = Math.max(mostMs, episode.lateMs);
		}
		return mostMs;
	}

	#look(): void {
		const now = this.#now();
		const goneMs = now.monotonicMs - this.#last.monotonicMs;
		const sleptMs = now.wallMs - this.#last.wallMs - goneMs;
		const lateMs = goneMs - tickMs + (sleptMs > sleepMs ? sleptMs : 0);
		this.#last = now;
		if (lateMs <= leastMs) return;
		this.#episodes.push({ atMs: now.monotonicMs, lateMs });
		if (this.#episodes.length > episodesMax) this.#episodes.shift();
	}

	#now(): { readonly monotonicMs: number; readonly wallMs: number } {
		return { monotonicMs: this.#monotonicMs(), wallMs: this.#wallMs() };
	}
}
