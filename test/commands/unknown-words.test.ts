import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandLine } from '../../src/commands/command-line.ts';
import { refuseUnknownHelp } from '../../src/commands/program.ts';

function quiet(command: Command): Command {
	command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
	for (const child of command.commands) quiet(child);
	return command;
}

test.each([
	['help stats', 'status'],
	['sttus --help', 'status'],
	['order lss -h', 'ls'],
	['help order refesh', 'refresh'],
	['stauts', 'status'],
	['order ad', 'add'],
	['status --failin', '--failing'],
	['completion bsh', 'bash'],
])('%s is told what was meant', async (line, meant) => {
	const program = quiet(commandLine());
	const words = line.split(' ');
	const run = async () => {
		refuseUnknownHelp(program, words);
		await program.parseAsync(words, { from: 'user' });
	};
	await expect(run()).rejects.toThrow(new RegExp(`Did you mean ${meant}\\?`));
});

test.each([
	'help',
	'help status',
	'order help',
	'help order add',
	'order --help',
	'help help',
	'--help',
	'x',
])('%s is left to commander', (line) => {
	expect(() => refuseUnknownHelp(quiet(commandLine()), line.split(' '))).not.toThrow();
});
