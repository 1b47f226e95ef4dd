/** Orders that wait for so long, each once, however often it is added; the first comes first. */
export class Lane {
	readonly #delayMs: number;
	readonly #nowMs: () => number;
	readonly #dues = new Map<string, number>();

	constructor(delayMs: number, nowMs: () => number) {
		this.#delayMs = delayMs;
		this.#nowMs = nowMs;
	}

	add(id: string): void {
		if (!this.#dues.has(id)) this.#dues.set(id, this.#nowMs() + this.#delayMs);
	}

	/** Null when none is due. */
	takeDue(): string | null {
		for (const [id, dueMs] of this.#dues) {
			if (dueMs > this.#nowMs()) return null;
			this.#dues.delete(id);
			return id;
		}
		return null;
	}

	/** How long it is until one is due, milliseconds; null: none waits. */
	get restMs(): number | null {
		for (const dueMs of this.#dues.values()) return Math.max(0, dueMs - this.#nowMs());
		return null;
	}
}
