import { isIP } from 'node:net';
import type { Job, ResolveNames, TargetResult } from '../../src/model/probe.ts';
import { familyOf } from './addressing.ts';

/** Looking up names may take a tenth of the window, and never more than this. */
const lookUpMaxMs = 5000;

/** The addresses of a job's targets, and the failures of those that have none. Programs are given addresses only. */
export async function lookUpTargets(
	{ targets, options: { ipv6 }, windowMs }: Pick<Job<LookUpOptions>, 'targets' | 'options' | 'windowMs'>,
	resolve: ResolveNames,
): Promise<{ addresses: Map<string, string>; failures: Map<string, TargetResult> }> {
	// A loop rather than a callback, which would be compiled anew for each job.
	const names: { name: string; family: 4 | 6 }[] = [];
	for (const name of targets) names.push({ name, family: familyOf({ host: name, ipv6 }) });
	const answers = await resolve(names, Math.min(lookUpMaxMs, windowMs / 10));
	const addresses = new Map<string, string>();
	const failures = new Map<string, TargetResult>();
	for (const target of targets) {
		const answer = answers.get(target);
		if (answer === undefined) continue;
		if ('address' in answer) addresses.set(target, answer.address);
		else failures.set(target, answer);
	}
	return { addresses, failures };
}

type LookUpOptions = Readonly<Record<string, unknown>> & { readonly ipv6?: boolean | undefined };

/** What looking up names has left of the window. A hundredth does not count: the pace should always be the same. */
export function restOfWindow(
	{ windowMs, targets }: Pick<Job, 'windowMs' | 'targets'>,
	spentMs: number,
): number {
	const hadNames = targets.some((target) => isIP(target) === 0);
	return hadNames && spentMs > windowMs / 100 ? windowMs - spentMs : windowMs;
}

/** The results by target, of results by address. */
export function byTarget(
	addresses: ReadonlyMap<string, string>,
	byAddress: ReadonlyMap<string, TargetResult>,
): Map<string, TargetResult> {
	const results = new Map<string, TargetResult>();
	for (const [target, address] of addresses) {
		const result = byAddress.get(address);
		if (result !== undefined) results.set(target, result);
	}
	return results;
}
