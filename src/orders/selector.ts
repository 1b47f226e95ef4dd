import { nearest } from '../model/nearest.ts';
import { popFolderIn } from '../model/pop.ts';
import { type Glob, globPattern } from './glob.ts';

/** A word that selects nothing. */
export interface Unselected {
	readonly word: string;
	/** `folder`: there are orders below it, but folders were not to be taken whole. */
	readonly why: 'pattern' | 'folder' | 'unknown';
	/** An id, or the folder of some, that is nearly the word. */
	readonly near: string | null;
}

export interface Selection {
	/** Each once, in the order in which the words ask for them. */
	readonly ids: readonly string[];
	readonly unselected: readonly Unselected[];
}

/** Whether the name of a folder means all orders below it. */
export type Folders = 'whole' | 'refused';

/** What a word says of orders, and of what points of presence measure of them. */
export interface OrderPattern extends Glob {
	/** Whether it names one of a list: an order, or, when its last part begins with `@`, an `ID/@POP`. */
	test(name: string): boolean;
	/** Whether it means what was measured of an order, by that point of presence, or here. */
	takes(id: string, pop?: string): boolean;
	/** Whether it means anything of an order, whoever measures it. */
	concerns(id: string): boolean;
}

/** Whether a word is a pattern, and not an id or a folder. */
function isOrderPattern(word: string): boolean {
	return /[*?]/.test(word);
}

/**
 * What a word selects of ids: `?` is one character, `*` any within a part of the path, `**` any across parts, and a
 * folder is all below it. A last part that begins with `@` is a pattern of points of presence: it means what these
 * measure of the orders before it; any other word means orders, with all that is measured of them. The one dialect of all
 * commands, config keys and parameters.
 */
export function orderPattern(word: string): OrderPattern {
	const named = popPartOf(word);
	if (named !== null) return popPattern(named);
	const { test } = idPattern(word);
	return {
		test: (name) => test(name) && (!name.includes('/@') || popFolderIn(name) === null),
		takes: test,
		concerns: test,
	};
}

function popPattern({ id, pop }: { readonly id: string; readonly pop: string }): OrderPattern {
	// A folder before it would mean more than one order: the id alone is meant.
	const ids: Glob = isOrderPattern(id) ? globPattern(id) : { test: (other) => other === id };
	const pops = globPattern(pop);
	const takes = (other: string, by?: string) => by !== undefined && pops.test(by) && ids.test(other);
	return {
		test: (name) => {
			const known = popFolderIn(name);
			return known !== null && takes(known.id, known.pop);
		},
		takes,
		concerns: ids.test,
	};
}

function idPattern(word: string): Glob {
	const folder = folderOf(word);
	if (isOrderPattern(word)) return globPattern(folder === word ? word : `${folder}/**`);
	const below = `${folder}/`;
	return { test: (id) => id === word || id.startsWith(below) };
}

/** Whether a word means points of presence, and not orders with all that is measured of them. */
export function namesPops(word: string): boolean {
	return popPartOf(word) !== null;
}

function popPartOf(word: string): { readonly id: string; readonly pop: string } | null {
	const name = folderOf(word);
	const at = name.lastIndexOf('/');
	return at > 0 && name[at + 1] === '@' ? { id: name.slice(0, at), pop: name.slice(at + 2) } : null;
}

/** The word without the slashes at its end. */
export function folderOf(word: string): string {
	let end = word.length;
	while (word[end - 1] === '/') end--;
	return word.slice(0, end);
}

/** Selects of all ids, those of points of presence (`ID/@POP`) among them, those that the words ask for. */
export function selectOrders(
	words: readonly string[],
	all: readonly string[],
	folders: Folders = 'whole',
): Selection {
	const ids = new Set<string>();
	const unselected: Unselected[] = [];
	const known = new Set(all);
	for (const word of words) {
		const selected = known.has(word) ? [word] : matching(word, all, folders);
		for (const id of selected) ids.add(id);
		if (selected.length === 0) unselected.push(unselectedBy(word, all));
	}
	return { ids: [...ids], unselected };
}

function matching(word: string, all: readonly string[], folders: Folders): readonly string[] {
	if (folders === 'refused' && (!isOrderPattern(word) || word.endsWith('/'))) return [];
	const pattern = orderPattern(word);
	return all.filter((id) => pattern.test(id));
}

function unselectedBy(word: string, all: readonly string[]): Unselected {
	if (isOrderPattern(word)) return { word, why: 'pattern', near: null };
	if (matching(word, all, 'whole').length > 0) return { word, why: 'folder', near: null };
	return { word, why: 'unknown', near: nearest(word, new Set([...all, ...all.flatMap(foldersOf)])) };
}

function foldersOf(id: string): string[] {
	const parts = id.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
