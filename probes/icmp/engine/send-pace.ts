import type { PingJob } from './ping-job.ts';
import type { SendLimits } from './send-limit.ts';

/** How all jobs together are sent. */
export interface SendPace extends SendLimits {
	/** From the last packet that was due to the next time of sending. */
	readonly restMs: number;
	/** From one answer to the next, on average. */
	readonly answerGapMs: number;
}

const restAtLeastMs = 1;
const restAtMostMs = 125;
/** Of the shortest interval between the pings to a target: so much of it they may be sent too late. */
const restShare = 1 / 8;
/**
 * Where nobody says how many packets go at a time. On a slow link, or at a slow host, they wait for each other, so they
 * are few; but each time costs as much as twenty packets, so with many targets there are more, up to a limit, and not
 * fewer than become due.
 */
const fewBurst = 8;
const manyBurst = 32;
const usualPauseMs = 7;
const usualBurstToDue = 1.5;
/** In ten milliseconds there are at most so many bursts, when they have to catch up. */
const burstsInTen = 5;
/** A rest is as long as it takes for so much of a burst to become due: the last ones of it make up for delays. */
const fullShare = 7 / 8;

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
	const comfortable = Math.min(manyBurst, Math.max(fewBurst, Math.ceil(sentPerMs * usualPauseMs)));
	const usual = Math.max(comfortable, Math.ceil(sentPerMs * usualBurstToDue));
	const usualInTen = Math.max(usual * burstsInTen, Math.ceil(sentPerMs * 10 * usualBurstToDue));
	const burst = Math.min(...jobs.map(({ request }) => request.burst ?? usual));
	return {
		burst,
		burstInTen: Math.min(
			...jobs.map(({ request }) => (request.burst === null ? usualInTen : request.burst * 10)),
		),
		restMs: Math.max(restAtLeastMs, Math.min(longestRestMs, (burst * fullShare) / sentPerMs)),
		answerGapMs: 1 / answeredPerMs,
	};
}
