import { version } from '../../host/version.ts';
import type { CommandNode, OptionNode } from '../shared/command-tree.ts';
import { everyCommand } from '../shared/completion-offers.ts';
import { blocksOf, type HelpBlock } from './help-text.ts';
import { conclusion, introduction, type ProseSection, purpose } from './prose.ts';
import { bold, brokenCommand, entry, italic, literal, paragraph, plain, type Roff } from './roff.ts';

/**
 * The manual page of programs, for man(1).
 *
 * @param main what the page is called after
 * @param older other names of its commands
 */
export function manPage(main: CommandNode, older: readonly CommandNode[]): string {
	const commands = everyCommand(main).slice(1);
	const ends = commands.filter((command) => command.commands.length === 0);
	const names = [main, ...older].map(nameOf);
	const lines: Roff = [
		'.\\" Made by: pingmachine man',
		`.TH ${plain(nameOf(main).toUpperCase())} 1 "" "${plain(`${nameOf(main)} ${version}`)}" "User Commands"`,
		// Commands and paths are to be copied: no hyphens that are not there.
		'.nh',
		'.ad l',
		'.SH NAME',
		`${plain(names.join(', '))} \\- ${plain(purpose)}`,
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
	return `${lines.join('\n')}\n`;
}

function nameOf({ path }: CommandNode): string {
	return path.join(' ');
}

function usage(node: CommandNode): string {
	return `${bold(nameOf(node))}${plain(node.usage.slice(nameOf(node).length))}`;
}

function commandSection(node: CommandNode): Roff {
	return [
		`.SS ${usage(node)}`,
		plain(node.description),
		...node.parameters.flatMap(({ placeholder, description }) =>
			description === '' ? [] : entry(italic(placeholder), description),
		),
		// What every command has is told once.
		...node.options.filter(({ names }) => !names.includes('--help')).flatMap(optionEntry),
		...helpBlocks(blocksOf(node.after)),
	];
}

function optionEntry({ flags, description }: OptionNode): Roff {
	const [names = '', value] = flags.split(/ (?=[<[])/);
	const shown = names.split(', ').map(bold).join(', ');
	const term = value === undefined ? shown : `${shown} ${italic(value.replaceAll(/[<>]/g, ''))}`;
	return entry(term, description);
}

/** Commands that follow each other stand together. */
function helpBlocks(blocks: readonly HelpBlock[]): Roff {
	const lines: string[] = [];
	let commands: string[] = [];
	const endCommands = () => {
		if (commands.length > 0) lines.push(...literal(commands));
		commands = [];
	};
	for (const block of blocks) {
		if (block.kind === 'command') {
			commands.push(...brokenCommand(block.text));
			continue;
		}
		endCommands();
		lines.push(...(block.kind === 'entry' ? entry(bold(block.term), block.text) : paragraph(block.text)));
	}
	endCommands();
	return lines;
}

function proseSection({ title, paragraphs = [], example, entries = [] }: ProseSection): Roff {
	return [
		`.SH ${title}`,
		...paragraphs.flatMap(paragraph),
		...(example === undefined ? [] : literal(example.split('\n'))),
		...entries.flatMap(([term, text]) => entry(bold(term), text)),
	];
}
