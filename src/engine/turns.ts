import type { Batch, Batches } from './batches.ts';
import { roundsNeeded } from './spread.ts';

/** There may be thousands of batches: they are counted anew this often at most. */
const countedForMs = 1000;

/** How many turns the batches of each probe take in a slot, so that no more than its lanes run at a time. */
export class Turns {
	readonly #batches: Batches;
	readonly #lanesOf: (batch: Batch) => number;
	#rounds: ReadonlyMap<string, number> = new Map();
	#countedMs = 0;
	#batchesCounted = 0;

	constructor(batches: Batches, lanesOf: (batch: Batch) => number) {
		this.#batches = batches;
		this.#lanesOf = lanesOf;
	}

	/** By the name of the probe. `wentBack`: the clock was set back since the last time. */
	roundsByProbe(nowMs: number, wentBack: boolean): ReadonlyMap<string, number> {
		const isRecent = nowMs < this.#countedMs + countedForMs && !wentBack;
		if (isRecent && this.#batches.size === this.#batchesCounted) return this.#rounds;
		const weights = new Map<string, number>();
		const rounds = new Map<string, number>();
		for (const batch of this.#batches) {
			const weight = (weights.get(batch.probe.name) ?? 0) + batch.weight;
			weights.set(batch.probe.name, weight);
			rounds.set(batch.probe.name, roundsNeeded(weight, this.#lanesOf(batch)));
		}
		this.#countedMs = nowMs;
		this.#batchesCounted = this.#batches.size;
		this.#rounds = rounds;
		return rounds;
	}
}
