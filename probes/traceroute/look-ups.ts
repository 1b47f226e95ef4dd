/** Things that are looked up in the background and kept: nobody ever waits for one. */
export class LookUps<Value> {
	readonly #find: (key: string) => Promise<Value | null>;
	readonly #limits: LookUpLimits;
	readonly #nowMs: () => number;
	readonly #kept = new Map<string, { readonly value: Value | null; readonly untilMs: number }>();
	readonly #waiting = new Set<string>();
	readonly #running = new Set<string>();

	/** `find`: null when there is none; rejects when it is not known. */
	constructor(find: (key: string) => Promise<Value | null>, limits: LookUpLimits, nowMs: () => number) {
		this.#find = find;
		this.#limits = limits;
		this.#nowMs = nowMs;
	}

	/** What is known by now; else it is looked up. Null: there is none, or it is not known yet. */
	get(key: string): Value | null {
		const kept = this.#kept.get(key);
		if (kept === undefined || this.#nowMs() >= kept.untilMs) this.#want(key);
		return kept?.value ?? null;
	}

	#want(key: string): void {
		if (this.#running.has(key) || this.#waiting.size >= this.#limits.waiting) return;
		this.#waiting.add(key);
		this.#next();
	}

	#next(): void {
		for (const key of this.#waiting) {
			if (this.#running.size >= this.#limits.atOnce) return;
			this.#waiting.delete(key);
			this.#running.add(key);
			this.#run(key).finally(() => {
				this.#running.delete(key);
				this.#next();
			});
		}
	}

	async #run(key: string): Promise<void> {
		const { keepMs, againMs, kept: most } = this.#limits;
		try {
			this.#keep(key, await this.#find(key), keepMs);
		} catch {
			// What was known before stays known.
			this.#keep(key, this.#kept.get(key)?.value ?? null, againMs);
		}
		const [oldest] = this.#kept.keys();
		if (this.#kept.size > most && oldest !== undefined) this.#kept.delete(oldest);
	}

	#keep(key: string, value: Value | null, forMs: number): void {
		this.#kept.delete(key);
		this.#kept.set(key, { value, untilMs: this.#nowMs() + forMs });
	}
}

export interface LookUpLimits {
	/** How long an answer holds, and after which time a question without one is asked again. Milliseconds. */
	readonly keepMs: number;
	readonly againMs: number;
	/** So many are asked at a time, wait for that, and are kept. */
	readonly atOnce: number;
	readonly waiting: number;
	readonly kept: number;
}
