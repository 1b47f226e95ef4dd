import { noSlots } from '../memory/recollection.ts';
import { RunRecord } from '../memory/run-record.ts';
import type { SlotCounts } from '../model/answers.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { type Measurement, measurementOf } from '../model/measurement.ts';
import type { Order } from '../model/order.ts';
import type { Job, ProbeTools } from '../model/probe.ts';
import { type Slot, slotEndMs } from '../model/slot.ts';
import type { Batch, LiveOrder } from './batch.ts';
import type { Lanes } from './lanes.ts';
import { type JobResults, measureJob, missingResult } from './measure-job.ts';
import { shuffled } from './spread.ts';

/** Whom the runner tells, and what it lends to probes. */
export interface RunnerParts {
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
	readonly controller: AbortController;
	/** End of its slot by the wall clock and, should that be set back, by the monotonic one. Milliseconds. */
	readonly slotEndMs: number;
	readonly deadlineMs: number;
	/** It was ended because its slot was over. */
	overrun: boolean;
	/** Settles when the job is over and its results have been handed on. */
	readonly over: Promise<void>;
}

/** Runs jobs, ends those that do not end by themselves, and tells what came of every order in every slot. */
export class JobRunner {
	/** Since the daemon started, in orders times slots. */
	readonly counters: SlotCounts = noSlots();
	readonly #parts: RunnerParts;
	readonly #lanes: Lanes;
	readonly #over: (batch: Batch) => void;
	readonly #running = new Set<RunningJob>();
	#stopped = false;

	/** @param over takes the batch whose job is over, after its results have been told */
	constructor(parts: RunnerParts, lanes: Lanes, over: (batch: Batch) => void) {
		this.#parts = parts;
		this.#lanes = lanes;
		this.#over = over;
	}

	/** How many jobs are running. */
	get size(): number {
		return this.#running.size;
	}

	/** Measures these orders of a batch. None of them may be in flight. */
	run(batch: Batch, orders: readonly LiveOrder[], slot: Slot, windowMs: number): void {
		const targets = shuffled(new Set(orders.map((live) => live.order.target)));
		const { stepSeconds, pings, options } = batch;
		const job: Job = { slot, stepSeconds, pings, options, targets, windowMs };
		const { clock } = this.#parts;
		const record = new RunRecord(job, clock.wallMs());
		const controller = new AbortController();
		const lent = { ...this.#parts.toolsFor(batch.probe.name), signal: controller.signal };
		const tools = record.watched(lent, job);
		for (const live of orders) {
			live.inFlight = true;
			live.lastSlotSeconds = slot.startSeconds;
			live.recollection.lastRun = record;
		}
		const startedMs = clock.monotonicMs();
		const giveBack = this.#lanes.take(batch, targets.length);
		const endMs = slotEndMs(slot);
		const running: RunningJob = {
			controller,
			slotEndMs: endMs,
			deadlineMs: clock.monotonicMs() + endMs - clock.wallMs(),
			overrun: false,
			over: measureJob(batch.probe, job, tools, clock)
				.then((results) => {
					record.over(clock.monotonicMs() - startedMs);
					this.#settle(batch, orders, slot, results, running.overrun);
				})
				.finally(() => {
					this.#running.delete(running);
					giveBack();
					this.#over(batch);
				}),
		};
		this.#running.add(running);
	}

	/** Ends the jobs whose slot is over. Returns when the next slot of a running job ends, wall milliseconds. */
	endOverruns(nowMs: number): number {
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

	/** Ends all jobs; what they measured so far is dropped, since the slot will be measured anew after a restart. */
	async stop(): Promise<void> {
		this.#stopped = true;
		const ending = [...this.#running];
		for (const job of ending) job.controller.abort();
		await Promise.all(ending.map((job) => job.over));
	}

	/** The job of a batch starts late. */
	late(orders: readonly LiveOrder[]): void {
		this.#count('late', orders);
	}

	/** There was no job for these orders of a batch in so many slots. `last`: of these slots. */
	skip(orders: Iterable<LiveOrder>, slots: number, last: Slot, reason: string): void {
		const skipped = { time: last.startSeconds, reason };
		for (const live of orders) {
			this.counters.skipped += slots;
			live.recollection.skipped(slots, skipped);
		}
	}

	/** Why a batch could not be measured, though no job of it was running. */
	refuse(batch: Batch, slot: Slot, reason: string): void {
		const ids: string[] = [];
		for (const live of batch) {
			live.recollection.lastFailure = { time: slot.startSeconds, reason };
			ids.push(live.order.id);
		}
		this.#parts.fail([{ ids, reason }]);
	}

	#settle(
		batch: Batch,
		orders: readonly LiveOrder[],
		slot: Slot,
		results: JobResults,
		overrun: boolean,
	): void {
		const { log, record, fail, released } = this.#parts;
		const measurements: Measurement[] = [];
		const measured: Order[] = [];
		const idsByReason = new Map<string, string[]>();
		for (const live of orders) {
			live.inFlight = false;
			if (!live.alive || this.#stopped) continue;
			const result = results.get(live.order.target) ?? missingResult(live.order.target);
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
		log.debug(`a job of ${batch.description} is over: ${measurements.length} orders measured, ${failed} not`);
		if (overrun) {
			this.#count('overrun', orders);
			log.warn(`overrun: a job of ${batch.description} was ended with its slot`);
		}
		if (measurements.length > 0) record(measurements, measured);
		const failures = [...idsByReason].map(([reason, ids]) => ({ ids, reason }));
		for (const { ids } of failures) this.counters.failed += ids.length;
		if (failures.length > 0) fail(failures);
		for (const live of orders) if (live.alive) released(live);
	}

	#count(what: 'late' | 'overrun', orders: readonly LiveOrder[]): void {
		this.counters[what] += orders.length;
		for (const { recollection } of orders) recollection.slots[what]++;
	}
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
	const list = lists.get(key);
	if (list === undefined) lists.set(key, [value]);
	else list.push(value);
}
