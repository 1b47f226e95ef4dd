import type { Command } from 'commander';
import { probesForCommand } from '../config/known-probes.ts';
import type { ProbeTable } from '../model/probe.ts';
import { bareProgram, runProgram } from './program.ts';

/** Runs the command line of this process with this command alone. */
export async function runOne(
	register: (program: Command, probes: ProbeTable) => void,
	builtIn: ProbeTable,
): Promise<void> {
	const program = bareProgram();
	register(program, await probesForCommand(process.argv, builtIn));
	await runProgram(program);
}
