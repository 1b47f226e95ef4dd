import { nearest } from '../../model/nearest.ts';
import { excerpt } from '../../model/printable.ts';
import { globPattern } from '../../orders/glob.ts';

/** The ids that the words ask for, each once, and a line for each word that asks for none. */
export interface Selection {
	readonly ids: readonly string[];
	readonly complaints: readonly string[];
}

/** A word is an id, a folder of orders, or a pattern. No words ask for all. */
export function selectIds(all: readonly string[], words: readonly string[]): Selection {
	if (words.length === 0) return { ids: all, complaints: [] };
	const known = new Set(all);
	const ids = new Set<string>();
	const complaints: string[] = [];
	for (const word of words) {
		const matches = known.has(word) ? [word] : all.filter(matcher(word));
		for (const id of matches) ids.add(id);
		if (matches.length === 0) complaints.push(noneFor(word, all));
	}
	return { ids: [...ids], complaints };
}

function noneFor(word: string, all: readonly string[]): string {
	if (isPattern(word)) return `no order matches ${excerpt(word)}`;
	const near = nearest(word, new Set([...all, ...all.flatMap(foldersOf)]));
	const hint = near === null ? '' : `. Did you mean ${excerpt(near)}?`;
	return `there is no order ${excerpt(word)}${hint}`;
}

function foldersOf(id: string): string[] {
	const parts = id.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function isPattern(word: string): boolean {
	return /[*?]/.test(word);
}

/** In patterns, * stands for any characters, also /, and ? for one but /. */
function matcher(word: string): (id: string) => boolean {
	if (!isPattern(word)) {
		const folder = withoutEndSlashes(word);
		return (id) => id.startsWith(`${folder}/`);
	}
	const pattern = globPattern(word.replaceAll(/\*+/g, '**'));
	return (id) => pattern.test(id);
}

function withoutEndSlashes(word: string): string {
	let end = word.length;
	while (end > 0 && word[end - 1] === '/') end--;
	return word.slice(0, end);
}
