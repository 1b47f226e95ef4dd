import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FactScalar } from '../../../src/model/facts.ts';
import type { Sample } from '../../../src/model/measurement.ts';
import type { ReasonCode } from '../../../src/model/outcome.ts';
import { failureOf } from '../../../src/model/probe.ts';
import type { Early } from '../serve-thread.ts';
import { Lateness } from './lateness.ts';

/** Nothing is known, through no fault of the other end: why, fit for the user. */
export interface Failure {
	readonly failure: string;
	readonly code: ReasonCode;
}

/** By the name that the probe has declared: those of a ping, and those of the measurement as of this ping. */
export type PingFacts = Readonly<Record<string, FactScalar>>;

/** What came of a ping. */
export type Pinged =
	| {
			readonly sample: Sample;
			/** Why it is lost; null when it is not. */
			readonly lossReason: string | null;
			readonly facts: PingFacts;
	  }
	| Failure;

/** A ping and whether its thread was late meanwhile. */
export interface TimedPing {
	readonly sample: Sample;
	readonly lossReason: string | null;
	readonly facts: PingFacts;
	readonly delayed: boolean;
}

/** What came of a target. Plain data: it goes to another thread. */
export interface TimedTarget {
	/** In sending order. Fewer than were asked for when some could not be made, or the run was ended. */
	readonly pings: TimedPing[];
	/** Why one of them could not be made. */
	failure: Failure | null;
}

export interface Spread {
	readonly targets: number;
	/** To each of them. */
	readonly pings: number;
	/** Between the pings to one target, milliseconds. The targets take turns within it. */
	readonly intervalMs: number;
}

/** Makes one ping: `target` and `index` count from 0. Null when the signal fired before anything was known. */
export type MakePing = (target: number, index: number, signal: AbortSignal) => Promise<Pinged | null>;

/** When the thread was later than this, what was measured meanwhile is neither an answer nor a loss. */
const stallMs = 250;
const heldUp: Failure = {
	failure: 'the machine was too busy, or slept: nothing could be measured',
	code: 'clock',
};
/** Of all runs of this thread: each holds memory, and mostly a file descriptor. */
const underWayMax = 4000;
const tooMany: Failure = {
	failure: `more than ${underWayMax} pings were waiting for an answer: spread them over longer steps, or give them a shorter timeout`,
	code: 'limited',
};

/** One for all runs of this thread. */
const lateness = new Lateness();
let underWay = 0;

/**
 * Pings every target, one after the other, spread evenly over each interval. Ends soon after the signal fires, with what
 * there is.
 */
export async function spreadPings(
	{ targets, pings, intervalMs }: Spread,
	ping: MakePing,
	signal: AbortSignal,
	early: Early = () => {},
): Promise<TimedTarget[]> {
	const outcomes = Array.from({ length: targets }, (): TimedTarget => ({ pings: [], failure: null }));
	// Each ping that is under way listens.
	setMaxListeners(0, signal);
	const one = async (target: number, outcome: TimedTarget, index: number) => {
		const pinged = await timed(() => ping(target, index, signal));
		if (pinged === null) return;
		if ('failure' in pinged) {
			outcome.failure ??= pinged;
			return;
		}
		outcome.pings.push(pinged);
		early({ target, index, ...pinged.sample });
	};

	const gapMs = intervalMs / Math.max(1, targets);
	const inFlight: Promise<void>[] = [];
	let dueMs = performance.now();
	for (let index = 0; index < pings && !signal.aborted; index++) {
		for (const [target, outcome] of outcomes.entries()) {
			await until(dueMs, signal);
			if (signal.aborted) break;
			inFlight.push(one(target, outcome, index));
			// What was held up is not caught up with all at once.
			dueMs = Math.max(dueMs + gapMs, performance.now() + gapMs / 2);
		}
	}
	await Promise.all(inFlight);
	for (const { pings: made } of outcomes)
		made.sort((a, b) => a.sample.sentAtSeconds - b.sample.sentAtSeconds);
	return outcomes;
}

async function timed(ping: () => Promise<Pinged | null>): Promise<TimedPing | Failure | null> {
	if (underWay >= underWayMax) return tooMany;
	underWay++;
	const sinceMs = lateness.begin();
	let pinged: Pinged | null;
	let lateMs: number;
	try {
		pinged = await ping();
	} catch (error) {
		pinged = failureOf(error);
	} finally {
		underWay--;
		lateMs = lateness.end(sinceMs);
	}
	if (pinged === null || 'failure' in pinged) return pinged;
	return lateMs > stallMs ? heldUp : { ...pinged, delayed: lateMs > 0 };
}

async function until(dueMs: number, signal: AbortSignal): Promise<void> {
	const waitMs = dueMs - performance.now();
	if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {});
}

/** From one reading of the monotonic clock to another, or to now, in seconds, to the microsecond. */
export function secondsFrom(startMs: number, endMs = performance.now()): number {
	return Math.round((endMs - startMs) * 1000) / 1e6;
}
