import type { Facts } from '../../src/model/facts.ts';
import type { Sample } from '../../src/model/measurement.ts';
import type { ReasonCode } from '../../src/model/outcome.ts';
import { failureOf } from '../../src/model/probe.ts';
import { makeRunCommand } from '../../src/tools/run-command.ts';
import type { Early } from '../shared/serve-thread.ts';
import { spreadPings } from '../shared/spread-pings.ts';
import { type Judged, judge } from './judge.ts';
import type { Pace } from './pace.ts';
import { Places } from './places.ts';

/** What to run, and how. Plain data: it goes to another thread. */
export interface ProgramRun extends Pace {
	/** As orders call it. */
	readonly name: string;
	readonly nagios: boolean;
	/** Of each target: the program and its arguments. */
	readonly argvs: readonly (readonly string[])[];
	readonly pings: number;
	/** So many programs run at a time, of all runs. */
	readonly processes: number;
}

/** Of each target. */
export interface ProgramOutcome {
	/** In sending order. Fewer than `pings` when nothing is known of some. */
	readonly samples: Sample[];
	/** With the samples. */
	readonly exitCodes: (number | null)[];
	/** Why, of each of those that are lost. */
	readonly losses: string[];
	/** What was last said, by name. */
	values: Facts;
	/** First line of what was last said. */
	line: string | null;
	/** Why nothing is known of some. */
	failure: { readonly failure: string; readonly code: ReasonCode } | null;
}

/** What programs print is mostly a line. */
const outputMaxBytes = 65_536;
const runCommand = makeRunCommand(outputMaxBytes);
const places = new Places();

/** Runs the program for every target. Ends soon after the signal fires, with what there is. Never rejects. */
export async function runPrograms(
	run: ProgramRun,
	signal: AbortSignal,
	early: Early = () => {},
): Promise<ProgramOutcome[]> {
	const { argvs, pings, intervalMs, timeoutMs, processes } = run;
	const outcomes = argvs.map(
		(): ProgramOutcome => ({ samples: [], exitCodes: [], losses: [], values: {}, line: null, failure: null }),
	);
	await spreadPings({ targets: argvs.length, pings, intervalMs }, signal, async (target, index) => {
		const outcome = outcomes[target] as ProgramOutcome;
		const giveBack = await places.take(processes, timeoutMs, signal);
		if (giveBack === null) {
			if (!signal.aborted) outcome.failure ??= busy(processes);
			return;
		}
		const sentAtSeconds = Date.now() / 1000;
		const judged = await runOnce(run, argvs[target] ?? [], signal).finally(giveBack);
		if (judged === null) return;
		if ('failure' in judged) {
			outcome.failure = judged;
			return;
		}
		const { rttSeconds, lossReason, exitCode, said } = judged;
		outcome.samples.push({ sentAtSeconds, rttSeconds });
		outcome.exitCodes.push(exitCode);
		outcome.values = { ...outcome.values, ...said.values };
		outcome.line = said.line === '' ? outcome.line : said.line;
		if (lossReason !== null) outcome.losses.push(lossReason);
		early({ target, index, sentAtSeconds, rttSeconds });
	});
	return outcomes.map(inSendingOrder);
}

/** Null when it was ended with its job. */
async function runOnce(
	{ name, nagios, timeoutMs }: ProgramRun,
	[program = '', ...args]: readonly string[],
	signal: AbortSignal,
): Promise<Judged | null> {
	const ending = new AbortController();
	const end = () => ending.abort();
	const startedMs = performance.now();
	let isTimedOut = false;
	const timer = setTimeout(() => {
		isTimedOut = true;
		end();
	}, timeoutMs);
	signal.addEventListener('abort', end, { once: true });
	try {
		const howToInstall = `install it, or correct probes.command.programs.${name} in the config file`;
		const limits = { signal: ending.signal, endWith: 'SIGTERM', howToInstall } as const;
		const result = await runCommand(program, args, limits);
		const tookSeconds = Math.round((performance.now() - startedMs) * 1000) / 1e6;
		if (result.stopped && !isTimedOut) return null;
		const timedOutAfterMs = result.stopped ? timeoutMs : null;
		return judge({ name, nagios }, result, { tookSeconds, timedOutAfterMs });
	} catch (error) {
		return failureOf(error);
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', end);
	}
}

function busy(processes: number): ProgramOutcome['failure'] {
	const failure = `${processes} programs ran already: raise probes.command.processes in the config file, or measure less often`;
	return { failure, code: 'limited' };
}

function inSendingOrder(outcome: ProgramOutcome): ProgramOutcome {
	const { samples, exitCodes } = outcome;
	const order = samples.map((_, at) => at);
	order.sort((a, b) => (samples[a]?.sentAtSeconds ?? 0) - (samples[b]?.sentAtSeconds ?? 0));
	return {
		...outcome,
		samples: order.flatMap((at) => samples[at] ?? []),
		exitCodes: order.map((at) => exitCodes[at] ?? null),
	};
}
