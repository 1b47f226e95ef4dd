import { z } from 'zod';
import type { FactDeclaration } from '../../src/model/facts.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';

interface Options extends Readonly<Record<string, unknown>> {
	readonly host: string;
	readonly via?: string | undefined;
}

/** A probe that does what a test tells it to, and remembers its jobs. For tests of scheduling with a fake clock. */
export class ScriptedProbe implements Probe<Options, Record<string, never>> {
	readonly name = 'scripted';
	readonly options = z.strictObject({ host: z.string(), via: z.string().optional() });
	readonly target = 'host';
	readonly settings = z.strictObject({});
	facts: readonly FactDeclaration[] = [];
	lanes = 10;
	max = 1000;
	need = 1000;
	readonly jobs: Job<Options>[] = [];
	/** What the next jobs do; by default they answer every ping in 10 ms, at once. */
	script: (job: Job<Options>, tools: ProbeTools) => Promise<ProbeResults> = async (job) => allAnswer(job);

	batchMax(): number {
		return this.max;
	}

	needMs(): number {
		return this.need;
	}

	async measure(job: Job<Options>, tools: ProbeTools): Promise<ProbeResults> {
		this.jobs.push(job);
		return this.script(job, tools);
	}
}

/** Every ping of the job is answered in 10 ms. */
export function allAnswer(job: Job): Map<string, TargetResult> {
	const samples = Array.from({ length: job.pings }, (_, i) => ({
		sentAtSeconds: job.slot.startSeconds + i,
		rttSeconds: 0.01,
	}));
	return new Map(job.targets.map((target) => [target, { samples }]));
}
