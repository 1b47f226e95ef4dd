/** What one thread takes on before there is another: it would do for three times as many. Pings a millisecond. */
const fullPerMs = 30;

interface Share<Thread> {
	readonly thread: Thread;
	/** Of all that it has taken on. */
	perMs: number;
}

/**
 * Shares out jobs among threads, each with sockets of its own. While one thread can do it there is one: each raw socket
 * of a machine gets a copy of every answer.
 */
export class EngineThreads<Thread> {
	readonly #make: () => Thread;
	readonly #atMost: number;
	readonly #shares: Share<Thread>[] = [];
	/** How many jobs run that all others must be with. */
	#together = 0;

	/** @param atMost how many threads there may be */
	constructor(make: () => Thread, atMost: number) {
		this.#make = make;
		this.#atMost = Math.max(1, atMost);
	}

	/** All that there are. */
	get threads(): Thread[] {
		return this.#shares.map(({ thread }) => thread);
	}

	/** That of jobs that must know of each other. */
	get first(): Thread {
		return this.#share(0).thread;
	}

	/** As `run`, by the first thread. Until it is over, all others are done there too. */
	async runWithAll<Result>(perMs: number, work: (thread: Thread) => Promise<Result>): Promise<Result> {
		this.#together++;
		try {
			return await this.#runBy(this.#share(0), perMs, work);
		} finally {
			this.#together--;
		}
	}

	/** Has a job of so many pings a millisecond done by one of the threads. Resolves and rejects as `work` does. */
	async run<Result>(perMs: number, work: (thread: Thread) => Promise<Result>): Promise<Result> {
		return this.#runBy(this.#together > 0 ? this.#share(0) : this.#leastLoaded(perMs), perMs, work);
	}

	async #runBy<Result>(
		share: Share<Thread>,
		perMs: number,
		work: (thread: Thread) => Promise<Result>,
	): Promise<Result> {
		const weight = Number.isFinite(perMs) ? perMs : fullPerMs;
		share.perMs += weight;
		try {
			return await work(share.thread);
		} finally {
			share.perMs -= weight;
		}
	}

	#leastLoaded(perMs: number): Share<Thread> {
		let least = this.#share(0);
		for (let at = 0; at < this.#atMost; at++) {
			const share = this.#share(at);
			// Sums of fractions that have gone leave a little.
			if (share.perMs + perMs <= fullPerMs || share.perMs < 1e-6) return share;
			if (share.perMs < least.perMs) least = share;
		}
		return least;
	}

	#share(at: number): Share<Thread> {
		const known = this.#shares[at];
		if (known !== undefined) return known;
		const made = { thread: this.#make(), perMs: 0 };
		this.#shares[at] = made;
		return made;
	}
}
