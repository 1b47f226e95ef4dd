import { Recollection } from '../memory/recollection.ts';
import type { Clock } from '../model/clock.ts';
import type { Order } from '../model/order.ts';
import type { AnyProbe, ProbeTable } from '../model/probe.ts';
import { slotAt } from '../model/slot.ts';

/** An order that is being measured. One object for its whole life, so that a job can tell whether it still lives. */
export interface LiveOrder {
	order: Order;
	batch: Batch;
	/** Start of the slot it was last measured in, or tried to be. Seconds since the epoch. */
	lastSlotSeconds: number | null;
	/** A job is measuring it now. */
	inFlight: boolean;
	/** What it is to become when the job that measures it now is over. */
	next: Order | null;
	/** False once it has been removed, expired or rejected. */
	alive: boolean;
	/** For people who ask. */
	readonly recollection: Recollection;
}

/** Orders that share a run: probe, step, pings and options are equal, the targets differ. */
export class Batch {
	readonly probe: AnyProbe;
	readonly stepSeconds: number;
	readonly pings: number;
	readonly options: Order['options'];
	/** No other batch of this probe has it; spreads batches over the slot. */
	readonly ordinal: number;
	/** How many targets it may hold. */
	readonly max: number;
	readonly byTarget = new Map<string, Set<LiveOrder>>();
	/**
	 * Start of the last slot for which its job was started or skipped, seconds since the epoch. It begins with the
	 * slot in which the batch was made: its orders are measured there as newcomers.
	 */
	lastSlotSeconds: number;
	/** When the scheduler has to look at it again, wall milliseconds since the epoch. */
	nextLookMs = 0;
	constructor(probe: AnyProbe, order: Order, ordinal: number, clock: Clock) {
		this.probe = probe;
		this.lastSlotSeconds = slotAt(clock.wallMs(), order.stepSeconds).startSeconds;
		this.stepSeconds = order.stepSeconds;
		this.pings = order.pings;
		this.options = order.options;
		this.ordinal = ordinal;
		this.max = probe.batchMax(order);
	}

	/** How many orders share it. */
	get orders(): number {
		let orders = 0;
		for (const sharers of this.byTarget.values()) orders += sharers.size;
		return orders;
	}

	/** Its part of one of the probe's lanes: 1 when it is full. Even an idle program has its price. */
	get weight(): number {
		return laneWeight(this.byTarget.size, this.max);
	}
}

/** What a run over so many targets takes of a lane, from 0.1 to 1. */
export function laneWeight(targets: number, max: number): number {
	return Math.min(1, Math.max(0.1, targets / max));
}

/** Puts live orders into batches and takes them out again. */
export class Batches {
	/**
	 * Orders that should be measured in the current slot without waiting for the next job of their batch, which may
	 * have been started already: they came, changed or moved in the middle of a slot.
	 */
	readonly newcomers = new Set<LiveOrder>();
	readonly #probes: ProbeTable;
	readonly #clock: Clock;
	readonly #groups = new Map<string, Batch[]>();
	readonly #ordinals = new Map<string, Ordinals>();
	readonly #all = new Set<Batch>();

	constructor(probes: ProbeTable, clock: Clock) {
		this.#probes = probes;
		this.#clock = clock;
	}

	[Symbol.iterator](): Iterator<Batch> {
		return this.#all[Symbol.iterator]();
	}

	get size(): number {
		return this.#all.size;
	}

	/** Makes a live order of `order`, in the batch that already holds its target or the first with room. */
	join(order: Order): LiveOrder {
		const live: LiveOrder = {
			order,
			batch: this.#batchFor(order),
			lastSlotSeconds: null,
			inFlight: false,
			next: null,
			alive: true,
			recollection: new Recollection(this.#clock.wallMs()),
		};
		enter(live);
		return live;
	}

	/** Gives a live order its new content, and the batch that goes with it. */
	change(live: LiveOrder, order: Order): void {
		const { batchKey } = live.order;
		this.#takeOut(live);
		live.order = order;
		live.batch = this.#batchFor(order);
		enter(live);
		this.newcomers.add(live);
		this.#mergeSparse(batchKey);
	}

	leave(live: LiveOrder): void {
		live.alive = false;
		this.newcomers.delete(live);
		this.#takeOut(live);
		this.#mergeSparse(live.order.batchKey);
	}

	#batchFor(order: Order): Batch {
		const group = this.#groups.get(order.batchKey) ?? [];
		let withRoom: Batch | undefined;
		for (const batch of group) {
			if (batch.byTarget.has(order.target)) return batch;
			if (withRoom === undefined && batch.byTarget.size < batch.max) withRoom = batch;
		}
		return withRoom ?? this.#newBatch(order, group);
	}

	#newBatch(order: Order, group: Batch[]): Batch {
		const probe = this.#probes.get(order.probe);
		if (probe === undefined)
			throw new Error(`order ${order.id} names the probe ${order.probe}, which does not exist`);
		const ordinals = this.#ordinals.get(order.probe) ?? new Ordinals();
		this.#ordinals.set(order.probe, ordinals);
		const batch = new Batch(probe, order, ordinals.take(), this.#clock);
		group.push(batch);
		this.#groups.set(order.batchKey, group);
		this.#all.add(batch);
		return batch;
	}

	#takeOut(live: LiveOrder): void {
		const { batch, order } = live;
		const sharers = batch.byTarget.get(order.target);
		sharers?.delete(live);
		if (sharers?.size === 0) batch.byTarget.delete(order.target);
		if (batch.byTarget.size === 0) this.#drop(batch, order.batchKey);
	}

	#drop(batch: Batch, key: string): void {
		this.#all.delete(batch);
		this.#ordinals.get(batch.probe.name)?.giveBack(batch.ordinal);
		const group = (this.#groups.get(key) ?? []).filter((other) => other !== batch);
		if (group.length === 0) this.#groups.delete(key);
		else this.#groups.set(key, group);
	}

	/** Orders that leave would otherwise let many nearly empty batches behind, each with a process of its own. */
	#mergeSparse(key: string): void {
		const group = this.#groups.get(key);
		if (group === undefined || group.length < 2) return;
		let targets = 0;
		let smallest = group[0] as Batch;
		for (const batch of group) {
			targets += batch.byTarget.size;
			if (batch.byTarget.size < smallest.byTarget.size) smallest = batch;
		}
		if (targets > ((group.length - 1) * smallest.max) / 2) return;
		const moving = [...smallest.byTarget.values()].flatMap((sharers) => [...sharers]);
		this.#drop(smallest, key);
		smallest.byTarget.clear();
		for (const live of moving) {
			live.batch = this.#batchFor(live.order);
			enter(live);
			this.newcomers.add(live);
		}
	}
}

/** Numbers from 0 on, as small as possible without a search. */
class Ordinals {
	readonly #free: number[] = [];
	#next = 0;

	take(): number {
		return this.#free.pop() ?? this.#next++;
	}

	giveBack(ordinal: number): void {
		this.#free.push(ordinal);
	}
}

function enter(live: LiveOrder): void {
	const sharers = live.batch.byTarget.get(live.order.target);
	if (sharers === undefined) live.batch.byTarget.set(live.order.target, new Set([live]));
	else sharers.add(live);
}
