/** The compiled probe in a network of this thread’s own. */
import { execFileSync } from 'node:child_process';
import type { IcmpOptions } from '../../../probes/icmp/options.ts';
import type { ProbeResults } from '../../../src/model/probe.ts';
import { rules } from '../../support/icmp-responder.ts';
import { probeTools } from '../../support/probe-tools.ts';

export const compiled = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;

const { icmp } = (await import(
	compiled('probes/icmp/index.js')
)) as typeof import('../../../probes/icmp/index.ts');

export const { startResponder } = (await import(
	compiled('test/support/icmp-responder.js')
)) as typeof import('../../support/icmp-responder.ts');

export const delayMs = 20;

export const pings = 6;

export const some4 = Array.from({ length: 250 }, (_, i) => `10.77.${rules.losesSome}.${i + 2}`);

export const targets4 = Object.values(rules).map((rule) => `10.77.${rule}.1`);

export const targets6 = Object.values(rules).map((rule) => `fd77::${rule.toString(16)}:1`);

export function shell(command: string): string {
	return execFileSync('sh', ['-c', command], { encoding: 'utf8' });
}

export function measure(
	targets: readonly string[],
	options: Partial<IcmpOptions> = {},
	windowMs = 6000,
): Promise<ProbeResults> {
	const job = {
		slot: { startSeconds: 0, stepSeconds: windowMs / 1000 },
		stepSeconds: windowMs / 1000,
		pings,
		options: { host: 'any', interval: 100, timeout: 500, ...options },
		targets,
		windowMs,
	};
	return icmp.measure(job, probeTools({}));
}

export const lost = Array.from({ length: pings }, () => null);
