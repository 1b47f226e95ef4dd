import type { PingJob } from './ping-job.ts';

/** How all jobs together are sent. */
export interface SendPace {
	/** At most so many packets in a millisecond. */
	readonly burst: number;
	/** From the last packet that was due to the next time of sending. */
	readonly restMs: number;
	/** From one answer to the next, on average. */
	readonly answerGapMs: number;
}

/**
 * A rest costs as much as twenty packets: hence so many of them to one. That answers wait for us harms no round-trip
 * time: the stamps are the kernel's.
 */
const packetsToRest = 120;
export const restAtLeastMs = 1;
const restAtMostMs = 125;
/** Of the shortest interval between the pings to a target: so much of it they may be sent too late. */
const restShare = 1 / 8;
/**
 * Where nobody says how many: as few as take hardly more CPU time than all at once, and more than become due. On a slow
 * link, or at a slow host, those of a millisecond wait for each other.
 */
const usualBurst = 32;
const usualBurstToDue = 1.5;

type PacedJob = Pick<PingJob, 'targets' | 'hasAllSent'> & {
	readonly request: Pick<PingJob['request'], 'intervalMs' | 'roundMs' | 'burst'>;
};

/** The least of what the jobs allow. */
export function paceOf(jobs: readonly PacedJob[]): SendPace {
	let [sentPerMs, answeredPerMs, longestRestMs] = [0, 0, restAtMostMs];
	for (const { targets, hasAllSent, request } of jobs) {
		const perMs = targets / request.roundMs;
		answeredPerMs += perMs;
		if (hasAllSent) continue;
		sentPerMs += perMs;
		longestRestMs = Math.min(longestRestMs, request.intervalMs * restShare);
	}
	const usual = Math.max(usualBurst, Math.ceil(sentPerMs * usualBurstToDue));
	return {
		burst: Math.min(...jobs.map(({ request }) => request.burst ?? usual)),
		restMs: Math.max(restAtLeastMs, Math.min(longestRestMs, packetsToRest / sentPerMs)),
		answerGapMs: 1 / answeredPerMs,
	};
}
