import type { CommandNode } from '../shared/command-tree.ts';
import { everyCommand } from '../shared/completion-offers.ts';
import { conclusion, introduction, purpose } from './prose.ts';
import { joined, type Roff } from './roff.ts';
import { commandSection, nameOf, optionEntry, proseSection, titleOf, usage } from './sections.ts';

/**
 * The manual page of programs, for man(1): all commands on one page.
 *
 * @param main what the page is called after
 * @param older other names of its commands
 */
export function manPage(main: CommandNode, older: readonly CommandNode[]): string {
	const commands = everyCommand(main).slice(1);
	const ends = commands.filter((command) => command.commands.length === 0);
	const lines: Roff = [
		...titleOf(nameOf(main), [main, ...older].map(nameOf), purpose),
		'.SH SYNOPSIS',
		'.nf',
		...[...ends, ...older].map(usage),
		'.fi',
		...introduction.flatMap(proseSection),
		'.SH OPTIONS',
		...main.options.flatMap(optionEntry),
		'.SH COMMANDS',
		...commands.flatMap(commandSection),
		'.SH OLDER NAMES',
		...older.flatMap((program) => commandSection({ ...program, after: '' })),
		...conclusion.flatMap(proseSection),
	];
	return joined(lines);
}
