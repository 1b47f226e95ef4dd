import type { Command } from 'commander';
import { probesForCommand } from '../config/known-probes.ts';
import type { ProbeTable } from '../model/probe.ts';
import { bareProgram, runProgram } from './program.ts';

/** Runs the command line of this process with this command alone. */
export async function runOne(
	register: (program: Command, probes: ProbeTable) => void,
	builtIn: ProbeTable,
): Promise<void> {
	const probes = await probesForCommand(process.argv, builtIn);
	await runAlone((program) => register(program, probes));
}

/** The same, with a command that is the daemon: it loads its probes itself, and does not start when one is at fault. */
export async function runAlone(register: (program: Command) => void): Promise<void> {
	const program = bareProgram();
	register(program);
	await runProgram(program);
}
