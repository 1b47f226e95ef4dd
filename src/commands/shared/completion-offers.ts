import type { LiveWords } from '../completion/complete.ts';
import type { CommandNode, ValueNode } from './command-tree.ts';

/** What a shell offers for a value. Null: nothing, because it can be anything. */
export type Offer =
	| { readonly kind: 'words'; readonly words: readonly string[] }
	/** Shells know these themselves; accounts are the users of the system, hosts those of /etc/hosts and the like. */
	| { readonly kind: 'files' | 'folders' | 'accounts' | 'hosts' }
	/** `pingmachine complete` tells them. */
	| { readonly kind: LiveWords }
	| null;

/** How a value is called in --help says what it can be. */
const byPlaceholder: Readonly<Record<string, Offer>> = {
	file: { kind: 'files' },
	dir: { kind: 'folders' },
	account: { kind: 'accounts' },
	target: { kind: 'hosts' },
	host: { kind: 'hosts' },
	user: { kind: 'users' },
	order: { kind: 'orders' },
	id: { kind: 'results' },
	rule: { kind: 'rules' },
	probe: { kind: 'probes' },
	'option=value': { kind: 'options' },
};

export function offerFor({ placeholder, choices }: ValueNode): Offer {
	// More probes come with the config.
	if (choices.length > 0 && placeholder !== 'probe') return { kind: 'words', words: choices };
	return byPlaceholder[placeholder] ?? null;
}

/** A command and all below it. */
export function everyCommand(node: CommandNode): readonly CommandNode[] {
	return [node, ...node.commands.flatMap(everyCommand)];
}

/** For a shell that then takes it for what it says, whatever is in it. */
export function singleQuoted(text: string): string {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
