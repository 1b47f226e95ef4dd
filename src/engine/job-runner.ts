import type { SlotCounts } from '../model/answers.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import type { OrderIdentity, Outcome } from '../model/outcome.ts';
import type { Job, ProbeTools, TargetResult } from '../model/probe.ts';
import { type Slot, slotEndMs } from '../model/slot.ts';
import { type Batch, type LiveOrder, noSlots } from './batch.ts';
import { type EarlyStream, earlyTools } from './early-pings.ts';
import type { Lanes } from './lanes.ts';
import { type JobResults, measureJob } from './measure-job.ts';
import { OutcomeMaker, type Why } from './outcome-maker.ts';
import { type RouteTracer, withRoute } from './route-tracer.ts';
import { RunRecord } from './run-record.ts';
import { shuffled } from './spread.ts';

/** Whom the runner tells, and what it lends to probes. */
export interface RunnerParts {
	readonly clock: Clock;
	readonly log: Log;
	/** What a probe is lent, but for its signal. */
	toolsFor(probeName: string): Omit<ProbeTools, 'signal' | 'early'>;
	/** Who wants to be told pings early. */
	readonly early: EarlyStream;
	/** Who an order is, as outcomes tell it. */
	identityOf(order: Order): OrderIdentity;
	/** Takes what came of live orders. */
	tell(outcomes: readonly Outcome[]): void;
	/** Traces the ways of orders that ask for it. */
	readonly routes?: RouteTracer;
	/** A job that measured this order is over. */
	released(order: LiveOrder): void;
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

/** Of the slots of a gap so many are told, the newest: after a sleep there may be a million. All are counted. */
const skippedToldMax = 10;

/** So many outcomes of measured orders are told at a time: with more of them V8 takes them for what stays. */
const lotMax = 100;

/** Runs jobs, ends those that do not end by themselves, and tells what came of every order in every slot. */
export class JobRunner {
	/** Since the daemon started, in orders times slots. */
	readonly counters: SlotCounts = noSlots();
	readonly #parts: RunnerParts;
	readonly #lanes: Lanes;
	readonly #over: (batch: Batch) => void;
	readonly #maker: OutcomeMaker;
	readonly #running = new Set<RunningJob>();
	#stopped = false;

	/** @param over takes the batch whose job is over, after its results have been told */
	constructor(parts: RunnerParts, lanes: Lanes, over: (batch: Batch) => void) {
		this.#parts = parts;
		this.#lanes = lanes;
		this.#over = over;
		this.#maker = new OutcomeMaker(parts.clock);
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
		const { early, identityOf, toolsFor } = this.#parts;
		const lent = {
			...toolsFor(batch.probe.name),
			signal: controller.signal,
			early: earlyTools(early, orders, slot, identityOf),
		};
		const tools = record.watched(lent, job);
		for (const live of orders) {
			live.inFlight = true;
			live.lastSlotSeconds = slot.startSeconds;
			live.lastRun = record;
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
					this.#settle(batch, orders, slot, results, { record, overrun: running.overrun });
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
		this.#parts.routes?.stop();
		await Promise.all(ending.map((job) => job.over));
	}

	/** The job of a batch starts late. */
	late(orders: readonly LiveOrder[]): void {
		this.#count('late', orders);
	}

	/** There was no job for these orders of a batch in so many slots. `last`: of these slots. */
	skip(orders: Iterable<LiveOrder>, slots: number, last: Slot, why: Why): void {
		const outcomes: Outcome[] = [];
		for (const live of orders) {
			this.counters.skipped += slots;
			live.slots.skipped += slots;
			for (let before = Math.min(slots, skippedToldMax) - 1; before >= 0; before--) {
				const slot = { ...last, startSeconds: last.startSeconds - before * last.stepSeconds };
				outcomes.push(this.#notMeasured('skipped', live, slot, why));
			}
		}
		this.#parts.tell(outcomes);
	}

	/** Why a batch could not be measured, though no job of it was running. */
	refuse(batch: Batch, slot: Slot, reason: string): void {
		const why = { code: 'probe_failed', reason } as const;
		this.#parts.tell(Array.from(batch, (live) => this.#notMeasured('failed', live, slot, why)));
	}

	#notMeasured(kind: 'failed' | 'skipped', { order }: LiveOrder, slot: Slot, why: Why): Outcome {
		return this.#maker.not(kind, this.#parts.identityOf(order), order.pings, slot, why);
	}

	#settle(
		batch: Batch,
		orders: readonly LiveOrder[],
		slot: Slot,
		results: JobResults,
		{ record, overrun }: { readonly record: RunRecord; readonly overrun: boolean },
	): void {
		const { log, released } = this.#parts;
		for (const live of orders) live.inFlight = false;
		const measured = this.#tellResults(batch, orders, slot, results, { record, overrun });
		const failed = orders.length - measured;
		log.debug(`a job of ${batch.description} is over: ${measured} orders measured, ${failed} not`);
		if (overrun) {
			this.#count('overrun', orders);
			log.warn(
				`overrun: a job of ${batch.description} was ended with its slot`,
				`overrun ${batch.probe.name}`,
			);
		}
		for (const live of orders) if (live.alive) released(live);
	}

	/**
	 * Returns how many were measured. These are told in lots, so that those of one are garbage before the next is made; the
	 * others at the end and all together, so that the log can tell those with one reason together.
	 */
	#tellResults(
		batch: Batch,
		orders: readonly LiveOrder[],
		slot: Slot,
		results: JobResults,
		{ record, overrun }: { readonly record: RunRecord; readonly overrun: boolean },
	): number {
		const { tell, identityOf, routes } = this.#parts;
		const failed: [LiveOrder, TargetResult][] = [];
		const outcomeOf = ({ order }: LiveOrder, result: TargetResult) => {
			const address = record.addressOf(order.target);
			const who = { identity: identityOf(order), pings: order.pings, probe: batch.probe, address };
			return this.#maker.of(who, slot, withRoute(result, order, routes), overrun);
		};
		let lot: Outcome[] = [];
		let measured = 0;
		for (const live of orders) {
			if (!live.alive || this.#stopped) continue;
			const result = results.get(live.order.target);
			if (!('samples' in result)) {
				failed.push([live, result]);
				continue;
			}
			measured++;
			live.slots.measured++;
			lot.push(outcomeOf(live, result));
			if (lot.length < lotMax) continue;
			tell(lot);
			lot = [];
		}
		for (const [live, result] of failed) {
			live.slots.failed++;
			lot.push(outcomeOf(live, result));
		}
		this.counters.measured += measured;
		this.counters.failed += failed.length;
		tell(lot);
		return measured;
	}

	#count(what: 'late' | 'overrun', orders: readonly LiveOrder[]): void {
		this.counters[what] += orders.length;
		for (const { slots } of orders) slots[what]++;
	}
}
