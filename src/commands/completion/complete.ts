import { type Dirent, readdirSync, statSync } from 'node:fs';
import { baseDirVariable, usualBaseDir } from '../../config/usual-base-dir.ts';
import { firstUnprintable } from '../../model/printable.ts';
import { isIgnored } from '../../orders/entry.ts';
import { listOrderFiles } from '../../orders/list-orders.ts';
import { isSafeOrderId } from '../../store/order-path.ts';
import { isOurFile } from '../../store/our-files.ts';

/**
 * What changes while shells complete: rules, order files, orders with results (live and archived), users of orders, probes
 * (the config may have more of them), and what options of a probe begin with.
 */
export type LiveWords = 'orders' | 'results' | 'users' | 'probes' | 'options' | 'rules';

/**
 * Prints what a word on the command line can become, one a line: `[kind, base directory, beginning of the word,
 * probe]`. The probe is for its options. Ids are told like paths, down to the next `/`. Says nothing about what goes
 * wrong: somebody is typing.
 */
export async function complete(args: readonly string[], stdout: NodeJS.WritableStream): Promise<void> {
	const [kind = '', baseDir = '', typed = '', probe = ''] = args;
	stdout.on('error', () => {});
	let words: readonly string[] = [];
	try {
		words = await wordsFor(
			kind as LiveWords,
			baseDir || process.env[baseDirVariable] || usualBaseDir,
			typed,
			probe,
		);
	} catch {
		// There is nothing to offer then.
	}
	stdout.write(words.map((word) => `${word}\n`).join(''));
}

/** Sorted. Throws what the file system says. */
export async function wordsFor(
	kind: LiveWords,
	baseDir: string,
	typed: string,
	probe = '',
): Promise<readonly string[]> {
	if (kind === 'probes' || kind === 'options') {
		const { optionsOf, probeNames } = await import('./complete-probes.ts');
		const words = kind === 'probes' ? await probeNames() : await optionsOf(probe || 'icmp');
		return fewOf(words.filter((word) => isOffered(word, typed)));
	}
	if (kind === 'users') {
		// Orders are YAML: reading them takes longer to load than all the rest.
		const { usersIn } = await import('./complete-users.ts');
		return fewOf(usersIn(baseDir).filter((user) => isOffered(user, typed)));
	}
	const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
	if (folder !== '' && !isSafeOrderId(folder.slice(0, -1))) return [];
	const isWanted = (name: string) => isOffered(folder + name, typed);
	if (kind === 'orders') return ordersIn(`${baseDir}/orders/`, folder, isWanted);
	if (kind === 'rules') return rulesIn(`${baseDir}/alerts/`, folder, isWanted);
	if (kind === 'results') return resultsIn([`${baseDir}/output/`, `${baseDir}/archive/`], folder, isWanted);
	return [];
}

/** Words stand on a line and then on a screen; and what is not UTF-8 could not be given back by the shell. */
function isOffered(word: string, typed: string): boolean {
	return word.startsWith(typed) && firstUnprintable(word) === null && !word.includes('\ufffd');
}

/** Nobody reads more. */
const mostWords = 1000;

/** The last one stays: the shell types what all have in common, which the first and the last then tell. */
function fewOf(words: Iterable<string>): string[] {
	const sorted = [...new Set(words)].sort();
	return sorted.length <= mostWords ? sorted : [...sorted.slice(0, mostWords - 1), ...sorted.slice(-1)];
}

type Names = (name: string) => boolean;

function ordersIn(root: string, folder: string, isWanted: Names): readonly string[] {
	const entries = new Map(entriesOf(root + folder).map((entry) => [entry.name, entry]));
	const names = [...entries.keys()].filter((name) => isWanted(name) && !isIgnored(name));
	const offered = fewOf(names);
	const isLinkToFolder = (name: string) =>
		entries.get(name)?.isSymbolicLink() === true && isFolderAt(root + folder + name);
	// Only where there are such links is it worth finding out which of them the daemon does not follow.
	const refused = offered.some(isLinkToFolder) ? refusedIn(root) : new Set();
	return offered.map((name) => {
		const isFolder =
			entries.get(name)?.isDirectory() || (isLinkToFolder(name) && !refused.has(folder + name));
		return `${folder}${name}${isFolder ? '/' : ''}`;
	});
}

/** A rule is named without the ending of its file. */
function rulesIn(root: string, folder: string, isWanted: Names): readonly string[] {
	const entries = entriesOf(root + folder).filter(({ name }) => !isIgnored(name));
	const names = entries.map((entry) =>
		entry.isDirectory() ? `${entry.name}/` : entry.name.replace(/\.ya?ml$/, ''),
	);
	return fewOf(names.filter(isWanted).map((name) => folder + name));
}

function refusedIn(root: string): ReadonlySet<string> {
	const { files } = listOrderFiles(root, () => true);
	return new Set(files.flatMap(({ id, refusal }) => (refusal === undefined ? [] : [id])));
}

function isFolderAt(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** An order can have others below it: its id is offered alone, and as a folder. */
function resultsIn(roots: readonly string[], folder: string, isWanted: Names): readonly string[] {
	const names = roots.flatMap((root) =>
		entriesOf(root + folder).flatMap((entry) =>
			entry.isDirectory() && isWanted(entry.name) && !isPart(folder, entry.name) ? [entry.name] : [],
		),
	);
	return fewOf(names).flatMap((name) => {
		const inside = roots.flatMap((root) => entriesOf(root + folder + name));
		const isOrder = inside.some((entry) => !entry.isDirectory() && isOurFile(entry.name));
		const hasFolders = inside.some((entry) => entry.isDirectory() && !isPart(folder + name, entry.name));
		return [...(isOrder ? [folder + name] : []), ...(hasFolders ? [`${folder}${name}/`] : [])];
	});
}

/** What a point of presence measured belongs to the order. */
function isPart(folder: string, name: string): boolean {
	return folder !== '' && name.startsWith('@');
}

/** Nothing where it cannot be read, or is not there. */
function entriesOf(path: string): readonly Dirent[] {
	try {
		return readdirSync(path, { withFileTypes: true });
	} catch {
		return [];
	}
}
