/** The probe http and its thread, of the compiled product, which `npm test` builds first. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { HttpSettings } from '../../../probes/http/index.ts';
import type { AnyProbe, Job, ProbeTools, TargetResult } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = new URL('../../../dist/probes/http/index.js', import.meta.url).href;
export const { http } = (await import(compiled)) as { http: AnyProbe };

export interface Wanted extends Record<string, unknown> {
	readonly url: string;
}

interface More {
	readonly pings?: number;
	readonly stepSeconds?: number;
	readonly targets?: readonly string[];
	readonly settings?: HttpSettings;
	readonly tools?: Partial<ProbeTools<HttpSettings>>;
}

export async function measureAll(options: Wanted, more: More = {}) {
	const { pings = 1, stepSeconds = 2, settings = {}, tools } = more;
	const parsed = http.options.parse(options);
	const job: Job = {
		slot: { startSeconds: 0, stepSeconds },
		...{ stepSeconds, pings, options: parsed, windowMs: stepSeconds * 1000 },
		targets: more.targets ?? [parsed.url],
	};
	return http.measure(job, probeTools(settings, tools));
}

/** What came of one URL. */
export async function measure(options: Wanted, more: More = {}): Promise<TargetResult> {
	const results = await measureAll(options, more);
	const [[, result] = []] = [...results];
	if (result === undefined) throw new Error('there is no result');
	return result;
}

/** What is known of a single ping. */
export async function pinged(
	options: Wanted,
	more: More = {},
): Promise<{ readonly rtt: number | null; readonly facts: Record<string, unknown> }> {
	const result = await measure(options, more);
	if (!('samples' in result)) throw new Error(JSON.stringify(result));
	const facts = Object.entries(result.facts ?? {});
	return {
		rtt: result.samples[0]?.rttSeconds ?? null,
		facts: Object.fromEntries(facts.map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])),
	};
}

export const lost = (reason: string) => ({
	rtt: null,
	facts: expect.objectContaining({ loss_reason: `${reason} (1 of 1)` }),
});

export const tlsFile = (name: string) =>
	new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url).pathname;
export const tlsText = (name: string) => readFileSync(tlsFile(name), 'utf8');
