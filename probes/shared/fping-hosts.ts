import type { Job, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import type { AddressingOptions } from './addressing.ts';
import type { FpingRun } from './fping-output.ts';
import { paceOf } from './fping-pace.ts';
import { byTarget, lookUpTargets, restOfWindow } from './look-up.ts';
import { Sendable } from './sendable.ts';

type HostOptions = AddressingOptions &
	Readonly<Record<string, unknown>> & { readonly interval?: number | undefined };

/** Looks up the targets and has their addresses pinged, all in one run, as fping and what is called like it do. */
export async function measureHosts(
	job: Job<HostOptions>,
	tools: Pick<ProbeTools, 'clock' | 'resolve' | 'measuredAt' | 'signal'>,
	ping: (run: FpingRun) => Promise<Map<string, TargetResult>>,
): Promise<ProbeResults> {
	const startedMs = tools.clock.monotonicMs();
	const { addresses, failures } = await lookUpTargets(job, tools);
	const hosts = [...new Set(addresses.values())];
	if (hosts.length === 0) return failures;

	const { options, pings } = job;
	const windowMs = restOfWindow(job, tools.clock.monotonicMs() - startedMs);
	const pace = paceOf({ windowMs, hosts: hosts.length, pings, intervalMs: options.interval });
	const sendable = new Sendable(hosts, options, tools.clock);
	const run = { hosts, pings, options, ...pace };
	// In the midst of each round, which sends a ping a millisecond.
	const course = {
		rounds: pings,
		intervalMs: pace.intervalMs,
		firstMs: Math.min(hosts.length, pace.intervalMs) / 2,
	};
	const stopLooking = sendable.watch(course, tools.signal);
	try {
		const byAddress = await sendable.judged(await ping(run));
		return byTarget(addresses, byAddress, failures);
	} finally {
		await stopLooking();
	}
}
