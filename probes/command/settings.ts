import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';

/** A program that orders may name. */
export interface Program {
	/** The program and its arguments. `{target}` and `{name}` in them stand for what the order says. */
	readonly argv: readonly string[];
	/** It is a monitoring plug-in: its exit code is 0 to 3. */
	readonly nagios: boolean;
	/** What holds for arguments that an order leaves out. */
	readonly args: Readonly<Record<string, string>>;
	/** How long a run may take, seconds. */
	readonly timeout: number;
}

export interface CommandSettings {
	readonly programs: Readonly<Record<string, Program>>;
	/** So many run at a time, of all orders. */
	readonly processes: number;
}

const usualTimeoutSeconds = 10;
const usualProcesses = 50;

/** What stands for something of the order. */
export const placeholder = /\{([a-z][a-z0-9_]{0,39})\}/g;

/** The names of what an order may say. */
export function placeholdersIn(argv: readonly string[]): Set<string> {
	return new Set(
		argv.flatMap((argument) => [...argument.matchAll(placeholder)].map(([, name = '']) => name)),
	);
}

const shell = /^(?:.*\/)?(?:ba|da|z|k|c|tc|a|fi)?sh$/;

/** What is wrong with the list, or null. */
function wrongWithArgv(argv: readonly string[]): string | null {
	const [program = ''] = argv;
	if (program.includes('{')) return 'must begin with a program, and not with what an order says';
	if (!/^(?:\/.*|[^-/][^/]*)$/.test(program)) {
		return `must begin with the name of a program or its path from the root, not ${inWords(program)}`;
	}
	const script = shell.test(program) ? argv.findIndex((argument) => /^-[a-z]*c[a-z]*$/.test(argument)) : -1;
	if (script === -1 || placeholdersIn(argv.slice(script + 1, script + 2)).size === 0) return null;
	return `would let orders say what a shell runs. Write "$1" in the script, and after it '-' and '{target}' as arguments of their own`;
}

const textSetting = once(() =>
	z
		.union([z.string(), z.number(), z.boolean()], {
			error: ({ input }) => `must be text or a number, not ${inWords(input)}`,
		})
		.transform(String),
);

const argvSetting = once(() =>
	z
		.array(
			textSetting(),
			'must be a list of the program and its arguments, such as [/usr/local/bin/check, "{target}"]',
		)
		.min(1, 'is empty. Write the program and its arguments')
		.max(200)
		.superRefine((argv, context) => {
			const message = wrongWithArgv(argv);
			if (message !== null) context.addIssue({ code: 'custom', message });
		}),
);

const described = once(() =>
	z
		.strictObject({
			argv: argvSetting(),
			nagios: z.boolean().default(false),
			args: z.record(z.string(), textSetting()).default({}),
			timeout: z.number().min(0.1).max(3600).default(usualTimeoutSeconds),
		})
		.superRefine(({ argv, args }, context) => {
			const known = placeholdersIn(argv);
			for (const name of Object.keys(args)) {
				if (known.has(name) && name !== 'target') continue;
				const message = `has ${inWords(name)}, and argv has no {${name}} that it could stand for`;
				context.addIssue({ code: 'custom', path: ['args'], message });
			}
		}),
);

/** A list alone is the argv of a program with nothing else to say. */
const programSetting = once(() =>
	z.preprocess((value) => (Array.isArray(value) ? { argv: value } : value), described()),
);

const programName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/;

export const commandSettings: () => z.ZodType<CommandSettings> = once(() =>
	z.strictObject({
		programs: z
			.record(z.string(), programSetting())
			.superRefine((programs, context) => {
				for (const name of Object.keys(programs).filter((one) => !programName.test(one))) {
					const message = `must be named by letters, digits, dots, - and _, not ${inWords(name)}`;
					context.addIssue({ code: 'custom', message });
				}
			})
			.default({}),
		processes: z.int().min(1).max(1000).default(usualProcesses),
	}),
);
