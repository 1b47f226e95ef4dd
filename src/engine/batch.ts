import type { SlotCounts } from '../model/answers.ts';
import type { Clock } from '../model/clock.ts';
import type { Order } from '../model/order.ts';
import type { AnyProbe } from '../model/probe.ts';
import { slotAt } from '../model/slot.ts';
import type { RunRecord } from './run-record.ts';

/** An order that is being measured. One object for its whole life, so that a job can tell whether it still lives. */
export interface LiveOrder {
	order: Order;
	batch: Batch;
	/** Owner of its file. */
	readonly uid: number;
	/** Start of the slot it was last measured in, or tried to be. Seconds since the epoch. */
	lastSlotSeconds: number | null;
	/** A job is measuring it now. */
	inFlight: boolean;
	/** What it is to become when the job that measures it now is over. */
	next: Order | null;
	/** False once it has been removed, expired or rejected. */
	alive: boolean;
	/** Since when it is measured, milliseconds since the epoch. */
	readonly sinceMs: number;
	/** What became of its slots since then. */
	readonly slots: SlotCounts;
	/** The run that it took part in last. Shared with the other orders of that run. */
	lastRun: RunRecord | null;
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
	/** A set only where orders share a target: few do, and with 100,000 targets sets are the most of what a batch takes. */
	readonly byTarget = new Map<string, LiveOrder | Set<LiveOrder>>();
	/** How many orders each user has in it. */
	readonly users = new Map<number, number>();
	/** The user to whose share of the lanes it counts. */
	owner = 0;
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

	/** Its orders. */
	*[Symbol.iterator](): Generator<LiveOrder> {
		for (const sharers of this.byTarget.values()) {
			if (sharers instanceof Set) yield* sharers;
			else yield sharers;
		}
	}

	/** Those that have this target. */
	sharersOf(target: string): Iterable<LiveOrder> {
		const sharers = this.byTarget.get(target) ?? [];
		return Symbol.iterator in sharers ? sharers : [sharers];
	}

	/** How many orders share it. */
	get orders(): number {
		let orders = 0;
		for (const sharers of this.byTarget.values()) orders += sharers instanceof Set ? sharers.size : 1;
		return orders;
	}

	/** The shortest window, in milliseconds, in which all its targets can be measured. */
	get needMs(): number {
		return this.probe.needMs(this.byTarget.size, this);
	}

	/** Its part of one of the probe's lanes: 1 when it is full. Even an idle program has its price. */
	get weight(): number {
		return laneWeight(this.byTarget.size, this.max);
	}

	/** For the log. */
	get description(): string {
		const targets = this.byTarget.size;
		return `${this.probe.name} (step ${this.stepSeconds}, pings ${this.pings}, ${targets} ${targets === 1 ? 'target' : 'targets'})`;
	}

	enter(live: LiveOrder): void {
		const { target } = live.order;
		const sharers = this.byTarget.get(target);
		if (sharers === undefined) this.byTarget.set(target, live);
		else if (sharers instanceof Set) sharers.add(live);
		else if (sharers !== live) this.byTarget.set(target, new Set([sharers, live]));
		if (this.users.size === 0) this.owner = live.uid;
		this.users.set(live.uid, (this.users.get(live.uid) ?? 0) + 1);
	}

	leave(live: LiveOrder): void {
		const { target } = live.order;
		const sharers = this.byTarget.get(target);
		if (sharers instanceof Set) sharers.delete(live);
		if (sharers === live || (sharers instanceof Set && sharers.size === 0)) this.byTarget.delete(target);
		const left = (this.users.get(live.uid) ?? 1) - 1;
		if (left > 0) this.users.set(live.uid, left);
		else this.users.delete(live.uid);
		const [other] = this.users.keys();
		if (!this.users.has(this.owner) && other !== undefined) this.owner = other;
	}
}

/** Counts that begin. */
export function noSlots(): SlotCounts {
	return { measured: 0, failed: 0, skipped: 0, overrun: 0, late: 0 };
}

/** What a run over so many targets takes of a lane, from 0.1 to 1. */
export function laneWeight(targets: number, max: number): number {
	return Math.min(1, Math.max(0.1, targets / max));
}
