import { nearest } from '../model/nearest.ts';
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

/** Whether a word is a pattern, and not an id or a folder. */
function isOrderPattern(word: string): boolean {
	return /[*?]/.test(word);
}

/**
 * What a word selects of ids: `?` is one character, `*` any within a part of the path, `**` any across parts, and a
 * folder is all below it. The one dialect of all commands, config keys and parameters.
 */
export function orderPattern(word: string): Glob {
	const folder = folderOf(word);
	if (isOrderPattern(word)) return globPattern(folder === word ? word : `${folder}/**`);
	const below = `${folder}/`;
	return { test: (id) => id === word || id.startsWith(below) };
}

/** The word without the slashes at its end. */
export function folderOf(word: string): string {
	let end = word.length;
	while (word[end - 1] === '/') end--;
	return word.slice(0, end);
}

/** Selects of all ids those that the words ask for. */
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
