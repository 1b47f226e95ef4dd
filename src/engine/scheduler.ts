import { noSlots } from '../memory/recollection.ts';
import { RunRecord } from '../memory/run-record.ts';
import type { SlotCounts } from '../model/answers.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { type Measurement, measurementOf } from '../model/measurement.ts';
import type { Order } from '../model/order.ts';
import type { Job, ProbeTools, TargetResult } from '../model/probe.ts';
import { type Slot, slotAt, slotEndMs } from '../model/slot.ts';
import { type Batch, type Batches, type LiveOrder, laneWeight } from './batches.ts';
import { type Place, placeInSlot, shuffled } from './spread.ts';
import { Turns } from './turns.ts';

/** What the scheduler needs of the rest of the house. */
export interface SchedulerParts {
	readonly batches: Batches;
	readonly clock: Clock;
	readonly log: Log;
	/** What a probe is lent, but for its signal. */
	toolsFor(probeName: string): Omit<ProbeTools, 'signal'>;
	/** Takes what was measured and, in the same places, the orders as they were then. */
	record(measurements: readonly Measurement[], orders: readonly Order[]): void;
	/** Takes the reasons why live orders could not be measured in a slot. */
	fail(failures: readonly Failure[]): void;
	/** A job that measured this order is over. */
	released(order: LiveOrder): void;
}

/** Why some orders could not be measured. */
interface Failure {
	readonly ids: readonly string[];
	/** Fit for the user. */
	readonly reason: string;
}

/** A job of which the engine has not seen the end. */
interface RunningJob {
	readonly probe: string;
	readonly weight: number;
	readonly controller: AbortController;
	/** End of its slot by the wall clock and, should that be set back, by the monotonic one. Milliseconds. */
	readonly slotEndMs: number;
	readonly deadlineMs: number;
	/** It was ended because its slot was over. */
	overrun: boolean;
	/** Settles when the job is over and its results have been handed on. */
	readonly over: Promise<void>;
}

/** Orders that come together are measured together: how long to wait for more of them. */
const gatherMs = 200;
const gatherAtMostMs = 800;
/** Timers are coalesced to this, and the wall clock is looked at again at least so often. */
const tickAtLeastMs = 10;
const tickAtMostMs = 1000;
/** How long after the end of its slot a job may take to hand over what it has. */
const graceMs = 3000;
/** A start this much of its window too late is still on time. */
const onTime = 0.02;
/** Beyond this many times its lanes a probe gets no new job: planned jobs may overlap a little. */
const lanesOverload = 1.2;
/** So many steps, and this much time, may pass without the end of a job before something must be wrong. */
const stuckSteps = 3;
const stuckMs = 60_000;

/**
 * Makes one job of each batch in each slot and hands on what came of it.
 *
 * Slots are computed from the wall clock anew at each tick, so a clock that is set or a machine that slept costs the
 * slots that are gone, and no more. Within its slot every batch has a fixed place.
 */
export class Scheduler {
	/** Since the daemon started, in orders times slots. */
	readonly counters: SlotCounts = noSlots();
	readonly #parts: SchedulerParts;
	readonly #turns: Turns;
	readonly #running = new Set<RunningJob>();
	/** What the running jobs weigh together, by probe. */
	readonly #loads = new Map<string, number>();
	/** Batches whose turn has come while too many jobs of their probe were running, first come first served. */
	readonly #waiting = new Set<Batch>();
	/** When a job of this step last ended, monotonic milliseconds. */
	readonly #lastEnded = new Map<number, number>();
	#cancelTick: () => void = () => {};
	#tickDueMs = Number.POSITIVE_INFINITY;
	#stopped = true;
	#lastTickMs = 0;
	#newcomersSeen = 0;
	#firstNewcomerMs = 0;
	#lastNewcomerMs = 0;

	constructor(parts: SchedulerParts) {
		this.#parts = parts;
		this.#turns = new Turns(parts.batches, (batch) => this.#lanesOf(batch));
	}

	start(): void {
		this.#stopped = false;
		this.#tickAfter(0);
	}

	/** Ends all jobs; what they measured so far is dropped, since the slot will be measured anew after a restart. */
	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancelTick();
		const ending = [...this.#running];
		for (const job of ending) job.controller.abort();
		await Promise.all(ending.map((job) => job.over));
	}

	/** Something changed that may make a job due at once. */
	wake(): void {
		this.#tickAfter(tickAtLeastMs);
	}

	get jobsRunning(): number {
		return this.#running.size;
	}

	/** When the next job for an order is due, milliseconds since the epoch: now, if it waits for a free lane. */
	nextDueMs(live: LiveOrder): number {
		const { batch, lastSlotSeconds } = live;
		const nowMs = this.#parts.clock.wallMs();
		if (this.#parts.batches.newcomers.has(live)) return nowMs;
		const slot = slotAt(nowMs, batch.stepSeconds);
		const { offsetMs } = this.#placeOf(batch, this.#turns.roundsByProbe(nowMs, false));
		const isOver =
			alreadyHandled(slot, batch.lastSlotSeconds) ||
			alreadyHandled(slot, lastSlotSeconds ?? Number.NEGATIVE_INFINITY);
		return Math.max(nowMs, (isOver ? slotEndMs(slot) : slot.startSeconds * 1000) + offsetMs);
	}

	/** Names a step of which no job has come to an end for more than three steps, or null when all is well. */
	stuck(): string | null {
		const nowMs = this.#parts.clock.monotonicMs();
		const steps = new Set<number>();
		for (const batch of this.#parts.batches) steps.add(batch.stepSeconds);
		for (const step of this.#lastEnded.keys()) if (!steps.has(step)) this.#lastEnded.delete(step);
		for (const step of steps) {
			const lastMs = this.#lastEnded.get(step) ?? nowMs;
			this.#lastEnded.set(step, lastMs);
			if (nowMs - lastMs > stuckSteps * step * 1000 + stuckMs) {
				return `no job of step ${step} has ended for ${Math.round((nowMs - lastMs) / 1000)} s`;
			}
		}
		return null;
	}

	/** Has the next tick come after this delay, unless it comes sooner anyway. */
	#tickAfter(delayMs: number): void {
		const { clock } = this.#parts;
		const dueMs = clock.monotonicMs() + delayMs;
		if (this.#stopped || dueMs >= this.#tickDueMs) return;
		this.#cancelTick();
		this.#tickDueMs = dueMs;
		this.#cancelTick = clock.after(delayMs, () => {
			this.#tickDueMs = Number.POSITIVE_INFINITY;
			this.#tick();
		});
	}

	#tick(): void {
		const nowMs = this.#parts.clock.wallMs();
		const wentBack = nowMs < this.#lastTickMs;
		this.#lastTickMs = nowMs;
		let nextMs = Math.min(nowMs + tickAtMostMs, this.#endOverruns(nowMs));
		const rounds = this.#turns.roundsByProbe(nowMs, wentBack);
		// Those who wait have their turn before those who come.
		for (const batch of this.#waiting) {
			if (this.#isOverloaded(batch) || (nowMs < batch.nextLookMs && !wentBack)) continue;
			this.#guarded(batch, () => this.#attend(batch, rounds, nowMs));
		}
		for (const batch of this.#parts.batches) {
			if ((nowMs >= batch.nextLookMs || wentBack) && !this.#waiting.has(batch)) {
				this.#guarded(batch, () => this.#attend(batch, rounds, nowMs));
			}
			// One that waits for a lane is looked at when a job ends.
			if (batch.nextLookMs > nowMs) nextMs = Math.min(nextMs, batch.nextLookMs);
		}
		nextMs = Math.min(nextMs, this.#attendNewcomers(nowMs));
		this.#tickAfter(Math.max(tickAtLeastMs, nextMs - nowMs));
	}

	/** Ends the jobs whose slot is over. Returns when the next slot of a running job ends. */
	#endOverruns(nowMs: number): number {
		let nextMs = Number.POSITIVE_INFINITY;
		const monotonicMs = this.#parts.clock.monotonicMs();
		for (const job of this.#running) {
			if (job.controller.signal.aborted) continue;
			if (nowMs >= job.slotEndMs || monotonicMs >= job.deadlineMs) {
				job.overrun = true;
				job.controller.abort();
			} else {
				nextMs = Math.min(nextMs, job.slotEndMs);
			}
		}
		return nextMs;
	}

	/** A fault in one probe must not stop the others. */
	#guarded(batch: Batch, action: () => void): void {
		try {
			action();
		} catch (error) {
			const slot = slotAt(this.#parts.clock.wallMs(), batch.stepSeconds);
			batch.nextLookMs = slotEndMs(slot);
			const reason = `the probe ${batch.probe.name} has a fault: ${messageOf(error)}`;
			for (const live of ordersOf(batch)) {
				this.#parts.batches.newcomers.delete(live);
				live.recollection.lastFailure = { time: slot.startSeconds, reason };
			}
			this.#parts.fail([{ ids: idsOf(batch), reason }]);
		}
	}

	/** Starts the job of a batch if it is due, and says in the batch when to look again. */
	#attend(batch: Batch, roundsByProbe: ReadonlyMap<string, number>, nowMs: number): void {
		const slot = slotAt(nowMs, batch.stepSeconds);
		batch.nextLookMs = slotEndMs(slot);
		if (batch.byTarget.size === 0 || alreadyHandled(slot, batch.lastSlotSeconds)) {
			this.#waiting.delete(batch);
			return;
		}
		const needMs = needMsOf(batch);
		const place = this.#placeOf(batch, roundsByProbe);
		const dueMs = slot.startSeconds * 1000 + place.offsetMs;
		if (nowMs < dueMs && !this.#waiting.has(batch)) {
			batch.nextLookMs = dueMs;
			return;
		}
		const lateMs = nowMs - dueMs;
		const leftMs = slotEndMs(slot) - nowMs;
		const isOnTime = Math.abs(lateMs) <= place.windowMs * onTime;
		const windowMs = isOnTime ? place.windowMs : Math.min(place.windowMs, leftMs);
		// With a step that is all needed, those that start a little after the others never have the whole of it.
		const plannedMs = Math.min(needMs, place.windowMs, slotEndMs(slot) - dueMs);
		if (Math.min(windowMs, leftMs) < plannedMs * 0.9) {
			if (!this.#waiting.has(batch)) this.#skipSlot(batch, slot, 'too little of the slot was left');
			return;
		}
		if (this.#isOverloaded(batch)) {
			this.#waiting.add(batch);
			batch.nextLookMs = nowMs;
			return;
		}
		const orders = [...ordersOf(batch)].filter((live) => live.lastSlotSeconds !== slot.startSeconds);
		if (orders.some((live) => live.inFlight)) {
			// Its last job has been told to end.
			batch.nextLookMs = nowMs + tickAtLeastMs;
			return;
		}
		this.#countGap(batch, slot);
		this.#waiting.delete(batch);
		batch.lastSlotSeconds = slot.startSeconds;
		if (orders.length === 0) return;
		if (lateMs > Math.max(1000, place.windowMs / 10)) this.#count('late', orders);
		this.#run(batch, orders, slot, windowMs);
	}

	/** Where in each slot its job runs. */
	#placeOf(batch: Batch, roundsByProbe: ReadonlyMap<string, number>): Place {
		const stepMs = batch.stepSeconds * 1000;
		const roundsAtMost = Math.max(1, Math.floor(stepMs / needMsOf(batch)));
		const rounds = Math.min(roundsByProbe.get(batch.probe.name) ?? 1, roundsAtMost);
		return placeInSlot(batch.ordinal, stepMs, rounds);
	}

	#skipSlot(batch: Batch, slot: Slot, why: string): void {
		this.#countGap(batch, slot);
		batch.lastSlotSeconds = slot.startSeconds;
		this.#skip(batch, slot, 1, why);
	}

	/** Counts the slots between the last one that was handled and this one. */
	#countGap(batch: Batch, slot: Slot): void {
		const missed = (slot.startSeconds - batch.lastSlotSeconds) / slot.stepSeconds - 1;
		if (missed >= 1) {
			const waited = this.#waiting.has(batch);
			const reason = `too many jobs of ${batch.probe.name} at a time: give more orders the same step, pings and options`;
			const why = waited ? reason : 'the machine slept or its clock was set';
			const lastMissed = { ...slot, startSeconds: slot.startSeconds - slot.stepSeconds };
			this.#skip(batch, lastMissed, Math.round(missed), why);
			if (waited) this.#parts.fail([{ ids: idsOf(batch), reason }]);
		} else if (missed < -1) {
			this.#parts.log.warn(
				`the clock went back by about ${Math.round(-missed - 1)} slots of ${batch.stepSeconds} s`,
			);
		}
	}

	/** `slot`: the last one of so many. */
	#skip(batch: Batch, slot: Slot, slots: number, why: string): void {
		this.counters.skipped += batch.orders * slots;
		const skipped = { time: slot.startSeconds, reason: why };
		for (const live of ordersOf(batch)) live.recollection.skipped(slots, skipped);
		this.#parts.log.warn(`skipped ${slots} ${slots === 1 ? 'slot' : 'slots'} of ${describe(batch)}: ${why}`);
	}

	/** Measures orders that came in the middle of a slot in the rest of it. Returns when to look again. */
	#attendNewcomers(nowMs: number): number {
		const { newcomers } = this.#parts.batches;
		if (newcomers.size === 0) {
			this.#newcomersSeen = 0;
			return Number.POSITIVE_INFINITY;
		}
		if (newcomers.size !== this.#newcomersSeen) {
			if (this.#newcomersSeen === 0) this.#firstNewcomerMs = nowMs;
			this.#lastNewcomerMs = nowMs;
			this.#newcomersSeen = newcomers.size;
		}
		const readyMs = Math.min(this.#lastNewcomerMs + gatherMs, this.#firstNewcomerMs + gatherAtMostMs);
		// A reading before the first one means that the clock was set back.
		if (nowMs < readyMs && nowMs >= this.#firstNewcomerMs) return readyMs;

		const byBatch = new Map<Batch, LiveOrder[]>();
		for (const live of newcomers) append(byBatch, live.batch, live);
		for (const [batch, orders] of byBatch) {
			this.#guarded(batch, () => this.#runNewcomers(batch, orders, nowMs));
		}
		this.#newcomersSeen = newcomers.size;
		return newcomers.size === 0 ? Number.POSITIVE_INFINITY : nowMs + gatherMs;
	}

	#runNewcomers(batch: Batch, candidates: readonly LiveOrder[], nowMs: number): void {
		const { newcomers } = this.#parts.batches;
		const slot = slotAt(nowMs, batch.stepSeconds);
		const leftMs = slotEndMs(slot) - nowMs;
		const missing = candidates.filter((live) => live.lastSlotSeconds !== slot.startSeconds);
		// Those that a job of the last slot still measures have to wait for its end.
		const orders = missing.filter((live) => !live.inFlight);
		const targets = new Set(orders.map((live) => live.order.target)).size;
		if (leftMs >= batch.probe.needMs(Math.max(1, targets), batch)) {
			for (const live of candidates) if (live.lastSlotSeconds === slot.startSeconds) newcomers.delete(live);
			if (orders.length > 0 && this.#laneIsFree(batch, targets)) this.#run(batch, orders, slot, leftMs);
			return;
		}
		for (const live of candidates) newcomers.delete(live);
		// An order that was measured before has a gap here; its batch may still have its turn in this slot.
		if (batch.lastSlotSeconds < slot.startSeconds) return;
		const skipped = { time: slot.startSeconds, reason: 'too little of the slot was left after a change' };
		for (const live of missing) {
			if (live.lastSlotSeconds === null) continue;
			this.counters.skipped++;
			live.recollection.skipped(1, skipped);
		}
	}

	#count(what: 'late' | 'overrun', orders: readonly LiveOrder[]): void {
		this.counters[what] += orders.length;
		for (const { recollection } of orders) recollection.slots[what]++;
	}

	#laneIsFree(batch: Batch, targets: number): boolean {
		const load = this.#loads.get(batch.probe.name) ?? 0;
		return load + laneWeight(targets, batch.max) <= this.#lanesOf(batch);
	}

	#isOverloaded(batch: Batch): boolean {
		return (this.#loads.get(batch.probe.name) ?? 0) >= this.#lanesOf(batch) * lanesOverload;
	}

	#lanesOf({ probe: { name, lanes } }: Batch): number {
		return typeof lanes === 'number' ? lanes : lanes(this.#parts.toolsFor(name).settings);
	}

	/** Keeps count of how much of its lanes a probe uses. */
	#addLoad(probe: string, weight: number): void {
		// Rounded, so that thousands of small weights that come and go leave nothing behind.
		this.#loads.set(probe, Math.round(((this.#loads.get(probe) ?? 0) + weight) * 1e6) / 1e6);
	}

	#run(batch: Batch, orders: readonly LiveOrder[], slot: Slot, windowMs: number): void {
		for (const live of orders) {
			live.inFlight = true;
			live.lastSlotSeconds = slot.startSeconds;
			this.#parts.batches.newcomers.delete(live);
		}
		const targets = shuffled(new Set(orders.map((live) => live.order.target)));
		const { stepSeconds, pings, options } = batch;
		const job: Job = { slot, stepSeconds, pings, options, targets, windowMs };
		const { clock } = this.#parts;
		const record = new RunRecord(job, clock.wallMs());
		for (const live of orders) live.recollection.lastRun = record;
		const controller = new AbortController();
		const endMs = slotEndMs(slot);
		const running: RunningJob = {
			probe: batch.probe.name,
			weight: Math.round(laneWeight(targets.length, batch.max) * 1e6) / 1e6,
			controller,
			slotEndMs: endMs,
			deadlineMs: clock.monotonicMs() + endMs - clock.wallMs(),
			overrun: false,
			over: this.#measure(batch, job, controller, record)
				.then((outcome) => this.#settle(batch, orders, slot, outcome, running.overrun))
				.finally(() => {
					this.#running.delete(running);
					this.#addLoad(running.probe, -running.weight);
					this.#lastEnded.set(batch.stepSeconds, clock.monotonicMs());
					this.wake();
				}),
		};
		this.#running.add(running);
		this.#addLoad(running.probe, running.weight);
	}

	/** Runs the probe. Never rejects, and ends soon after it was told to even if the probe does not. */
	async #measure(batch: Batch, job: Job, controller: AbortController, record: RunRecord): Promise<Outcome> {
		const { clock, toolsFor } = this.#parts;
		const startedMs = clock.monotonicMs();
		let cancelGrace: () => void = () => {};
		const abandoned = new Promise<never>((_resolve, reject) => {
			controller.signal.addEventListener('abort', () => {
				cancelGrace = clock.after(graceMs, () => reject(new Error(`${batch.probe.name} could not be ended`)));
			});
		});
		abandoned.catch(() => {});
		try {
			const tools = record.watched({ ...toolsFor(batch.probe.name), signal: controller.signal }, job);
			const results = await Promise.race([batch.probe.measure(job, tools), abandoned]);
			return new Map(job.targets.map((target) => [target, checked(results.get(target), target)]));
		} catch (error) {
			const failure = { failure: messageOf(error) };
			return new Map(job.targets.map((target) => [target, failure]));
		} finally {
			cancelGrace();
			record.over(clock.monotonicMs() - startedMs);
		}
	}

	#settle(batch: Batch, orders: readonly LiveOrder[], slot: Slot, outcome: Outcome, overrun: boolean): void {
		const { log, record, fail, released } = this.#parts;
		const measurements: Measurement[] = [];
		const measured: Order[] = [];
		const idsByReason = new Map<string, string[]>();
		for (const live of orders) {
			live.inFlight = false;
			if (!live.alive || this.#stopped) continue;
			const result = outcome.get(live.order.target) ?? missingResult(live.order.target);
			if ('samples' in result) {
				const measurement = measurementOf(live.order, slot, result.samples, {}, result.extras);
				live.recollection.measured(measurement);
				measurements.push(measurement);
				measured.push(live.order);
			} else {
				live.recollection.failed({ time: slot.startSeconds, reason: result.failure });
				append(idsByReason, result.failure, live.order.id);
			}
		}
		this.counters.measured += measurements.length;
		const failed = orders.length - measurements.length;
		log.debug(`a job of ${describe(batch)} is over: ${measurements.length} orders measured, ${failed} not`);
		if (overrun) {
			this.#count('overrun', orders);
			log.warn(`overrun: a job of ${describe(batch)} was ended with its slot`);
		}
		if (measurements.length > 0) record(measurements, measured);
		const failures = [...idsByReason].map(([reason, ids]) => ({ ids, reason }));
		for (const { ids } of failures) this.counters.failed += ids.length;
		if (failures.length > 0) fail(failures);
		for (const live of orders) if (live.alive) released(live);
	}
}

/** By target: samples, or why there are none. */
type Outcome = ReadonlyMap<string, TargetResult>;

/** What a probe says of a target, if it is what a probe may say. */
function checked(result: TargetResult | undefined, target: string): TargetResult {
	if (result === undefined || ('samples' in result && !(result.samples?.length > 0)))
		return missingResult(target);
	return result;
}

function missingResult(target: string): TargetResult {
	return { failure: `the probe gave no result for ${target}` };
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function needMsOf(batch: Batch): number {
	return batch.probe.needMs(batch.byTarget.size, batch);
}

function* ordersOf(batch: Batch): Generator<LiveOrder> {
	for (const sharers of batch.byTarget.values()) yield* sharers;
}

function idsOf(batch: Batch): string[] {
	return [...ordersOf(batch)].map((live) => live.order.id);
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
	const list = lists.get(key);
	if (list === undefined) lists.set(key, [value]);
	else list.push(value);
}

/**
 * Whether the job of this slot has been dealt with. A clock that is corrected by less than a step must not measure a
 * slot twice; one that is set back by more must not stop the measuring until it has caught up.
 */
function alreadyHandled(slot: Slot, lastSlotSeconds: number): boolean {
	return slot.startSeconds <= lastSlotSeconds && lastSlotSeconds - slot.startSeconds <= slot.stepSeconds;
}

function describe(batch: Batch): string {
	const targets = batch.byTarget.size;
	return `${batch.probe.name} (step ${batch.stepSeconds}, pings ${batch.pings}, ${targets} ${targets === 1 ? 'target' : 'targets'})`;
}
