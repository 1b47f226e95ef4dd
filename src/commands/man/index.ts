import type { Command } from 'commander';
import { printable } from '../../model/printable.ts';
import { commandTree } from '../shared/command-tree.ts';
import { commandPages } from './command-page.ts';
import { manPage } from './page.ts';

/** Adds the command `man` to the program, for scripts/install. `older`: programs that have the page in common. */
export function registerMan(program: Command, older: () => readonly Command[]): void {
	program
		.command('man', { hidden: true })
		.description('Prints the manual page, or that of one command.')
		.argument('[command...]', 'such as status, or order add')
		.addHelpText(
			'after',
			'\nExamples:\n  pingmachine man > pingmachine.1\n  pingmachine man order add > pingmachine-order-add.1',
		)
		.action((words: readonly string[], _options: unknown, command: Command) => {
			const main = commandTree(program);
			const others = older().map((each) => commandTree(each));
			const pages = commandPages(main, others);
			const page =
				words.length === 0
					? manPage(main, others)
					: (pages.get(['pingmachine', ...words].join('-')) ?? pages.get(words.join('-')));
			if (page === undefined) {
				command.error(`error: there is no command '${printable(words.join(' '))}'`);
			}
			process.stdout.on('error', () => {});
			process.stdout.write(page);
		});
}
