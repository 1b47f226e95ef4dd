import { isIP, isIPv6 } from 'node:net';
import type { Job, NameFailure, NameQuery, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { familyOf } from './addressing.ts';

/** Looking up names may take a tenth of the window, and never more than this. */
const lookUpMaxMs = 5000;

type LookUpOptions = Readonly<Record<string, unknown>> & {
	readonly ipv6?: boolean | undefined;
	readonly interface?: string | undefined;
};

type LookUpJob = Pick<Job<LookUpOptions>, 'targets' | 'options' | 'windowMs'>;

type LookUpTools = Pick<ProbeTools, 'resolve' | 'measuredAt'>;

/** The addresses of a job's targets, and why others have none. Programs are given addresses only. */
export async function addressesOf(
	{ targets, options: { ipv6, interface: device }, windowMs }: LookUpJob,
	{ resolve, measuredAt }: LookUpTools,
): Promise<{ addresses: Map<string, string>; without: Map<string, NameFailure> }> {
	// A loop rather than a callback, which would be compiled anew for each job.
	const names: NameQuery[] = [];
	for (const name of targets) {
		names.push({ name, family: familyOf({ host: name, ipv6 }), interface: device });
	}
	const answers = await resolve(names, lookUpMs(windowMs));
	const addresses = new Map<string, string>();
	const without = new Map<string, NameFailure>();
	for (const target of targets) {
		const answer = answers.get(target);
		if (answer === undefined) continue;
		if ('address' in answer) {
			addresses.set(target, answer.address);
			if (answer.address !== target) measuredAt(target, answer);
		} else without.set(target, answer);
	}
	return { addresses, without };
}

/** The same, with the failures in words. */
export async function lookUpTargets(
	job: LookUpJob,
	tools: LookUpTools,
): Promise<{ addresses: Map<string, string>; failures: Map<string, TargetResult> }> {
	const { addresses, without } = await addressesOf(job, tools);
	const failures = new Map<string, TargetResult>();
	for (const [target, why] of without) {
		failures.set(target, { failure: nameFailureText(target, why), code: why.code });
	}
	return { addresses, failures };
}

/** How long a job may wait for its names, milliseconds. */
export function lookUpMs(windowMs: number): number {
	return Math.min(lookUpMaxMs, windowMs / 10);
}

/** How an order says of which family the addresses of a name are to be: by default with `ipv6`. */
export type FamilyRemedy = (has: 4 | 6) => string;

const byFlag: FamilyRemedy = (has) => (has === 6 ? 'write ipv6: true' : 'leave out ipv6: true');

/** Why a name has no address, for the user. */
export function nameFailureText(name: string, why: NameFailure, remedyFor: FamilyRemedy = byFlag): string {
	if (why.code === 'name_unknown') {
		if (why.has !== undefined) return `${name} has only IPv${why.has} addresses: ${remedyFor(why.has)}`;
		return why.useless === undefined ? `name or service not known: ${name}` : uselessText(name, why.useless);
	}
	if (why.systemCode === null) {
		return `no answer from the resolver within ${Math.round(why.afterMs) / 1000} s: ${name}`;
	}
	if (why.systemCode === 'EAI_AGAIN') {
		return `temporary failure in name resolution: ${name}. Does the DNS server answer?`;
	}
	return `${name} could not be looked up: ${why.systemCode}`;
}

/** An address that a name leads to, and that belongs to no host. */
function uselessText(name: string, address: string): string {
	if (isIP(name) !== 0) {
		const own = isIPv6(address) ? '::1' : '127.0.0.1';
		return `${address} is the address of no host: write ${own} for this machine`;
	}
	if (address.startsWith('::ffff:'))
		return `${name} leads to ${address}, an IPv4 address in the form of IPv6`;
	if (isIPv6(address) && address !== '::') {
		return `${name} leads to ${address}, a link-local address, and nobody says on which interface: write host: ${address}%eth0`;
	}
	return `${name} leads to ${address}, which is no host: is it blocked by a name server or in /etc/hosts?`;
}

/** What looking up names has left of the window. A hundredth does not count: the pace should always be the same. */
export function restOfWindow(
	{ windowMs, targets }: Pick<Job, 'windowMs' | 'targets'>,
	spentMs: number,
): number {
	const hadNames = targets.some((target) => isIP(target) === 0);
	return hadNames && spentMs > windowMs / 100 ? windowMs - spentMs : windowMs;
}

/** The results by target, of results by address, after those of targets that have none. */
export function byTarget<Result>(
	addresses: ReadonlyMap<string, string>,
	byAddress: ReadonlyMap<string, Result>,
	failures: ReadonlyMap<string, Result>,
): Map<string, Result> {
	const results = new Map(failures);
	for (const [target, address] of addresses) {
		const result = byAddress.get(address);
		if (result !== undefined) results.set(target, result);
	}
	return results;
}
