/** The compiled probe with its engine thread, and what comes of it. */
import { expect } from 'vitest';
import type { IcmpOptions } from '../../../probes/icmp/options.ts';
import type { Job, ProbeResults, ProbeTools } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';

export const load = (path: string) => import(new URL(`../../../dist/${path}`, import.meta.url).href);

export const { icmp } = (await load(
	'probes/icmp/index.js',
)) as typeof import('../../../probes/icmp/index.ts');

interface Wanted {
	readonly targets: readonly string[];
	readonly pings?: number;
	readonly windowMs?: number;
	readonly options?: Partial<IcmpOptions>;
	readonly tools?: Partial<ProbeTools>;
}

export function jobOf({ targets, pings = 1, windowMs = 1000, options }: Wanted): Job<IcmpOptions> {
	return {
		slot: { startSeconds: 0, stepSeconds: windowMs / 1000 },
		stepSeconds: windowMs / 1000,
		pings,
		options: { host: targets[0] ?? '', ...options },
		targets,
		windowMs,
	};
}

export const measure = (wanted: Wanted) =>
	icmp.measure(jobOf(wanted), probeTools({}, wanted.tools as object));

export function rttsOf(results: ProbeResults, target: string): (number | null)[] {
	const result = results.get(target);
	if (result === undefined || !('samples' in result)) throw new Error(JSON.stringify(result));
	return result.samples.map(({ rttSeconds }) => rttSeconds);
}

export const answered = expect.toSatisfy((rtt: unknown) => typeof rtt === 'number' && rtt > 0 && rtt < 0.5);
