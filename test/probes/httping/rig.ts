/** The probe with real httping, and what comes of it. */
import { expect } from 'vitest';
import { type HttpingSettings, httping } from '../../../probes/httping/index.ts';
import type { HttpingOptions } from '../../../probes/httping/options.ts';
import type { Sample } from '../../../src/model/measurement.ts';
import type { Job, ProbeResults, ProbeTools } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { type Answer, WebServers } from '../../support/web-servers.ts';

export const servers = new WebServers();

interface Wanted {
	readonly urls: readonly string[];
	readonly pings?: number;
	readonly windowMs?: number;
	readonly options?: Partial<HttpingOptions>;
	readonly settings?: HttpingSettings;
	readonly tools?: Partial<ProbeTools<HttpingSettings>>;
}

export function measure({ urls, pings = 2, windowMs = 3000, options, settings = {}, tools }: Wanted) {
	const stepSeconds = Math.ceil(windowMs / 1000);
	const job: Job<HttpingOptions> = {
		slot: { startSeconds: Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds, stepSeconds },
		stepSeconds,
		pings,
		options: { url: urls[0] ?? '', ...options },
		targets: urls,
		windowMs,
	};
	return httping.measure(job, probeTools(settings, tools));
}

export function samplesOf(results: ProbeResults, url: string): readonly Sample[] {
	const result = results.get(url);
	if (result === undefined || !('samples' in result)) throw new Error(JSON.stringify(result));
	return result.samples;
}

export const rttsOf = (results: ProbeResults, url: string) =>
	samplesOf(results, url).map(({ rttSeconds }) => rttSeconds);

export const answered = expect.toSatisfy((rtt: unknown) => typeof rtt === 'number' && rtt > 0 && rtt < 2);

export const ok: Answer = (_request, response) => response.end();
