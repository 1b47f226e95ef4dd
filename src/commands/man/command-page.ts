import type { CommandNode } from '../shared/command-tree.ts';
import { everyCommand } from '../shared/completion-offers.ts';
import { blocksOf } from './help-text.ts';
import { bold, entry, joined, paragraph, plain, type Roff } from './roff.ts';
import { argumentsOf, helpBlocks, nameOf, titleOf, usage } from './sections.ts';

/** A page for each command and each older program, by what man(1) calls it: `pingmachine-order-add`. */
export function commandPages(main: CommandNode, older: readonly CommandNode[]): ReadonlyMap<string, string> {
	const pages = new Map<string, string>();
	for (const node of older) pages.set(pageName(node), commandPage(node, null));
	for (const node of commandsBelow(main)) {
		// Older programs that are called like the page of a command are that command.
		const same = older.find((program) => nameOf(program) === pageName(node)) ?? null;
		pages.set(pageName(node), commandPage(node, same));
	}
	return pages;
}

/** As git has it: what `man pingmachine order` looks for too. */
function pageName({ path }: CommandNode): string {
	return path.join('-');
}

/** Less commander's own `help`. */
function commandsBelow(main: CommandNode): readonly CommandNode[] {
	return everyCommand(main)
		.slice(1)
		.filter(({ path }) => path.at(-1) !== 'help');
}

/** @param same a program of its own that does the same, or null */
function commandPage(node: CommandNode, same: CommandNode | null): string {
	const below = commandsBelow(node);
	const after = blocksOf(node.after);
	const others = ['pingmachine', parentOf(node), ...below.map(pageName)].filter((name) => name !== '');
	const lines: Roff = [
		...titleOf(pageName(node), [pageName(node)], purposeOf(node)),
		'.SH SYNOPSIS',
		'.nf',
		...[node, ...below, ...(same === null ? [] : [same])].map(usage),
		'.fi',
		'.SH DESCRIPTION',
		...paragraph(node.description),
		...(same === null ? [] : paragraph(`${nameOf(same)} is the same command.`)),
		...section('OPTIONS', argumentsOf(node)),
		...section(
			'COMMANDS',
			below.flatMap((child) => entry(bold(nameOf(child)), child.summary)),
		),
		...section('NOTES', helpBlocks(after)),
		'.SH SEE ALSO',
		...paragraph([...new Set(others)].map((name) => `${name}(1)`).join(', ')),
	];
	return joined(lines);
}

function section(title: string, lines: Roff): Roff {
	return lines.length === 0 ? [] : [`.SH ${plain(title)}`, ...lines];
}

function parentOf({ path }: CommandNode): string {
	return path.slice(0, -1).join('-');
}

/** One line, as apropos(1) shows it. */
function purposeOf({ summary, description }: CommandNode): string {
	const text = summary === '' ? description : summary;
	const [first = text] = text.split(/\.(?: |$)/);
	return first.charAt(0).toLowerCase() + first.slice(1);
}
