import type { FactDeclaration, FactScalar, Facts, FactValue } from '../../../src/model/facts.ts';
import type { TargetResult } from '../../../src/model/probe.ts';
import { countedReasons, lossFacts } from '../loss-reasons.ts';
import type { TimedPing, TimedTarget } from './pings.ts';

/** Of each ping of all probes that time in JavaScript. They declare it. */
export const delayedFact: FactDeclaration = {
	name: 'delayed',
	kind: 'flag',
	help: 'whether the thread that took the time was late by more than 5 ms meanwhile',
	per: 'ping',
};

/** What came of a target, with its facts as they were declared: of the measurement those of the last ping that has them. */
export function resultOf(
	{ pings, failure }: TimedTarget,
	declarations: readonly FactDeclaration[],
	probe: string,
): TargetResult {
	if (pings.length === 0)
		return failure ?? { failure: `${probe} was stopped before a ping was over`, code: 'stopped' };
	const facts: [string, FactValue][] = [];
	for (const { name, per } of declarations) {
		const value = per === 'ping' ? ofPings(name, pings) : lastOf(name, pings);
		if (value !== null) facts.push([name, value]);
	}
	const reasons = pings.map(({ lossReason }) => lossReason).filter((reason) => reason !== null);
	const address = lastOf('address', pings);
	const common: Facts = address === null ? {} : { address };
	return {
		samples: pings.map(({ sample }) => sample),
		facts: {
			...common,
			...Object.fromEntries(facts),
			...lossFacts(countedReasons(reasons), pings.length),
		},
	};
}

/** Null when no ping has it. */
function ofPings(name: string, pings: readonly TimedPing[]): (FactScalar | null)[] | null {
	if (name === delayedFact.name) return pings.map(({ delayed }) => delayed);
	const values = pings.map(({ facts }) => facts[name] ?? null);
	return values.some((value) => value !== null) ? values : null;
}

function lastOf(name: string, pings: readonly TimedPing[]): FactScalar | null {
	return pings.findLast(({ facts }) => facts[name] !== undefined)?.facts[name] ?? null;
}
