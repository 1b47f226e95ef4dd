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
const usualShare = 0.8;
/** The same in windows that are too short for what is usual. */
const usableShare = 0.85;
/** In a window that a job fills to no more than this, there is room for delays too. */
const comfortableShare = 0.75;

/**
 * The pings go over about 80 % of the window, evenly: in each interval one to every target. In a window that is too
 * short for that, the intervals shrink to what is decent, then the timeout to half of what there is, then again the
 * intervals.
 */
export function paceOf(run: {
	readonly windowMs: number;
	readonly pings: number;
	/** What the order asks for, if it does. */
	readonly intervalMs?: number | undefined;
	readonly timeoutMs: number;
}): Pace {
	const { windowMs, pings, intervalMs: wantedMs, timeoutMs: fullMs } = run;
	const usualMs = (windowMs * usualShare - fullMs) / pings;
	if (wantedMs === undefined && usualMs >= gentleIntervalMs)
		return { intervalMs: usualMs, timeoutMs: fullMs };
	const spareMs = windowMs * usableShare;
	const leftMs = spareMs - pings * (wantedMs ?? gentleIntervalMs);
	const timeoutMs = Math.min(fullMs, Math.max(leftMs, spareMs / 2, shortTimeoutMs));
	const fittingMs = (spareMs - timeoutMs) / pings;
	return { intervalMs: Math.min(wantedMs ?? fittingMs, fittingMs), timeoutMs };
}

/** The shortest window in which a job has its full timeout and decent intervals, or the step. */
export function needMs({ stepSeconds, pings }: Timing, timeoutMs: number): number {
	return Math.min(stepSeconds * 1000, Math.ceil((pings * gentleIntervalMs + timeoutMs) / comfortableShare));
}
