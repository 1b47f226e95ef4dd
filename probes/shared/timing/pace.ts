import type { Timing } from '../../../src/model/probe.ts';

/** When the pings of a job are made, and how long each may take. Milliseconds. */
export interface Pace {
	/** Between the pings to one target. */
	readonly intervalMs: number;
	readonly timeoutMs: number;
}

/** A shorter timeout would make losses of answers from anywhere but nearby. */
const shortTimeoutMs = 100;
/** A target that is asked more often than this may take it for a flood. */
const gentleIntervalMs = 200;
/** From the first ping to the end of the last timeout. */
const usableShare = 0.8;
/** In a window that a job fills to no more than this, there is room for delays too. */
const comfortableShare = 0.75;

/**
 * The pings go over about 80 % of the window, less the wait for the last answer, evenly: in each interval one to every
 * target. In a short window that wait is half of it at most, so that pings are spread there too; more where the order
 * wants them closer together.
 */
export function paceOf(run: {
	readonly windowMs: number;
	readonly pings: number;
	/** What the order asks for, if it does. No more than fits. */
	readonly intervalMs?: number | undefined;
	readonly timeoutMs: number;
}): Pace {
	const { windowMs, pings, intervalMs: wantedMs = Number.POSITIVE_INFINITY, timeoutMs: fullMs } = run;
	const usableMs = windowMs * usableShare;
	const timeoutMs = Math.min(fullMs, Math.max(usableMs / 2, usableMs - pings * wantedMs, shortTimeoutMs));
	return { intervalMs: Math.min(wantedMs, (usableMs - timeoutMs) / pings), timeoutMs };
}

/** The shortest window in which a job has its full timeout and decent intervals, or the step. */
export function needMs({ stepSeconds, pings }: Timing, timeoutMs: number): number {
	const wholeMs = (pings * gentleIntervalMs + timeoutMs) / comfortableShare;
	return Math.min(stepSeconds * 1000, Math.ceil(Math.max(wholeMs, (2 * timeoutMs) / usableShare)));
}
