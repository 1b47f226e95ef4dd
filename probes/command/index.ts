import { declarationsFor, type FactDeclaration } from '../../src/model/facts.ts';
import type { Job, Probe, ProbeResults, ProbeTools, TargetResult } from '../../src/model/probe.ts';
import { ProbeError } from '../../src/model/probe.ts';
import type { TimedTarget } from '../shared/timing/pings.ts';
import { delayedFact, resultOf } from '../shared/timing/results.ts';
import { watchingHosts } from '../shared/watching-hosts.ts';
import { argvOf, programOf } from './argv.ts';
import { valuesMax } from './judge.ts';
import { type CommandOptions, commandOptions } from './options.ts';
import { batchMax, needMs, paceOf } from './pace.ts';
import type { ProgramRun } from './run.ts';
import { type CommandSettings, commandSettings } from './settings.ts';
import { commandThread } from './thread.ts';

const facts: readonly FactDeclaration[] = [
	{
		...{ name: 'exit_code', kind: 'gauge', help: 'exit code of the program', per: 'ping' },
		undeclaredMax: valuesMax,
	},
	{ name: 'output', kind: 'text', help: 'first line of what it last printed', per: 'measurement' },
	delayedFact,
];

/** Any program that the config file lists: once a ping, by a thread of its own. */
export const command: Probe<CommandOptions, CommandSettings> = {
	name: 'command',
	get options() {
		return commandOptions();
	},
	target: 'target',
	get settings() {
		return commandSettings();
	},
	facts,
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
	return new Map(
		targets.map((target, at) => [target, resultWith(outcomes[at] ?? { pings: [], failure: null })]),
	);
}

/** With what the program has told beyond what is declared. */
function resultWith(outcome: TimedTarget): TargetResult {
	const told = Object.assign({}, ...outcome.pings.map(({ facts }) => facts));
	return resultOf(outcome, declarationsFor(facts, told), 'command');
}

function noteOf(argv: readonly string[], { name, argvs, intervalMs, timeoutMs }: ProgramRun): string {
	const targets = `${argvs.length} ${argvs.length === 1 ? 'target' : 'targets'}`;
	return `${name} (${argv[0]}) for ${targets}, each every ${Math.round(intervalMs)} ms, waits ${timeoutMs} ms for its end`;
}
