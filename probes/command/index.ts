import type { Facts } from '../../src/model/facts.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { ProbeError } from '../../src/model/probe.ts';
import { countedReasons, lossFacts } from '../shared/loss-reasons.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { argvOf, programOf } from './argv.ts';
import { valuesMax } from './judge.ts';
import { type CommandOptions, commandOptions } from './options.ts';
import { batchMax, needMs, paceOf } from './pace.ts';
import type { ProgramOutcome, ProgramRun } from './run.ts';
import { type CommandSettings, commandSettings } from './settings.ts';
import { commandThread } from './thread.ts';

/** Any program that the config file lists: once a ping, by a thread of its own. */
export const command: Probe<CommandOptions, CommandSettings> = {
	name: 'command',
	options: commandOptions,
	target: 'target',
	settings: commandSettings,
	facts: [
		{
			...{ name: 'exit_code', kind: 'gauge', help: 'exit code of the program', per: 'ping' },
			undeclaredMax: valuesMax,
		},
		{ name: 'output', kind: 'text', help: 'first line of what it last printed', per: 'measurement' },
	],
	lanes: 50,
	batchMax,
	needMs,
	measure,
	close: () => commandThread.close(),
};

async function measure(
	{ options, targets, pings, windowMs }: Job<CommandOptions>,
	tools: ProbeTools<CommandSettings>,
): Promise<ProbeResults> {
	const { settings, signal, early, note } = tools;
	const found = programOf(options, settings);
	if ('fault' in found) throw new ProbeError('no_program', found.fault);
	const { program } = found;
	const pace = paceOf(windowMs, pings, program.timeout);
	const argvs = targets.map((target) => argvOf(program, target, options.args));
	const run: ProgramRun = {
		...{ name: options.program, nagios: program.nagios, argvs, pings, processes: settings.processes },
		...pace,
	};
	note(noteOf(program.argv, run));
	const own = new Map(targets.map((target) => [target, target]));
	const outcomes = await commandThread.run(run, signal, watchingHosts(targets, own, early));
	return new Map(targets.map((target, at) => [target, resultOf(outcomes[at])]));
}

function resultOf(outcome: ProgramOutcome | undefined): TargetResult {
	if (outcome === undefined || outcome.samples.length === 0) {
		return outcome?.failure ?? { failure: 'command was stopped before a ping was over', code: 'stopped' };
	}
	const { samples, exitCodes, losses, values, line } = outcome;
	const facts: Facts = {
		...values,
		exit_code: exitCodes,
		...(line === null ? {} : { output: line }),
		...lossFacts(countedReasons(losses), samples.length),
	};
	return { samples, facts };
}

function noteOf(argv: readonly string[], { name, argvs, intervalMs, timeoutMs }: ProgramRun): string {
	const targets = `${argvs.length} ${argvs.length === 1 ? 'target' : 'targets'}`;
	return `${name} (${argv[0]}) for ${targets}, each every ${Math.round(intervalMs)} ms, waits ${timeoutMs} ms for its end`;
}
