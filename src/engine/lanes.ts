import type { AnyProbe } from '../model/probe.ts';
import { type Batch, laneWeight } from './batch.ts';
import type { Batches } from './batches.ts';
import { type Share, sharesOf } from './shares.ts';

/** There may be thousands of batches: they are counted anew this often at most. */
const countedForMs = 1000;
/** Beyond this many times its lanes a probe gets no new job: planned jobs may overlap a little. */
const overload = 1.2;

/** In how many turns the batches run of which this is one. */
export type RoundsOf = (batch: Batch) => number;

/** How much of the lanes of each probe is taken, who waits for one, and in how many turns its batches run. */
export class Lanes {
	readonly #batches: Batches;
	readonly #lanesOf: (probe: AnyProbe) => number;
	/** What the running jobs weigh together, by probe, and by probe and user. */
	readonly #loads = new Map<string, number>();
	/** Batches whose turn has come while too many jobs of their probe were running, first come first served. */
	readonly #waiting = new Set<Batch>();
	#shares: ReadonlyMap<string, Share> = new Map();
	#countedMs = 0;
	#batchesCounted = 0;

	/** @param settingsOf what the config says of the probe with this name */
	constructor(batches: Batches, settingsOf: (probe: string) => unknown) {
		this.#batches = batches;
		this.#lanesOf = ({ name, lanes }) => (typeof lanes === 'number' ? lanes : lanes(settingsOf(name)));
	}

	/** A job over so many targets of a batch begins. Returns what ends its share. */
	take(batch: Batch, targets: number): () => void {
		const weight = rounded(laneWeight(targets, batch.max));
		const keys = [batch.probe.name, keyOf(batch)];
		for (const key of keys) this.#add(key, weight);
		return () => {
			for (const key of keys) this.#add(key, -weight);
		};
	}

	/** Whether a job over so many targets fits in, or its user has less than a fair share. */
	isFree(batch: Batch, targets: number): boolean {
		const weight = laneWeight(targets, batch.max);
		const load = this.#loads.get(batch.probe.name) ?? 0;
		return load + weight <= this.#lanesOf(batch.probe) || this.#ownLoad(batch) + weight <= this.#fair(batch);
	}

	/**
	 * Whether its probe gets no new job of its user for now. Who has less than a fair share does not wait for others who
	 * have more: so there may be twice as many jobs as lanes until some of theirs are over.
	 */
	isOverloaded(batch: Batch): boolean {
		const load = this.#loads.get(batch.probe.name) ?? 0;
		return load >= this.#lanesOf(batch.probe) * overload && this.#ownLoad(batch) >= this.#fair(batch);
	}

	#ownLoad(batch: Batch): number {
		return this.#loads.get(keyOf(batch)) ?? 0;
	}

	#fair({ probe }: Batch): number {
		return this.#shares.get(probe.name)?.fair ?? this.#lanesOf(probe);
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

	/** In the order in which they get a lane: users take turns, who has least is the first. */
	get waiting(): Iterable<Batch> {
		const queues = new Map<number, Batch[]>();
		for (const batch of this.#waiting) {
			const queue = queues.get(batch.owner);
			if (queue === undefined) queues.set(batch.owner, [batch]);
			else queue.push(batch);
		}
		const loadOf = ([first]: readonly Batch[]) => (first === undefined ? 0 : this.#ownLoad(first));
		return inTurns([...queues.values()].sort((a, b) => loadOf(a) - loadOf(b)));
	}

	/**
	 * How many turns the batches of a user of a probe take in a slot, so that no more than its lanes run at a time.
	 *
	 * @param wentBack whether the clock was set back since the last time
	 */
	rounds(nowMs: number, wentBack: boolean): RoundsOf {
		const isRecent = nowMs < this.#countedMs + countedForMs && !wentBack;
		if (!isRecent || this.#batches.size !== this.#batchesCounted) {
			this.#shares = sharesOf(this.#batches, this.#lanesOf);
			this.#countedMs = nowMs;
			this.#batchesCounted = this.#batches.size;
		}
		return ({ probe, owner }) => this.#shares.get(probe.name)?.rounds.get(owner) ?? 1;
	}

	#add(key: string, weight: number): void {
		const load = rounded((this.#loads.get(key) ?? 0) + weight);
		if (load === 0) this.#loads.delete(key);
		else this.#loads.set(key, load);
	}
}

function keyOf({ probe, owner }: Batch): string {
	return `${probe.name} ${owner}`;
}

/** The first of each queue, then the second of each, and so on. */
function* inTurns(queues: readonly (readonly Batch[])[]): Generator<Batch> {
	const longest = Math.max(0, ...queues.map(({ length }) => length));
	for (let turn = 0; turn < longest; turn++) {
		for (const queue of queues) {
			const batch = queue[turn];
			if (batch !== undefined) yield batch;
		}
	}
}

/** So that thousands of small weights that come and go leave nothing behind. */
function rounded(weight: number): number {
	return Math.round(weight * 1e6) / 1e6;
}
