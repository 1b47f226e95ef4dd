import type { Job, ProbeTools, TargetResult, Timing } from '../../src/model/probe.ts';
import type { Pace } from './fping-pace.ts';
import { pause } from './pause.ts';

/** How many targets a batch may have whose targets need a process each. */
export const processesMax = 16;
/** So many full batches may run at a time: 320 processes, of 3.5 MB of their own and 20 to 35 ms of CPU each. */
export const fullBatches = 20;

const fullTimeoutMs = 3000;
const leastTimeoutMs = 100;
/** A host that is pinged more often than this may take it for a flood. */
const gentleIntervalMs = 200;
/** A run may take so much of its window. The rest is for its start: it asks the SCION daemon for a path. */
const usableShare = 0.8;
/** Programs that start together would be in each other's way. */
const staggerMs = 50;

/** The shortest window, in milliseconds, for so many processes. */
export function needMs(targets: number, { stepSeconds, pings }: Timing): number {
	const spanMs = pings * gentleIntervalMs + fullTimeoutMs + targets * staggerMs;
	return Math.min(stepSeconds * 1000, Math.ceil(spanMs / usableShare));
}

/** For programs that send a ping in each interval, wait for one more interval, and then for the answer to the last ping. */
export function paceOf(windowMs: number, pings: number, wantedMs?: number): Pace {
	const usableMs = windowMs * usableShare;
	const timeoutMs = Math.floor(Math.max(leastTimeoutMs, Math.min(fullTimeoutMs, usableMs / 2)));
	const fittingMs = Math.max(1, Math.floor((usableMs - timeoutMs) / pings));
	return { intervalMs: Math.min(wantedMs ?? fittingMs, fittingMs), timeoutMs };
}

/** Measures each target with a process of its own, each starting a little after the one before. */
export async function measureEach(
	{
		targets,
		windowMs,
		pings,
		options,
	}: Job<Readonly<{ interval?: number | undefined; [key: string]: unknown }>>,
	tools: Pick<ProbeTools, 'clock' | 'signal'>,
	measureOne: (target: string, pace: Pace) => Promise<TargetResult>,
): Promise<Map<string, TargetResult>> {
	const gapMs = Math.min(staggerMs, (windowMs * 0.05) / targets.length);
	const pace = paceOf(windowMs - gapMs * targets.length, pings, options.interval);
	const each = targets.map(async (target, index): Promise<[string, TargetResult]> => {
		await pause(index * gapMs, tools);
		return [target, await measureOne(target, pace)];
	});
	return new Map(await Promise.all(each));
}
