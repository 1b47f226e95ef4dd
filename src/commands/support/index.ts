import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { usualConfigFile } from '../../config/known-probes.ts';
import { usualBaseDir } from '../../config/usual-base-dir.ts';
import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { explain } from '../explain/index.ts';
import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import {
	aboutDaemon,
	aboutFiles,
	aboutMachine,
	environmentIn,
	lastLogLines,
	settingsIn,
} from './sections.ts';

interface SupportOptions {
	readonly basedir?: string | undefined;
	readonly config?: string | undefined;
	readonly lines: string;
}

/** Adds the command `support` to the program. */
export function registerSupport(program: Command, probes: ProbeTable): void {
	program
		.command('support')
		.summary('collect what somebody needs who helps you')
		.description(
			'Prints versions, settings without secrets, what the daemon says of itself, its last log lines, and all that is known of an order. Nothing is sent anywhere.',
		)
		.argument('[id]', 'an order that is not as it should be')
		.addOption(baseDirOverConfig('of the daemon (default: /var/lib/pingmachine)'))
		.addOption(configOption())
		.option('--lines <n>', 'so many of the last lines of the log', '100')
		.addHelpText('after', help)
		.action(async (id: string | undefined, options: SupportOptions) => {
			process.stdout.on('error', () => {});
			process.exitCode = await support(id, options, probes, process.stdout);
		});
}

const help = `
Read it before you pass it on: names of orders and targets are in it. Passwords, tokens and what stands in URLs before the
host are not.

Examples:
  pingmachine support > support.txt
  pingmachine support me/localhost --config /etc/pingmachine/pingmachine.yaml`;

/** Prints it all. Resolves with the exit code: 1 when the order is not known, or an option is wrong. */
async function support(
	id: string | undefined,
	options: SupportOptions,
	probes: ProbeTable,
	stdout: { write(text: string): unknown },
): Promise<0 | 1> {
	const lines = Number(options.lines);
	if (!Number.isInteger(lines) || lines < 0 || lines > 10_000) {
		process.stderr.write('--lines: must be a whole number from 0 to 10000\n');
		return 1;
	}
	const file = options.config ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
	const settings = settingsIn(file);
	const baseDir = resolve(options.basedir || settings.baseDir || usualBaseDir);
	const print = (title: string, told: readonly string[]) =>
		void stdout.write(`== ${title}\n${told.map((line) => `${printable(line)}\n`).join('')}\n`);
	print('versions', aboutMachine());
	print(file === undefined ? 'settings: no file' : `settings of ${file}, without secrets`, settings.lines);
	print('environment', environmentIn(process.env));
	print(`files in ${baseDir}`, aboutFiles(baseDir));
	print('daemon', await aboutDaemon(baseDir));
	print('log', lines === 0 ? [] : lastLogLines(lines));
	if (id === undefined) return 0;
	stdout.write(`== order ${printable(id)}\n`);
	const place = { probes, nowMs: Date.now, columns: 120, colours: false, stdout, stderr: stdout };
	const exitCode = await explain(id, { basedir: baseDir, config: options.config }, place);
	return exitCode === 1 ? 1 : 0;
}
