import type { SlotCounts } from '../model/answers.ts';
import { type Slot, slotAt, slotEndMs } from '../model/slot.ts';
import type { Batch, LiveOrder } from './batch.ts';
import type { Batches } from './batches.ts';
import { JobRunner, type RunnerParts } from './job-runner.ts';
import { Lanes, type RoundsOf } from './lanes.ts';
import { LostTime, type TimeSources } from './lost-time.ts';
import { messageOf } from './measure-job.ts';
import type { Why } from './outcome-maker.ts';
import { isHandled, planOf, slotsMissed } from './plan.ts';
import { Span } from './span.ts';
import { type Place, placeInSlot } from './spread.ts';
import { StuckWatch } from './stuck-watch.ts';

/** What the scheduler needs of the rest of the house. */
export interface SchedulerParts extends RunnerParts {
	readonly batches: Batches;
	/** By default those of this machine and process. */
	readonly timeSources?: TimeSources;
}

const tickAtLeastMs = 10;
/** The wall clock, which may be set, is looked at after this: when the machine is awake anyway, or at last. */
const watchClockMs = 200;
const watchClockSlackMs = 800;
/** So long a tick may wait for something else to be due. */
const wakeSlackMs = 40;
/** What is due at about the same time is done in one tick: a job may start so much later, as a part of its step. */
const startSlackShare = 0.005;
const startSlackAtMostMs = 100;

/**
 * Makes one job of each batch in each slot.
 *
 * Slots are computed from the wall clock anew at each tick, so a clock that is set or a machine that slept costs the
 * slots that are gone, and no more. Within its slot every batch has a fixed place.
 */
export class Scheduler {
	readonly #parts: SchedulerParts;
	readonly #lanes: Lanes;
	readonly #runner: JobRunner;
	readonly #watch = new StuckWatch();
	readonly #lostTime: LostTime;
	/** The job of a batch waits until another is over that still measures some of its orders. */
	#isHeldUp = false;
	#cancelTick: () => void = () => {};
	#tickByMs = Number.POSITIVE_INFINITY;
	#stopped = true;
	#lastTickMs = 0;

	constructor(parts: SchedulerParts) {
		this.#parts = parts;
		this.#lanes = new Lanes(parts.batches, (probe) => parts.toolsFor(probe).settings);
		this.#lostTime = new LostTime(parts.clock, parts.timeSources);
		this.#runner = new JobRunner(parts, this.#lanes, (batch) => {
			this.#watch.ended(batch.stepSeconds, parts.clock.monotonicMs());
			if (this.#isHeldUp || this.#lanes.hasWaiting || parts.batches.newcomers.size > 0) this.wake();
		});
	}

	start(): void {
		this.#stopped = false;
		this.#tickAfter(0, 0);
	}

	/** Ends all jobs; what they measured so far is dropped, since the slot will be measured anew after a restart. */
	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancelTick();
		await this.#runner.stop();
	}

	/** Something changed that may make a job due at once. */
	wake(): void {
		this.#tickAfter(tickAtLeastMs, wakeSlackMs);
	}

	/** Since the daemon started, in orders times slots. */
	get counters(): Readonly<SlotCounts> {
		return this.#runner.counters;
	}

	get jobsRunning(): number {
		return this.#runner.size;
	}

	/** When the next job for an order is due, milliseconds since the epoch: now, if it waits for a free lane. */
	nextDueMs(live: LiveOrder): number {
		const { batch, lastSlotSeconds } = live;
		const nowMs = this.#parts.clock.wallMs();
		if (this.#parts.batches.newcomers.has(live)) return nowMs;
		const slot = slotAt(nowMs, batch.stepSeconds);
		const { offsetMs } = placeOf(batch, this.#lanes.rounds(nowMs, false));
		const isOver =
			isHandled(slot, batch.lastSlotSeconds) || isHandled(slot, lastSlotSeconds ?? Number.NEGATIVE_INFINITY);
		return Math.max(nowMs, (isOver ? slotEndMs(slot) : slot.startSeconds * 1000) + offsetMs);
	}

	/** Names a step of which no job has come to an end for more than three steps, or null when all is well. */
	stuck(): string | null {
		const steps = new Set<number>();
		for (const batch of this.#parts.batches) steps.add(batch.stepSeconds);
		return this.#watch.stuck(steps, this.#parts.clock.monotonicMs());
	}

	/** Has the next tick come after this delay, or so much later, unless it comes sooner anyway. */
	#tickAfter(delayMs: number, slackMs: number): void {
		const { clock } = this.#parts;
		const byMs = clock.monotonicMs() + delayMs + slackMs;
		if (this.#stopped || byMs >= this.#tickByMs) return;
		this.#cancelTick();
		this.#tickByMs = byMs;
		const tick = () => {
			this.#tickByMs = Number.POSITIVE_INFINITY;
			this.#tick();
		};
		this.#cancelTick = clock.after(delayMs, tick, slackMs);
	}

	#tick(): void {
		this.#lostTime.look();
		const nowMs = this.#parts.clock.wallMs();
		const wentBack = nowMs < this.#lastTickMs;
		this.#lastTickMs = nowMs;
		this.#isHeldUp = false;
		const next = new Span(nowMs + watchClockMs, watchClockSlackMs);
		next.include(this.#runner.endOverruns(nowMs), 0);
		const rounds = this.#lanes.rounds(nowMs, wentBack);
		const isDue = (batch: Batch) => nowMs >= batch.nextLookMs || wentBack;
		// Those who wait have their turn before those who come.
		for (const batch of this.#lanes.waiting) {
			if (isDue(batch) && !this.#lanes.isOverloaded(batch)) this.#attend(batch, rounds, nowMs);
		}
		for (const batch of this.#parts.batches) {
			if (isDue(batch) && !this.#lanes.isWaiting(batch)) this.#attend(batch, rounds, nowMs);
			// One that waits for the end of a job is looked at then.
			if (batch.nextLookMs > nowMs) next.include(batch.nextLookMs, startSlackMs(batch));
		}
		next.include(this.#attendNewcomers(nowMs), wakeSlackMs);
		this.#tickAfter(Math.max(tickAtLeastMs, next.earliestMs - nowMs), next.slackMs);
	}

	/** A fault in one probe must not stop the others. */
	#guarded(batch: Batch, action: () => void): void {
		try {
			action();
		} catch (error) {
			const slot = slotAt(this.#parts.clock.wallMs(), batch.stepSeconds);
			batch.nextLookMs = slotEndMs(slot);
			for (const live of batch) this.#parts.batches.newcomers.delete(live);
			this.#runner.refuse(batch, slot, `the probe ${batch.probe.name} has a fault: ${messageOf(error)}`);
		}
	}

	/** Starts the job of a batch if it is due, and says in the batch when to look again. */
	#attend(batch: Batch, rounds: RoundsOf, nowMs: number): void {
		this.#guarded(batch, () => {
			if (batch.byTarget.size === 0) this.#rest(batch, slotEndMs(slotAt(nowMs, batch.stepSeconds)), 'done');
			else this.#follow(batch, rounds, nowMs);
		});
	}

	#follow(batch: Batch, rounds: RoundsOf, nowMs: number): void {
		const plan = planOf({
			nowMs,
			stepSeconds: batch.stepSeconds,
			lastSlotSeconds: batch.lastSlotSeconds,
			place: placeOf(batch, rounds),
			needMs: batch.needMs,
			isWaiting: this.#lanes.isWaiting(batch),
			lacksLane: this.#lanes.isOverloaded(batch),
		});
		if (plan.action === 'run') {
			this.#start(batch, plan, nowMs);
		} else if (plan.action === 'wait') {
			this.#lanes.wait(batch);
			batch.nextLookMs = nowMs;
		} else {
			if (plan.action === 'skip') this.#skipSlot(batch, plan.slot);
			this.#rest(batch, plan.untilMs, plan.action);
		}
	}

	#rest(batch: Batch, untilMs: number, action: 'done' | 'rest' | 'skip'): void {
		batch.nextLookMs = untilMs;
		if (action === 'done') this.#lanes.waitNoMore(batch);
	}

	#start(
		batch: Batch,
		{ slot, windowMs, isLate }: { slot: Slot; windowMs: number; isLate: boolean },
		nowMs: number,
	): void {
		const orders = [...batch].filter((live) => live.lastSlotSeconds !== slot.startSeconds);
		if (orders.some((live) => live.inFlight)) {
			// Its last job has been told to end.
			this.#isHeldUp = true;
			batch.nextLookMs = nowMs;
			return;
		}
		this.#countGap(batch, slot);
		this.#lanes.waitNoMore(batch);
		batch.lastSlotSeconds = slot.startSeconds;
		batch.nextLookMs = slotEndMs(slot);
		if (orders.length === 0) return;
		if (isLate) this.#runner.late(orders);
		this.#run(batch, orders, slot, windowMs);
	}

	#skipSlot(batch: Batch, slot: Slot): void {
		this.#countGap(batch, slot);
		batch.lastSlotSeconds = slot.startSeconds;
		this.#skip(batch, 1, slot, { code: 'overrun', reason: 'too little of the slot was left' });
	}

	/** Counts the slots between the last one that was handled and this one. */
	#countGap(batch: Batch, slot: Slot): void {
		const missed = slotsMissed(slot, batch.lastSlotSeconds);
		if (missed >= 1) {
			const waited = this.#lanes.isWaiting(batch);
			const reason = `too many jobs of ${batch.probe.name} at a time: ${howToHaveFewer(batch)}`;
			const lastMissed = { ...slot, startSeconds: slot.startSeconds - slot.stepSeconds };
			const from = (batch.lastSlotSeconds + slot.stepSeconds) * 1000;
			const lost = this.#lostTime.why(from, slot.startSeconds * 1000);
			this.#skip(batch, missed, lastMissed, waited ? { code: 'limited', reason } : lost);
		} else if (missed < -1) {
			this.#parts.log.warn(
				`the clock went back by about ${-missed - 1} slots of ${batch.stepSeconds} s`,
				'clock_back',
			);
		}
	}

	#skip(batch: Batch, slots: number, last: Slot, why: Why): void {
		this.#runner.skip(batch, slots, last, why);
		const what = `${slots} ${slots === 1 ? 'slot' : 'slots'} of ${batch.description}`;
		// Another cause is told though one was just told; how long it took is none. What follows a colon explains.
		const [cause] = why.reason.split(/[\d:]/, 1);
		this.#parts.log.warn(`skipped ${what}: ${why.reason}`, `skipped ${batch.probe.name}: ${cause}`);
	}

	/** Measures orders that came in the middle of a slot in the rest of it. Returns when to look again. */
	#attendNewcomers(nowMs: number): number {
		const { newcomers } = this.#parts.batches;
		const readyMs = newcomers.readyMs(nowMs);
		if (nowMs < readyMs) return readyMs;
		for (const [batch, orders] of newcomers.byBatch()) {
			this.#guarded(batch, () => this.#runNewcomers(batch, orders, nowMs));
		}
		newcomers.lookedAt();
		// Those that are left wait for the end of a job.
		return Number.POSITIVE_INFINITY;
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
			if (orders.length > 0 && this.#lanes.isFree(batch, targets)) this.#run(batch, orders, slot, leftMs);
			return;
		}
		for (const live of candidates) newcomers.delete(live);
		// An order that was measured before has a gap here; its batch may still have its turn in this slot.
		if (batch.lastSlotSeconds < slot.startSeconds) return;
		const gaps = missing.filter((live) => live.lastSlotSeconds !== null);
		const reason = 'too little of the slot was left after a change';
		this.#runner.skip(gaps, 1, slot, { code: 'overrun', reason });
	}

	#run(batch: Batch, orders: readonly LiveOrder[], slot: Slot, windowMs: number): void {
		for (const live of orders) this.#parts.batches.newcomers.delete(live);
		this.#runner.run(batch, orders, slot, windowMs);
	}
}

function startSlackMs({ stepSeconds }: Batch): number {
	return Math.min(startSlackAtMostMs, stepSeconds * 1000 * startSlackShare);
}

/** Where in each slot the job of a batch runs. */
function placeOf(batch: Batch, rounds: RoundsOf): Place {
	const { ordinal, stepSeconds, needMs } = batch;
	const stepMs = stepSeconds * 1000;
	const roundsAtMost = Math.max(1, Math.floor(stepMs / needMs));
	return placeInSlot(ordinal, stepMs, Math.min(rounds(batch), roundsAtMost));
}

/** What helps when there are more jobs than lanes: full batches cannot be joined. */
function howToHaveFewer({ byTarget, max }: Batch): string {
	if (byTarget.size >= max) return 'give some of its orders a longer step';
	return 'give more orders the same step, pings and options, or some of them a longer step';
}
