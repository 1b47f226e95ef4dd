import { lstatSync, type Stats, statSync } from 'node:fs';

/**
 * True for ids that name a place below a folder and nothing else. Ids come from file names, so that the others can
 * only come from a mistake; but a mistake must not make the store write elsewhere.
 */
export function isSafeOrderId(id: string): boolean {
	if (id.includes('\0')) return false;
	return id.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The id one folder up, or an empty string: `root` itself. */
export function parentOf(id: string): string {
	return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}

/** Something that is not a folder, or leads elsewhere, has the name of a folder that is needed. */
export class InTheWay extends Error {
	override readonly name = 'InTheWay';
}

/** What is in the way on the path from `root` down to the folder of an order; null when nothing is. */
export function whatIsInTheWay(root: string, id: string): InTheWay | null {
	let path = root;
	let found: Stats | undefined = statSync(root, { throwIfNoEntry: false });
	for (const part of id === '' ? [] : id.split('/')) {
		if (found?.isDirectory() !== true) break;
		path = `${path}/${part}`;
		found = lstatSync(path, { throwIfNoEntry: false });
	}
	if (found === undefined || found.isDirectory()) return null;
	const kind = found.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
	return new InTheWay(`${path} is ${kind} and in the way of a folder of that name: move it away`);
}
