import type { Clock } from '../model/clock.ts';

/** Files that are to be looked at again, whether they change or not: one look each. */
export class SecondLooks {
	readonly #clock: Clock;
	readonly #cancels = new Map<string, () => void>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Replaces the look at this file that was to come. */
	plan(id: string, delayMs: number, look: () => void): void {
		this.cancel(id);
		const cancel = this.#clock.after(delayMs, () => {
			this.#cancels.delete(id);
			look();
		});
		this.#cancels.set(id, cancel);
	}

	cancel(id: string): void {
		this.#cancels.get(id)?.();
		this.#cancels.delete(id);
	}

	stop(): void {
		for (const id of [...this.#cancels.keys()]) this.cancel(id);
	}
}
