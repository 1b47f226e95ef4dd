import type { Timing } from '../../src/model/probe.ts';
import { longestIntervalSeconds } from './options.ts';

/** What httping is told about time. */
export interface HttpingPace {
	/** Between the pings to one URL, milliseconds. */
	readonly intervalMs: number;
	/** How long connecting may take, and then the answer, milliseconds. */
	readonly timeoutMs: number;
}

/** Part of the window that the pings to a URL go over, with the interval after the last. */
const spreadShare = 0.8;
/** Part of the window over which the first pings of the URLs go. */
export const staggerShare = 0.05;
/** A run that is not over after this part of its window is ended. */
export const usableShare = 0.95;

const fullTimeoutMs = 15_000;
/** Where the step allows, intervals are no shorter, so that slow answers have their time. */
const gentleIntervalMs = 2000;
/** To end a process that hangs and to start the next. */
const restartMs = 800;

/**
 * Each ping has an equal part of the spread for itself: for its answer or time-out, and for waiting until the next. So
 * a run ends in time whatever its server does.
 */
export function paceOf(run: {
	readonly windowMs: number;
	readonly pings: number;
	/** What the order asks for, if it does. */
	readonly intervalMs?: number | undefined;
	/** Each ping has a process of its own, which may have to be killed. */
	readonly tls: boolean;
}): HttpingPace {
	// Whole milliseconds are what httping is told.
	const partMs = Math.floor((run.windowMs * spreadShare) / run.pings);
	const intervalMs = Math.min(run.intervalMs ?? partMs, partMs, longestIntervalSeconds * 1000);
	// httping sends at multiples of the interval: a ping that takes longer must end before one of them.
	const ownMs = Math.floor(partMs / intervalMs) * intervalMs;
	const spareMs = run.tls ? Math.min(restartMs, ownMs / 2) : ownMs / 20;
	return { intervalMs, timeoutMs: Math.floor(Math.min(fullTimeoutMs, ownMs - spareMs)) };
}

/** The shortest window in which there is time for slow answers, or the step. */
export function needMs(_targets: number, { stepSeconds, pings }: Timing): number {
	return Math.min(stepSeconds * 1000, Math.ceil((pings * gentleIntervalMs) / spreadShare));
}
