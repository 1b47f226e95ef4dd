/** Measures by the compiled probe. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { AnyProbe, Job, ProbeTools, TargetResult } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = new URL('../../../dist/probes/tcp/index.js', import.meta.url).href;
export const { tcp } = (await import(compiled)) as { tcp: AnyProbe };

const pem = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url));
export const certified = { key: pem('key'), cert: pem('certificate') };

export async function measure(
	options: Record<string, unknown>,
	{
		host = '127.0.0.1',
		pings = 2,
		tools,
	}: { host?: string; pings?: number; tools?: Partial<ProbeTools> } = {},
): Promise<TargetResult> {
	const job: Job = {
		slot: { startSeconds: 0, stepSeconds: 1 },
		...{ stepSeconds: 1, pings, targets: [host], windowMs: 1000 },
		options: tcp.options.parse({ host, ...options }),
	};
	const result = (await tcp.measure(job, probeTools({}, tools))).get(host);
	if (result === undefined) throw new Error('no result');
	return result;
}

export const answered = { sentAtSeconds: expect.any(Number), rttSeconds: expect.any(Number) };
const lost = { sentAtSeconds: expect.any(Number), rttSeconds: null };
export const twice = [expect.any(Number), expect.any(Number)];
export const lostBy = (reason: string | RegExp) => ({
	samples: [lost, lost],
	facts: { loss_reason: typeof reason === 'string' ? `${reason} (2 of 2)` : expect.stringMatching(reason) },
});
