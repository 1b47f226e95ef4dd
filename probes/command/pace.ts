import type { Timing } from '../../src/model/probe.ts';

/** When programs are started, and how long they may take. Milliseconds. */
export interface Pace {
	/** Between the runs for one target. */
	readonly intervalMs: number;
	readonly timeoutMs: number;
}

/** The runs, and the wait for the last one, take so much of the window. */
const usableShare = 0.8;
/** Runs for one target do not follow each other more closely where there is time. */
const gentleIntervalMs = 500;

/** The runs go over 80 % of the window, less the wait for the last one: half of that at most. */
export function paceOf(windowMs: number, pings: number, timeoutSeconds: number): Pace {
	const usableMs = windowMs * usableShare;
	const timeoutMs = Math.min(timeoutSeconds * 1000, Math.floor(usableMs / 2));
	return { intervalMs: (usableMs - timeoutMs) / pings, timeoutMs };
}

/** To start a process takes some milliseconds of a processor: of one batch a tenth of a core at most. */
const startsPerSecond = 20;
const targetsMax = 100;

export function batchMax({ stepSeconds, pings }: Timing): number {
	return Math.max(1, Math.min(targetsMax, Math.floor((stepSeconds * startsPerSecond) / (2 * pings))));
}

/** The shortest window with decent intervals, or the step. */
export function needMs(targets: number, { stepSeconds, pings }: Timing): number {
	const intervalMs = Math.max(gentleIntervalMs, (targets * 1000) / startsPerSecond);
	return Math.min(stepSeconds * 1000, Math.ceil((2 * pings * intervalMs) / usableShare));
}
