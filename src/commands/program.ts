import { Command } from 'commander';
import { version } from '../host/version.ts';
import { nearest } from '../model/nearest.ts';
import { printable } from '../model/printable.ts';

/** The program without its commands. */
export function bareProgram(): Command {
	return (
		new Command('pingmachine')
			.description('Measures latency and loss for applications that ask for it with files.')
			.version(version)
			// Options behind the name of a command are that command's, though the one above it may have the same.
			.enablePositionalOptions()
			.showHelpAfterError('(--help tells what there is)')
	);
}

/** Runs the command line of this process. */
export async function runProgram(program: Command): Promise<void> {
	refuseUnknownHelp(program, process.argv.slice(2));
	await program.parseAsync();
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
