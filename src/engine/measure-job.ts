import type { Clock } from '../model/clock.ts';
import {
	type AnyProbe,
	failureOf,
	type Job,
	ProbeError,
	type ProbeResults,
	type ProbeTools,
	type TargetResult,
} from '../model/probe.ts';
import { race } from '../model/race.ts';

/** How long after it was told to end a job may take to hand over what it has. */
const graceMs = 3000;

/** Samples of each target, or why there are none. To be asked once for each order: they may be made when they are asked for. */
export interface JobResults {
	get(target: string): TargetResult;
}

/**
 * Runs a probe over a job. Never rejects, ends soon after `tools.signal` has fired even if the probe does not, and has
 * a result for every target, whatever the probe says.
 */
export async function measureJob(
	probe: AnyProbe,
	job: Job,
	tools: ProbeTools,
	clock: Clock,
): Promise<JobResults> {
	try {
		const limit = { signal: tools.signal, graceMs, clock };
		const results = await race(probe.measure(job, tools), limit, () => {
			throw new ProbeError('overrun', `${probe.name} could not be ended`);
		});
		return { get: (target) => resultIn(results, target) };
	} catch (error) {
		const failure = failureOf(error);
		return { get: () => failure };
	}
}

function resultIn(results: ProbeResults, target: string): TargetResult {
	try {
		return checked(results.get(target), target);
	} catch (error) {
		return failureOf(error);
	}
}

/** What a probe says of a target, if it is what a probe may say. */
function checked(result: TargetResult | undefined, target: string): TargetResult {
	if (result === undefined || ('samples' in result && !(result.samples?.length > 0)))
		return missingResult(target);
	return result;
}

function missingResult(target: string): TargetResult {
	return { failure: `the probe gave no result for ${target}` };
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
