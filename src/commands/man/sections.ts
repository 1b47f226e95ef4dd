import { version } from '../../host/version.ts';
import type { CommandNode, OptionNode } from '../shared/command-tree.ts';
import { blocksOf, type HelpBlock } from './help-text.ts';
import type { ProseSection } from './prose.ts';
import { bold, brokenCommand, entry, filled, italic, literal, paragraph, plain, type Roff } from './roff.ts';

/** As it is typed. */
export function nameOf({ path }: CommandNode): string {
	return path.join(' ');
}

export function usage(node: CommandNode): string {
	return `${bold(nameOf(node))}${plain(node.usage.slice(nameOf(node).length))}`;
}

/** All that --help says of a command, below its usage. */
export function commandSection(node: CommandNode): Roff {
	return [
		`.SS ${usage(node)}`,
		...filled(node.description),
		...argumentsOf(node),
		...helpBlocks(blocksOf(node.after)),
	];
}

/** Its arguments and options; not those that every command has, which are told once. */
export function argumentsOf(node: CommandNode): Roff {
	return [
		...node.parameters.flatMap(({ placeholder, description }) =>
			description === '' ? [] : entry(italic(placeholder), description),
		),
		...node.options.filter(({ names }) => !names.includes('--help')).flatMap(optionEntry),
	];
}

export function optionEntry({ flags, description }: OptionNode): Roff {
	const [names = '', value] = flags.split(/ (?=[<[])/);
	const shown = names.split(', ').map(bold).join(', ');
	const term = value === undefined ? shown : `${shown} ${italic(value.replaceAll(/[<>]/g, ''))}`;
	return entry(term, description);
}

/** Commands that follow each other stand together. */
export function helpBlocks(blocks: readonly HelpBlock[]): Roff {
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

export function proseSection({ title, paragraphs = [], example, entries = [] }: ProseSection): Roff {
	return [
		`.SH ${title}`,
		...paragraphs.flatMap(paragraph),
		...(example === undefined ? [] : literal(example.split('\n'))),
		...entries.flatMap(([term, text]) => entry(bold(term), text)),
	];
}

/**
 * What a page begins with.
 *
 * @param title what it is called after
 * @param names what it tells of
 */
export function titleOf(title: string, names: readonly string[], purpose: string): Roff {
	return [
		'.\\" Made by: pingmachine man',
		`.TH ${plain(title.toUpperCase())} 1 "" "pingmachine ${plain(version)}" "User Commands"`,
		// Commands and paths are to be copied: no hyphens that are not there.
		'.nh',
		'.ad l',
		'.SH NAME',
		`${plain(names.join(', '))} \\- ${plain(purpose)}`,
	];
}
