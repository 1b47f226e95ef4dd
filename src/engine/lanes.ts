import type { AnyProbe } from '../model/probe.ts';
import { type Batch, laneWeight } from './batch.ts';
import type { Batches } from './batches.ts';
import { roundsNeeded } from './spread.ts';

/** There may be thousands of batches: they are counted anew this often at most. */
const countedForMs = 1000;
/** Beyond this many times its lanes a probe gets no new job: planned jobs may overlap a little. */
const overload = 1.2;

/** How much of the lanes of each probe is taken, who waits for one, and in how many turns its batches run. */
export class Lanes {
	readonly #batches: Batches;
	readonly #lanesOf: (probe: AnyProbe) => number;
	/** What the running jobs weigh together, by probe. */
	readonly #loads = new Map<string, number>();
	/** Batches whose turn has come while too many jobs of their probe were running, first come first served. */
	readonly #waiting = new Set<Batch>();
	#rounds: ReadonlyMap<string, number> = new Map();
	#countedMs = 0;
	#batchesCounted = 0;

	/** @param settingsOf what the config says of the probe with this name */
	constructor(batches: Batches, settingsOf: (probe: string) => unknown) {
		this.#batches = batches;
		this.#lanesOf = ({ name, lanes }) => (typeof lanes === 'number' ? lanes : lanes(settingsOf(name)));
	}

	/** A job over so many targets of a batch begins. Returns what ends its share. */
	take(batch: Batch, targets: number): () => void {
		const { name } = batch.probe;
		const weight = rounded(laneWeight(targets, batch.max));
		this.#add(name, weight);
		return () => this.#add(name, -weight);
	}

	/** Whether a job over so many targets fits in. */
	isFree(batch: Batch, targets: number): boolean {
		const load = this.#loads.get(batch.probe.name) ?? 0;
		return load + laneWeight(targets, batch.max) <= this.#lanesOf(batch.probe);
	}

	/** Whether its probe gets no new job for now. */
	isOverloaded({ probe }: Batch): boolean {
		return (this.#loads.get(probe.name) ?? 0) >= this.#lanesOf(probe) * overload;
	}

	/** It gets the next lane that is free, after those that wait already. */
	wait(batch: Batch): void {
		this.#waiting.add(batch);
	}

	waitNoMore(batch: Batch): void {
		this.#waiting.delete(batch);
	}

	isWaiting(batch: Batch): boolean {
		return this.#waiting.has(batch);
	}

	get hasWaiting(): boolean {
		return this.#waiting.size > 0;
	}

	/** In the order in which they get a lane. */
	get waiting(): Iterable<Batch> {
		return this.#waiting;
	}

	/**
	 * How many turns the batches of each probe take in a slot, so that no more than its lanes run at a time.
	 *
	 * @param wentBack whether the clock was set back since the last time
	 */
	roundsByProbe(nowMs: number, wentBack: boolean): ReadonlyMap<string, number> {
		const isRecent = nowMs < this.#countedMs + countedForMs && !wentBack;
		if (isRecent && this.#batches.size === this.#batchesCounted) return this.#rounds;
		const weights = new Map<string, number>();
		const rounds = new Map<string, number>();
		for (const { probe, weight } of this.#batches) {
			const sum = (weights.get(probe.name) ?? 0) + weight;
			weights.set(probe.name, sum);
			rounds.set(probe.name, roundsNeeded(sum, this.#lanesOf(probe)));
		}
		this.#countedMs = nowMs;
		this.#batchesCounted = this.#batches.size;
		this.#rounds = rounds;
		return rounds;
	}

	#add(probe: string, weight: number): void {
		this.#loads.set(probe, rounded((this.#loads.get(probe) ?? 0) + weight));
	}
}

/** So that thousands of small weights that come and go leave nothing behind. */
function rounded(weight: number): number {
	return Math.round(weight * 1e6) / 1e6;
}
