/** The probe with real fping, and what comes of it. */
import { expect } from 'vitest';
import { type FpingOptions, type FpingSettings, fping } from '../../../probes/fping/index.ts';
import type { Sample } from '../../../src/model/measurement.ts';
import type { Job, ProbeResults } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';

interface Wanted {
	readonly targets: readonly string[];
	readonly stepSeconds?: number;
	readonly pings?: number;
	readonly options?: Partial<FpingOptions>;
	readonly settings?: FpingSettings;
	readonly signal?: AbortSignal;
	/** The whole step, unless said otherwise. */
	readonly windowMs?: number;
}

export function measure(wanted: Wanted): Promise<ProbeResults> {
	const { targets, stepSeconds = 1, pings = 1, options, settings = {} } = wanted;
	const job: Job<FpingOptions> = {
		slot: { startSeconds: Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds, stepSeconds },
		stepSeconds,
		pings,
		options: { host: targets[0] ?? '', ...options },
		targets,
		windowMs: wanted.windowMs ?? stepSeconds * 1000,
	};
	const signal = wanted.signal ?? new AbortController().signal;
	const tools = probeTools(settings, { signal });
	return fping.measure(job, tools);
}

export function samplesOf(results: ProbeResults, target: string): readonly Sample[] {
	const result = results.get(target);
	if (result === undefined || !('samples' in result)) throw new Error(JSON.stringify(result));
	return result.samples;
}

export const rttsOf = (results: ProbeResults, target: string) =>
	samplesOf(results, target).map(({ rttSeconds }) => rttSeconds);

export const answered = expect.toSatisfy((rtt: unknown) => typeof rtt === 'number' && rtt >= 0 && rtt < 1);
