import { measureJob } from '../../engine/measure-job.ts';
import { OutcomeMaker } from '../../engine/outcome-maker.ts';
import { version } from '../../host/version.ts';
import { systemClock } from '../../model/clock.ts';
import type { EarlyPing } from '../../model/measurement.ts';
import { identityOf, type Outcome } from '../../model/outcome.ts';
import type { Job, ProbeTools } from '../../model/probe.ts';
import { makeResolveNames } from '../../tools/resolve-names.ts';
import { makeRunCommand } from '../../tools/run-command.ts';
import { type Wish, windowMsOf } from './wish.ts';

/** Beyond its window a job gets this to hand over what it has. */
const graceMs = 5000;
const aliveMs = 60_000;

/**
 * Measures in this process. Never rejects; ends soon after the signal fires, with what there is.
 *
 * @param settings of the probe, as the config file has them
 */
export async function measureHere(
	wish: Wish,
	settings: unknown,
	early: (pings: readonly EarlyPing[]) => void,
	signal: AbortSignal,
): Promise<Outcome> {
	const { order, probe } = wish;
	const { stepSeconds, pings, options, target } = order;
	const clock = systemClock;
	const windowMs = windowMsOf(wish);
	const slot = { startSeconds: Math.floor(clock.wallMs() / 1000), stepSeconds };
	const job: Job = { slot, stepSeconds, pings, options, targets: [target], windowMs };
	let address: string | null = null;
	const tools: ProbeTools = {
		...{ settings, version, clock, runCommand: makeRunCommand(), resolve: makeResolveNames({ clock }) },
		signal: AbortSignal.any([signal, AbortSignal.timeout(windowMs + graceMs)]),
		note: () => {},
		measuredAt: (_target, found) => {
			address = found.address;
		},
		early: {
			watched: () => [target],
			onChange: () => () => {},
			tell: (_target, told) => early(told),
		},
		log: () => {},
	};
	// The threads of probes do not keep a process alive by themselves.
	const alive = setInterval(() => {}, aliveMs);
	const results = await measureJob(probe, job, tools, clock).finally(() => clearInterval(alive));
	const who = { identity: identityOf(order), pings, probe, address };
	return new OutcomeMaker(clock).of(who, slot, results.get(target), false);
}
