import type { Command } from 'commander';
import { commandTree } from '../shared/command-tree.ts';
import { manPage } from './page.ts';

/** Adds the command `man` to the program, for scripts/install. `older`: programs that have the page in common. */
export function registerMan(program: Command, older: () => readonly Command[]): void {
	program
		.command('man', { hidden: true })
		.description('Prints the manual page.')
		.addHelpText(
			'after',
			'\nExamples:\n  pingmachine man > pingmachine.1\n  pingmachine man | gzip > pingmachine.1.gz',
		)
		.action(() => {
			process.stdout.on('error', () => {});
			process.stdout.write(
				manPage(
					commandTree(program),
					older().map((each) => commandTree(each)),
				),
			);
		});
}
