/** Medians change slowly, and the files that tell them are large. */
const refreshMs = 6 * 3600_000;
/** So many may wait to be read. */
const waitingMost = 1_000_000;

/** The medians of the seven days before, read from the files of orders a few at a time. */
export class WeekMedians {
	readonly #read: (id: string, pop: string) => number | null;
	readonly #known = new Map<string, Map<string, { readonly median: number | null; readonly atMs: number }>>();
	readonly #waiting = new Map<string, readonly [id: string, pop: string]>();

	constructor(read: (id: string, pop: string) => number | null) {
		this.#read = read;
	}

	/** Null while it is not known: it will be soon, if there is one. */
	get(id: string, pop: string, nowMs: number): number | null {
		const known = this.#known.get(id)?.get(pop);
		if ((known === undefined || nowMs - known.atMs > refreshMs) && this.#waiting.size < waitingMost)
			this.#waiting.set(`${pop}|${id}`, [id, pop]);
		return known?.median ?? null;
	}

	forget(id: string): void {
		this.#known.delete(id);
	}

	/** Reads some that wait, until `untilMs` and at least one. Milliseconds of `nowMs()`. */
	work(untilMs: number, nowMs: () => number): void {
		for (const [key, [id, pop]] of this.#waiting) {
			this.#waiting.delete(key);
			const places = this.#known.get(id) ?? new Map();
			this.#known.set(id, places.set(pop, { median: this.#read(id, pop), atMs: nowMs() }));
			if (nowMs() >= untilMs) return;
		}
	}

	get isWaiting(): boolean {
		return this.#waiting.size > 0;
	}
}
