import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { type Measurement, measurementOf } from '../model/measurement.ts';
import type { Job, ProbeResults, ProbeTools } from '../model/probe.ts';
import { type Slot, slotAt, slotEndMs } from '../model/slot.ts';
import { type Batch, type Batches, type LiveOrder, laneWeight } from './batches.ts';
import { placeInSlot, roundsNeeded, shuffled } from './spread.ts';

/** What the scheduler needs of the rest of the house. */
export interface SchedulerParts {
	readonly batches: Batches;
	readonly clock: Clock;
	readonly log: Log;
	/** What a probe is lent, but for its signal. */
	toolsFor(probeName: string): Omit<ProbeTools, 'signal'>;
	/** Takes what was measured. */
	record(measurements: readonly Measurement[]): void;
	/** Takes the reason why live orders could not be measured in a slot. */
	fail(orderIds: readonly string[], reason: string): void;
	/** A job that measured this order is over. */
	released(order: LiveOrder): void;
}

/** How often things happened since the daemon started, in orders times slots. */
export interface SlotCounters {
	/** Slots measured to the end. */
	measured: number;
	/** Of those, slots whose job was cut short at the end of the slot, so that some pings are missing. */
	overrun: number;
	/** Slots whose job started more than a second, or a tenth of its window, too late. */
	late: number;
	/** Slots with no job: the machine slept, the clock was set, or too little of the slot was left. Unknown. */
	skipped: number;
	/** Slots whose job gave no samples for the order. Unknown. */
	failed: number;
}

/** A job of which the engine has not seen the end. */
interface RunningJob {
	readonly probe: string;
	readonly weight: number;
	readonly orders: readonly LiveOrder[];
	readonly controller: AbortController;
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
/** Beyond this many times its lanes a probe gets no new job. */
const lanesOverload = 2;

/**
 * Makes one job of each batch in each slot and hands on what came of it.
 *
 * Slots are computed from the wall clock anew at each tick, so a clock that is set or a machine that slept costs the
 * slots that are gone, and no more. Within its slot every batch has a fixed place.
 */
export class Scheduler {
	readonly counters: SlotCounters = { measured: 0, overrun: 0, late: 0, skipped: 0, failed: 0 };
	readonly #parts: SchedulerParts;
	readonly #running = new Set<RunningJob>();
	#cancelTick: () => void = () => {};
	#stopped = true;
	#lastTickMs = 0;
	#roundsByProbe: ReadonlyMap<string, number> = new Map();
	#roundsCountedMs = 0;
	#roundsBatches = 0;
	#newcomersSeen = 0;
	#firstNewcomerMs = 0;
	#lastNewcomerMs = 0;

	constructor(parts: SchedulerParts) {
		this.#parts = parts;
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
		if (!this.#stopped) this.#tickAfter(tickAtLeastMs);
	}

	get jobsRunning(): number {
		return this.#running.size;
	}

	/** Names a batch whose jobs have not come to an end for more than two steps, or null when all is well. */
	stuck(): string | null {
		const nowMs = this.#parts.clock.monotonicMs();
		for (const batch of this.#parts.batches) {
			if (nowMs - batch.lastEndedMs > 2000 * batch.stepSeconds + 30_000) {
				return `no job of ${describe(batch)} has ended for ${Math.round((nowMs - batch.lastEndedMs) / 1000)} s`;
			}
		}
		return null;
	}

	#tickAfter(delayMs: number): void {
		this.#cancelTick();
		this.#cancelTick = this.#parts.clock.after(delayMs, () => this.#tick());
	}

	#tick(): void {
		const nowMs = this.#parts.clock.wallMs();
		const wentBack = nowMs < this.#lastTickMs;
		this.#lastTickMs = nowMs;
		let nextMs = nowMs + tickAtMostMs;
		const rounds = this.#rounds(nowMs, wentBack);
		for (const batch of this.#parts.batches) {
			if (nowMs >= batch.nextLookMs || wentBack) {
				batch.nextLookMs = this.#attend(batch, rounds.get(batch.probe.name) ?? 1, nowMs);
			}
			nextMs = Math.min(nextMs, batch.nextLookMs);
		}
		nextMs = Math.min(nextMs, this.#attendNewcomers(nowMs));
		if (!this.#stopped) this.#tickAfter(Math.max(tickAtLeastMs, nextMs - nowMs));
	}

	/**
	 * How many turns the batches of each probe take in a slot, so that no more than its lanes run at a time. Counted
	 * anew once a second at most: there may be thousands of batches.
	 */
	#rounds(nowMs: number, wentBack: boolean): ReadonlyMap<string, number> {
		const { batches } = this.#parts;
		const isRecent = nowMs < this.#roundsCountedMs + tickAtMostMs && !wentBack;
		if (isRecent && batches.size === this.#roundsBatches) return this.#roundsByProbe;
		const weights = new Map<string, number>();
		const rounds = new Map<string, number>();
		for (const batch of batches) {
			const weight = (weights.get(batch.probe.name) ?? 0) + batch.weight;
			weights.set(batch.probe.name, weight);
			rounds.set(batch.probe.name, roundsNeeded(weight, batch.probe.lanes));
		}
		this.#roundsCountedMs = nowMs;
		this.#roundsBatches = batches.size;
		this.#roundsByProbe = rounds;
		return rounds;
	}

	/** Starts the job of a batch if it is due. Returns when to look again, wall milliseconds. */
	#attend(batch: Batch, rounds: number, nowMs: number): number {
		const slot = slotAt(nowMs, batch.stepSeconds);
		if (alreadyHandled(slot, batch.lastSlotSeconds)) return slotEndMs(slot);

		const stepMs = batch.stepSeconds * 1000;
		const needMs = batch.probe.needMs(batch.byTarget.size, batch);
		const place = placeInSlot(
			batch.ordinal,
			stepMs,
			Math.min(rounds, Math.max(1, Math.floor(stepMs / needMs))),
		);
		const dueMs = slot.startSeconds * 1000 + place.offsetMs;
		if (nowMs < dueMs) return dueMs;

		const orders: LiveOrder[] = [];
		for (const sharers of batch.byTarget.values()) {
			for (const live of sharers) {
				if (live.lastSlotSeconds !== slot.startSeconds) orders.push(live);
			}
		}
		const lateMs = nowMs - dueMs;
		const windowMs = lateMs <= place.windowMs * onTime ? place.windowMs : place.windowMs - lateMs;
		const fits = Math.min(windowMs, slotEndMs(slot) - nowMs) >= Math.min(needMs, place.windowMs) * 0.9;
		if (fits && (orders.some((live) => live.inFlight) || this.#overloaded(batch)))
			return nowMs + tickAtLeastMs;

		this.#countGap(batch, slot);
		batch.lastSlotSeconds = slot.startSeconds;
		if (orders.length === 0) {
			batch.lastEndedMs = this.#parts.clock.monotonicMs();
		} else if (fits) {
			if (lateMs > Math.max(1000, place.windowMs / 10)) this.counters.late += orders.length;
			this.#run(batch, orders, slot, windowMs);
		} else {
			this.#skip(batch, orders.length, 1, 'too little of the slot was left');
		}
		return slotEndMs(slot);
	}

	/** Counts the slots between the last one that was handled and this one. */
	#countGap(batch: Batch, slot: Slot): void {
		const missed = (slot.startSeconds - batch.lastSlotSeconds) / slot.stepSeconds - 1;
		if (missed > 0) this.#skip(batch, batch.byTarget.size, missed, 'the machine slept or its clock was set');
		else if (missed < -1) {
			this.#parts.log.warn(`the clock went back by about ${-missed - 1} slots of ${batch.stepSeconds} s`);
		}
	}

	#skip(batch: Batch, orders: number, slots: number, why: string): void {
		this.counters.skipped += orders * slots;
		batch.lastEndedMs = this.#parts.clock.monotonicMs();
		this.#parts.log.warn(`skipped ${slots} slots of ${describe(batch)}: ${why}`);
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
		for (const [batch, orders] of byBatch) this.#runNewcomers(batch, orders, nowMs);
		this.#newcomersSeen = newcomers.size;
		return newcomers.size === 0 ? Number.POSITIVE_INFINITY : nowMs + gatherMs;
	}

	#runNewcomers(batch: Batch, candidates: readonly LiveOrder[], nowMs: number): void {
		const { newcomers } = this.#parts.batches;
		const slot = slotAt(nowMs, batch.stepSeconds);
		const remainingMs = slotEndMs(slot) - nowMs;
		const orders = candidates.filter((live) => live.lastSlotSeconds !== slot.startSeconds);
		const targets = new Set(orders.map((live) => live.order.target)).size;
		const waits = orders.length > 0 && remainingMs >= batch.probe.needMs(targets, batch);
		if (waits && this.#laneIsFree(batch, targets)) this.#run(batch, orders, slot, remainingMs);
		else if (waits) return;
		for (const live of candidates) newcomers.delete(live);
	}

	#load(probe: string): number {
		let load = 0;
		for (const job of this.#running) if (job.probe === probe) load += job.weight;
		return load;
	}

	#laneIsFree(batch: Batch, targets: number): boolean {
		return this.#load(batch.probe.name) + laneWeight(targets, batch.max) <= batch.probe.lanes;
	}

	#overloaded(batch: Batch): boolean {
		return this.#load(batch.probe.name) >= batch.probe.lanes * lanesOverload;
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
		const controller = new AbortController();
		const running: RunningJob = {
			probe: batch.probe.name,
			weight: laneWeight(targets.length, batch.max),
			orders,
			controller,
			over: this.#measure(batch, job, controller)
				.then((outcome) => this.#settle(batch, orders, slot, outcome))
				.finally(() => {
					this.#running.delete(running);
					this.wake();
				}),
		};
		this.#running.add(running);
	}

	/** Runs the probe; never rejects, and ends soon after the slot even if the probe does not. */
	async #measure(batch: Batch, job: Job, controller: AbortController): Promise<Outcome> {
		const { clock, toolsFor } = this.#parts;
		let overrun = false;
		let cancelGrace: () => void = () => {};
		const cancelDeadline = clock.after(Math.max(0, slotEndMs(job.slot) - clock.wallMs()), () => {
			overrun = true;
			controller.abort();
		});
		const abandoned = new Promise<never>((_resolve, reject) => {
			controller.signal.addEventListener('abort', () => {
				cancelGrace = clock.after(graceMs, () => reject(new Error(`${batch.probe.name} could not be ended`)));
			});
		});
		abandoned.catch(() => {});
		try {
			const tools = { ...toolsFor(batch.probe.name), signal: controller.signal };
			const results = await Promise.race([batch.probe.measure(job, tools), abandoned]);
			return { results, overrun };
		} catch (error) {
			return { failure: error instanceof Error ? error.message : String(error), overrun };
		} finally {
			cancelDeadline();
			cancelGrace();
		}
	}

	#settle(batch: Batch, orders: readonly LiveOrder[], slot: Slot, outcome: Outcome): void {
		const { clock, log, record, released } = this.#parts;
		batch.lastEndedMs = clock.monotonicMs();
		const measurements: Measurement[] = [];
		const failures = new Map<string, string[]>();
		for (const live of orders) {
			live.inFlight = false;
			if (!live.alive || this.#stopped) continue;
			const result = resultFor(live.order.target, outcome);
			if ('samples' in result) measurements.push(measurementOf(live.order, slot, result.samples));
			else append(failures, result.failure, live.order.id);
		}
		this.counters.measured += measurements.length;
		if (outcome.overrun) {
			this.counters.overrun += orders.length;
			log.warn(`overrun: a job of ${describe(batch)} was ended with its slot`);
		}
		if (measurements.length > 0) record(measurements);
		for (const [reason, ids] of failures) {
			this.counters.failed += ids.length;
			this.#parts.fail(ids, reason);
		}
		for (const live of orders) if (live.alive) released(live);
	}
}

type Outcome = ({ readonly results: ProbeResults } | { readonly failure: string }) & {
	readonly overrun: boolean;
};

function resultFor(target: string, outcome: Outcome): NonNullable<ReturnType<ProbeResults['get']>> {
	if ('failure' in outcome) return { failure: outcome.failure };
	const result = outcome.results.get(target);
	if (result === undefined || ('samples' in result && result.samples.length === 0)) {
		return { failure: `the probe gave no result for ${target}` };
	}
	return result;
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
