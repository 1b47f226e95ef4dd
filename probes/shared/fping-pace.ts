import { z } from 'zod';
import { once } from '../../src/model/once.ts';
import type { ProbeFinding, Timing } from '../../src/model/probe.ts';
import { spanAsNumber } from '../../src/model/span.ts';

/** What fping is told about time. */
export interface Pace {
	/** Between the pings to one host, milliseconds. */
	readonly intervalMs: number;
	/** How long an answer may take, milliseconds. */
	readonly timeoutMs: number;
}

/** fping refuses less to all but root. */
const leastPeriodMs = 10;

/** Answers that take longer are lost. */
const fullTimeoutMs = 3000;
/** A shorter timeout would make losses of answers from anywhere but nearby. */
const leastTimeoutMs = 100;
/** With `-i 1`, fping 5.1 sends a packet every 1.1 ms. */
const sendMs = 1.2;
/** A host that is pinged more often than this may take it for a flood. */
const gentleIntervalMs = 200;
/** A run may take so much of its window; it may start late by a tenth of it. */
const usableShare = 0.85;
/** In a window that a run fills to no more than this, there is room for delays too. */
const comfortableShare = 0.75;

/** Before the next round of pings begins, all hosts should have had the last one. */
function leastIntervalMs(hosts: number): number {
	return Math.max(gentleIntervalMs, Math.ceil(hosts * sendMs));
}

/**
 * The pings to a host go over about 80 % of the window. In a window that is too short for that, the intervals shrink to
 * what is decent, then the timeout to half of what there is for both, then again the intervals.
 */
export function paceOf(run: {
	readonly windowMs: number;
	readonly hosts: number;
	readonly pings: number;
	/** What the order asks for, if it does. */
	readonly intervalMs?: number | undefined;
}): Pace {
	const { windowMs, hosts, pings, intervalMs: wantedMs } = run;
	const leastMs = leastIntervalMs(hosts);
	const usualMs = Math.floor(((windowMs * 8) / 10 - hosts - fullTimeoutMs) / pings);
	if (wantedMs === undefined && usualMs >= leastMs) return { intervalMs: usualMs, timeoutMs: fullTimeoutMs };

	const gaps = pings - 1;
	const roundMs = hosts * sendMs;
	// For the gaps between pings and the wait for the last answer.
	const spareMs = windowMs * usableShare - roundMs;
	const leftMs = spareMs - gaps * Math.max(wantedMs ?? leastMs, roundMs);
	const leftAtMostMs = spareMs - gaps * roundMs;
	const answerMs = Math.max(leftMs, Math.min(spareMs / 2, leftAtMostMs), leastTimeoutMs);
	const timeoutMs = Math.floor(Math.min(fullTimeoutMs, answerMs));
	const fittingMs = gaps === 0 ? leastMs : Math.max(leastPeriodMs, Math.floor((spareMs - timeoutMs) / gaps));
	return { intervalMs: Math.min(wantedMs ?? fittingMs, fittingMs), timeoutMs };
}

/** A thousand, or what can be sent within 40 % of a short step. */
export function batchMax({ stepSeconds, pings }: Timing): number {
	return Math.min(1000, Math.floor((stepSeconds * 1000 * 0.4) / pings));
}

/** The shortest window in which a run of so many hosts has its full timeout and decent intervals, or the step. */
export function needMs(targets: number, { stepSeconds, pings }: Timing): number {
	const spanMs = (pings - 1) * leastIntervalMs(targets) + targets * sendMs + fullTimeoutMs;
	return Math.min(stepSeconds * 1000, Math.ceil(spanMs / comfortableShare));
}

/** `interval`: milliseconds between the pings to one host. */
export const intervalOption = once(() =>
	z.preprocess(spanAsNumber('ms'), z.number().min(leastPeriodMs).transform(Math.round).optional()),
);

/** Pings that do not fit into the step. */
export function checkInterval(
	intervalMs: number | undefined,
	{ stepSeconds, pings }: Timing,
): ProbeFinding[] {
	const largest = Math.floor((stepSeconds * 1000) / pings);
	if (intervalMs === undefined || pings === 1 || intervalMs <= largest) return [];
	const message = `${pings} pings every ${intervalMs} ms do not fit into a step of ${stepSeconds} s. Write at most ${largest}`;
	return [{ key: 'interval', message }];
}
