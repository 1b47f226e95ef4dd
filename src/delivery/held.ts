import { Fifo } from '../model/fifo.ts';
import type { Outcome } from '../model/outcome.ts';

/** What came while nobody could take it. The oldest give way when there are too many. */
export class Held {
	readonly #max: number;
	readonly #results = new Fifo<readonly Outcome[]>();
	#count = 0;

	constructor(max: number) {
		this.#max = max;
	}

	get count(): number {
		return this.#count;
	}

	/** Returns how many were dropped for it. */
	add(outcomes: readonly Outcome[]): number {
		this.#results.push(outcomes);
		this.#count += outcomes.length;
		let dropped = 0;
		while (this.#count > this.#max) {
			const oldest = this.#results.shift()?.length ?? 0;
			this.#count -= oldest;
			dropped += oldest;
		}
		return dropped;
	}

	/** Gives back all of it. */
	take(): readonly (readonly Outcome[])[] {
		this.#count = 0;
		return this.#results.takeAll();
	}
}
