/** An order that somebody wants for a target. */
export interface WantedTarget {
	/** In what was pasted, from 1. */
	readonly line: number;
	readonly target: string;
	readonly id: string;
}

/** So many at once. */
export const targetsMax = 1000;

/**
 * Targets, one a line, `TARGET` or `TARGET NAME`, with the ids of their orders. A single one is called `name`; of several,
 * or where `name` ends with a slash, it is the folder, and each has its own name or one made from its target.
 */
export function targetsIn(text: string, name: string): WantedTarget[] {
	const lines = text.split('\n').map((line, at) => ({ line: at + 1, words: line.trim().split(/\s+/) }));
	const filled = lines.filter(({ words: [target = ''] }) => target !== '' && !target.startsWith('#'));
	const isFolder = filled.length > 1 || name.endsWith('/');
	const folder = name.replace(/(?<!\/)\/+$/, '');
	return filled.map(({ line, words: [target = '', own = ''] }) => {
		const last = own === '' ? nameOf(target) : own;
		if (!isFolder) return { line, target, id: own !== '' && name === '' ? own : name === '' ? last : name };
		return { line, target, id: folder === '' ? last : `${folder}/${last}` };
	});
}

/** A name of a file made from a target. */
function nameOf(target: string): string {
	const plain = target.replace(/^[a-z][a-z0-9+.-]{0,30}:\/\//i, '').replace(/(?<![/?#])[/?#]+$/, '');
	return plain.replace(/[^A-Za-z0-9._:-]+/g, '-').replace(/^[.-]+/, '') || 'target';
}
