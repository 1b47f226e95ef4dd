import { notKnown } from '../../src/model/findings.ts';
import type { CommandOptions } from './options.ts';
import { type CommandSettings, type Program, placeholder, placeholdersIn } from './settings.ts';

/** The program that an order names, or why it cannot be run, for the user. */
export function programOf(
	{ program: name, args = {} }: CommandOptions,
	{ programs }: Pick<CommandSettings, 'programs'>,
): { readonly program: Program } | { readonly fault: string } {
	const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
	const listed = 'probes: command: programs: of the config file';
	if (program === undefined) {
		const names = Object.keys(programs);
		if (names.length === 0)
			return { fault: `command.program: there is no program in ${listed}. Add ${name} there` };
		return { fault: `command.program: ${notKnown('program', name, names)}. They stand in ${listed}` };
	}
	const declared = [...placeholdersIn(program.argv)].filter((one) => one !== 'target');
	const unknown = Object.keys(args).find((one) => !declared.includes(one));
	if (unknown !== undefined) return { fault: `command.args: ${notKnown('argument', unknown, declared)}` };
	const missing = declared.find((one) => !Object.hasOwn(args, one) && !Object.hasOwn(program.args, one));
	if (missing !== undefined)
		return { fault: `command.args: ${name} needs ${missing}. Add args: {${missing}: ...}` };
	return { program };
}

/** The program and its arguments for a target. What an order says is put in as it is, and never cut or looked into again. */
export function argvOf(
	{ argv, args: usual }: Program,
	target: string,
	args: CommandOptions['args'] = {},
): string[] {
	const values: Readonly<Record<string, string>> = { ...usual, ...args, target };
	return argv.map((argument) => argument.replace(placeholder, (_, name: string) => values[name] ?? ''));
}
