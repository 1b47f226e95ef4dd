import type { FactScalar } from '../../src/model/facts.ts';
import { failureOf } from '../../src/model/probe.ts';
import { makeRunCommand } from '../../src/tools/run-command.ts';
import type { Early } from '../shared/serve-thread.ts';
import { type Pinged, secondsFrom, spreadPings, type TimedTarget } from '../shared/timing/pings.ts';
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

/** What programs print is mostly a line. */
const outputMaxBytes = 65_536;
const runCommand = makeRunCommand(outputMaxBytes);
const places = new Places();

/** Runs the program for every target. Ends soon after the signal fires, with what there is. Never rejects. */
export function runPrograms(run: ProgramRun, signal: AbortSignal, early: Early): Promise<TimedTarget[]> {
	const { argvs, pings, intervalMs, timeoutMs, processes } = run;
	const ping = async (target: number): Promise<Pinged | null> => {
		const giveBack = await places.take(processes, timeoutMs, signal);
		if (giveBack === null) return signal.aborted ? null : busy(processes);
		const sentAtSeconds = Date.now() / 1000;
		const judged = await runOnce(run, argvs[target] ?? [], signal).finally(giveBack);
		return judged === null || 'failure' in judged ? judged : pingedOf(judged, sentAtSeconds);
	};
	return spreadPings({ targets: argvs.length, pings, intervalMs }, ping, signal, early);
}

function pingedOf(
	{ rttSeconds, lossReason, exitCode, said }: Extract<Judged, { said: unknown }>,
	sentAtSeconds: number,
): Pinged {
	const facts: Record<string, FactScalar> = { ...said.values };
	if (exitCode !== null) facts['exit_code'] = exitCode;
	if (said.line !== '') facts['output'] = said.line;
	return { sample: { sentAtSeconds, rttSeconds }, lossReason, facts };
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
		const tookSeconds = secondsFrom(startedMs);
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

function busy(processes: number): Pinged {
	const failure = `${processes} programs ran already: raise probes.command.processes in the config file, or measure less often`;
	return { failure, code: 'limited' };
}
