import type { Timing } from '../../src/model/probe.ts';

/** When the pings of a job are sent, and how long answers may take. Milliseconds. */
export interface IcmpPace {
	/** Between the pings to one target. */
	readonly intervalMs: number;
	/** Over this time the pings of one round, one to each target, are spread. */
	readonly roundMs: number;
	readonly timeoutMs: number;
}

export const leastIntervalMs = 10;
export const leastTimeoutMs = 10;
const usualTimeoutMs = 3000;
/** A shorter timeout would make losses of answers from anywhere but nearby. */
const shortTimeoutMs = 100;
/** A target that is pinged more often than this may take it for a flood. */
const gentleIntervalMs = 200;
/** From the first ping to the end of the last timeout, at most. */
const usableShare = 0.85;
/** Over so much of the window pings are spread: the rest is for answers that come late. */
const sendingShare = 0.8;
/** In a window that a job fills to no more than this, there is room for delays too. */
const comfortableShare = 0.75;

/**
 * The pings go over 80 % of the window, or what the last timeout leaves of 85 %, evenly: in each interval one to every
 * target. In a window that is too short for that, the intervals shrink to what is decent, then the timeout to half of
 * what there is, then again the intervals.
 */
export function paceOf(run: {
	readonly windowMs: number;
	readonly pings: number;
	/** What the order asks for, if it does. */
	readonly intervalMs?: number | undefined;
	readonly timeoutMs?: number | undefined;
}): IcmpPace {
	const { windowMs, pings, intervalMs: wantedMs } = run;
	const fullMs = run.timeoutMs ?? usualTimeoutMs;
	const spareMs = windowMs * usableShare;
	const usualMs = Math.min(windowMs * sendingShare, spareMs - fullMs) / pings;
	if (wantedMs === undefined && usualMs >= gentleIntervalMs) {
		return { intervalMs: usualMs, roundMs: usualMs, timeoutMs: fullMs };
	}
	const leftMs = spareMs - pings * (wantedMs ?? gentleIntervalMs);
	const timeoutMs = Math.min(fullMs, Math.max(leftMs, spareMs / 2, shortTimeoutMs));
	const fittingMs = (spareMs - timeoutMs) / pings;
	if (wantedMs === undefined || wantedMs > fittingMs) {
		return { intervalMs: fittingMs, roundMs: fittingMs, timeoutMs };
	}
	return { intervalMs: wantedMs, roundMs: wantedMs, timeoutMs };
}

const targetsMax = 1000;
/** Results are taken apart in the main thread: this many pings take it a millisecond or two. */
const pingsMax = 20_000;

export function batchMax({ pings }: Timing): number {
	return Math.max(1, Math.min(targetsMax, Math.floor(pingsMax / pings)));
}

/** The shortest window in which a job has its full timeout and decent intervals, or the step. */
export function needMs(_targets: number, { stepSeconds, pings }: Timing): number {
	const spanMs = pings * gentleIntervalMs + usualTimeoutMs;
	return Math.min(stepSeconds * 1000, Math.ceil(spanMs / comfortableShare));
}
