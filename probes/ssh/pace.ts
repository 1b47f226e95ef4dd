import type { Timing } from '../../src/model/probe.ts';

/** What the thread is told about time. */
export interface Pace {
	/** Between the pings to one host, milliseconds. */
	readonly intervalMs: number;
	/** How long the identification may take, milliseconds. */
	readonly timeoutMs: number;
}

/** Identifications that take longer are lost. */
const fullTimeoutMs = 3000;
/** Pings, and the wait for the last answer, take so much of the window. */
const usableShare = 0.8;
/** sshd refuses some who come too often (MaxStartups, PerSourcePenalties). */
const gentleIntervalMs = 250;
/** Connections a second of one batch: so no more than 300 of it are open at a time, when no host answers. */
const connectionsPerSecond = 100;
const targetsMax = 500;

/**
 * Pings go over 80 % of the window, less the wait for the last answer: half of that at most.
 *
 * @param wantedMs between pings, if the order says; no more than fits
 */
export function paceOf(windowMs: number, pings: number, wantedMs = Number.POSITIVE_INFINITY): Pace {
	const usableMs = windowMs * usableShare;
	const timeoutMs = Math.min(fullTimeoutMs, Math.floor(usableMs / 2));
	return { intervalMs: Math.min(wantedMs, (usableMs - timeoutMs) / pings), timeoutMs };
}

/** What can be connected to within 40 % of a short step. */
export function batchMax({ stepSeconds, pings }: Timing): number {
	return Math.max(1, Math.min(targetsMax, Math.floor((stepSeconds * 0.4 * connectionsPerSecond) / pings)));
}

/** The shortest window with the full timeout and decent intervals, or the step. */
export function needMs(targets: number, { stepSeconds, pings }: Timing): number {
	const intervalMs = Math.max(gentleIntervalMs, (targets * 1000) / connectionsPerSecond);
	return Math.min(stepSeconds * 1000, Math.ceil((pings * intervalMs + fullTimeoutMs) / usableShare));
}
