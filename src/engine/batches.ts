import type { Clock } from '../model/clock.ts';
import type { Order } from '../model/order.ts';
import type { AnyProbe, ProbeTable } from '../model/probe.ts';
import { isElsewhere } from '../model/where.ts';
import { Batch, type LiveOrder, noSlots } from './batch.ts';
import { BatchGroup } from './batch-group.ts';
import { Newcomers } from './newcomers.ts';

/** How a change of an order takes effect. */
export type Change =
	/** It is measured as before. */
	| 'alike'
	/** When the job is over that measures it now: see `released`. */
	| 'later'
	/** It is measured in another way from now on. */
	| 'anew';

/** Puts live orders into batches and takes them out again. */
export class Batches {
	/** They came, changed or moved in the middle of a slot. */
	readonly newcomers = new Newcomers();
	readonly #probes: ProbeTable;
	readonly #clock: Clock;
	/** By batch key. */
	readonly #groups = new Map<string, BatchGroup>();
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

	/**
	 * Makes a live order of `order`, whose file belongs to `uid`, in the batch that already holds its target or the first
	 * with room. What others measure alone has a batch of its own, which no job is made of.
	 */
	join(order: Order, uid: number): LiveOrder {
		const live: LiveOrder = {
			order,
			batch: this.#batchFor(order),
			uid,
			lastSlotSeconds: null,
			inFlight: false,
			next: null,
			alive: true,
			sinceMs: this.#clock.wallMs(),
			slots: noSlots(),
			lastRun: null,
		};
		this.#enter(live);
		return live;
	}

	/**
	 * There is room for its results. `lastSlotSeconds` is the start of the last slot that its files hold, or null: what
	 * was measured before a restart is not measured again.
	 */
	enrolled(live: LiveOrder, lastSlotSeconds: number | null): void {
		live.lastSlotSeconds ??= lastSlotSeconds;
		if (!isElsewhere(live.order)) this.newcomers.add(live);
	}

	/** Gives a live order its new content, and the batch that goes with it, as soon as no job measures it. */
	change(live: LiveOrder, order: Order): Change {
		const before = live.order;
		const isAlike =
			before.batchKey === order.batchKey &&
			before.target === order.target &&
			isElsewhere(before) === isElsewhere(order) &&
			before.rrdTemplate === order.rrdTemplate;
		if (isAlike) {
			live.order = order;
			live.next = null;
			return 'alike';
		}
		if (live.inFlight) {
			live.next = order;
			return 'later';
		}
		this.#takeOut(live);
		live.order = order;
		live.batch = this.#batchFor(order);
		this.#enter(live);
		if (isElsewhere(order)) this.newcomers.delete(live);
		else this.newcomers.add(live);
		this.#mergeSparse(before.batchKey);
		return 'anew';
	}

	/** The job that measured this order is over: makes the change that came meanwhile. */
	released(live: LiveOrder): Change {
		const { next } = live;
		if (next === null) return 'alike';
		live.next = null;
		return this.change(live, next);
	}

	leave(live: LiveOrder): void {
		live.alive = false;
		this.newcomers.delete(live);
		this.#takeOut(live);
		this.#mergeSparse(live.order.batchKey);
	}

	#batchFor(order: Order): Batch {
		if (isElsewhere(order)) return new Batch(this.#probeOf(order), order, 0, this.#clock);
		const group = this.#groups.get(order.batchKey);
		return group?.batchFor(order.target) ?? this.#newBatch(order, group ?? new BatchGroup());
	}

	#newBatch(order: Order, group: BatchGroup): Batch {
		const probe = this.#probeOf(order);
		const ordinals = this.#ordinals.get(order.probe) ?? new Ordinals();
		this.#ordinals.set(order.probe, ordinals);
		const batch = new Batch(probe, order, ordinals.take(), this.#clock);
		group.add(batch);
		this.#groups.set(order.batchKey, group);
		this.#all.add(batch);
		return batch;
	}

	#probeOf({ id, probe: name }: Order): AnyProbe {
		const probe = this.#probes.get(name);
		if (probe === undefined) throw new Error(`order ${id} names the probe ${name}, which does not exist`);
		return probe;
	}

	#enter(live: LiveOrder): void {
		// One that others measure alone is in no group.
		if (this.#all.has(live.batch)) this.#groups.get(live.order.batchKey)?.enter(live);
		else live.batch.enter(live);
	}

	#takeOut(live: LiveOrder): void {
		const { batch, order } = live;
		if (this.#all.has(batch)) this.#groups.get(order.batchKey)?.leave(live);
		else batch.leave(live);
		if (batch.byTarget.size === 0 && this.#all.has(batch)) this.#drop(batch, order.batchKey);
	}

	#drop(batch: Batch, key: string): void {
		this.#all.delete(batch);
		this.#ordinals.get(batch.probe.name)?.giveBack(batch.ordinal);
		const group = this.#groups.get(key);
		group?.drop(batch);
		if (group?.batches.length === 0) this.#groups.delete(key);
	}

	/** Orders that leave would otherwise let many nearly empty batches behind, each with a process of its own. */
	#mergeSparse(key: string): void {
		const batches = this.#groups.get(key)?.batches ?? [];
		const [first] = batches;
		if (first === undefined || batches.length < 2) return;
		let targets = 0;
		let smallest = first;
		for (const batch of batches) {
			targets += batch.byTarget.size;
			if (batch.byTarget.size < smallest.byTarget.size) smallest = batch;
		}
		if (targets > ((batches.length - 1) * smallest.max) / 2) return;
		const moving = [...smallest];
		this.#drop(smallest, key);
		smallest.byTarget.clear();
		for (const live of moving) {
			live.batch = this.#batchFor(live.order);
			this.#enter(live);
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
