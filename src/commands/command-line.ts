import { Command } from 'commander';
import { builtInProbes } from '../../probes/index.ts';
import { version } from '../host/version.ts';
import { nearest } from '../model/nearest.ts';
import { printable } from '../model/printable.ts';
import type { ProbeTable } from '../model/probe.ts';
import { registerAlerts } from './alerts/index.ts';
import { registerCheck } from './check/index.ts';
import { registerCompletion } from './completion/index.ts';
import { registerContainer } from './container/index.ts';
import { registerExplain } from './explain/index.ts';
import { registerExport } from './export/index.ts';
import { registerGraph } from './graph/index.ts';
import { graphProgram } from './graph/program.ts';
import { registerImport } from './import/index.ts';
import { registerMan } from './man/index.ts';
import { registerMeasure } from './measure/index.ts';
import { mpcliProgram } from './mpcli/index.ts';
import { registerOrder } from './order/index.ts';
import { registerPop } from './pop/index.ts';
import { registerReport } from './report/index.ts';
import { registerRun } from './run/index.ts';
import { registerSink } from './sink/index.ts';
import { registerStatus, statusProgram } from './status/index.ts';
import { registerSupport } from './support/index.ts';
import { registerWeb } from './web/index.ts';

/**
 * The program with all its commands, which know these probes. What shells complete and the manual page are made from
 * it too.
 */
export function commandLine(probes: ProbeTable = builtInProbes): Command {
	const program = new Command('pingmachine')
		.description('Measures latency and loss for applications that ask for it with files.')
		.version(version)
		// Options behind the name of a command are that command's, though the one above it may have the same.
		.enablePositionalOptions()
		.showHelpAfterError('(--help tells what there is)');
	registerRun(program);
	registerPop(program);
	registerWeb(program, probes);
	registerCheck(program, probes);
	registerStatus(program, probes);
	registerExplain(program, probes);
	registerGraph(program, probes);
	registerExport(program);
	registerReport(program, probes);
	registerOrder(program, probes);
	registerAlerts(program, probes);
	registerImport(program, probes);
	registerMeasure(program, probes);
	registerSink(program, probes);
	registerSupport(program, probes);
	registerCompletion(program, olderPrograms);
	registerContainer(program);
	registerMan(program, olderPrograms);
	return program;
}

/**
 * Ends with an error when the words ask for the help of a command that there is not: commander shows the help of all
 * then, and says nothing of the slip.
 */
export function refuseUnknownHelp(program: Command, words: readonly string[]): void {
	const isHelp = words[0] === 'help';
	let command: Command = program;
	for (const word of isHelp ? words.slice(1) : words) {
		if (word.startsWith('-') || word === 'help' || command.commands.length === 0) return;
		const child = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
		if (child === undefined) {
			if (!isHelp && !words.some((each) => each === '--help' || each === '-h')) return;
			const near = nearest(
				word,
				command.commands.map((each) => each.name()),
			);
			const hint = near === null ? '' : `\n(Did you mean ${near}?)`;
			command.error(`error: unknown command '${printable(word)}'${hint}`);
		}
		command = child;
	}
}

/** Programs of their own, with the names that commands had before, here or in meshping. */
export function olderPrograms(): readonly Command[] {
	return [statusProgram(builtInProbes), graphProgram(builtInProbes), mpcliProgram(builtInProbes)];
}
