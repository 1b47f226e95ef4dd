/** A part of the text that --help ends with. */
export type HelpBlock =
	| { readonly kind: 'paragraph'; readonly text: string }
	/** A name, two spaces or more, and what it means. */
	| { readonly kind: 'entry'; readonly term: string; readonly text: string }
	/** Indented, and to be shown as it is. */
	| { readonly kind: 'command'; readonly text: string };

/** Takes the text apart that is laid out for a terminal: by its empty lines, indentation and columns. */
export function blocksOf(text: string): readonly HelpBlock[] {
	const blocks: HelpBlock[] = [];
	let isStart = true;
	for (const line of text.split('\n')) {
		const last = isStart ? undefined : blocks.at(-1);
		const block = blockOf(line, last);
		isStart = line.trim() === '';
		if (block === null) continue;
		if (last !== undefined && block.isContinuation) blocks.pop();
		blocks.push(block.block);
	}
	return blocks;
}

/** What a line is, together with the block before it if it goes on with that. Null: an empty line. */
function blockOf(
	line: string,
	last: HelpBlock | undefined,
): { readonly block: HelpBlock; readonly isContinuation: boolean } | null {
	const words = line.trim();
	if (words === '') return null;
	if (!line.startsWith(' ')) {
		const isContinuation = last?.kind === 'paragraph';
		const text = isContinuation ? `${last.text} ${words}` : words;
		return { block: { kind: 'paragraph', text }, isContinuation };
	}
	if (line.startsWith('   ') && last?.kind === 'entry') {
		return { block: { ...last, text: `${last.text} ${words}` }, isContinuation: true };
	}
	const [, term = '', text = ''] = /^(\S(?:.*?\S)?) {2,}(\S.*)$/.exec(words) ?? [];
	const block = term === '' ? { kind: 'command', text: words } : { kind: 'entry', term, text };
	return { block: block as HelpBlock, isContinuation: false };
}
