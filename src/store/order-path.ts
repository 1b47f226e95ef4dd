import { lstatSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { errorCode } from './complaints.ts';

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

/** The folder of an order below `root`, made if it is not there. Never follows a symbolic link below `root`. */
export function makeFolder(root: string, id: string): string {
	if (statSync(root, { throwIfNoEntry: false }) === undefined) mkdirSync(root, { recursive: true });
	for (const path of pathsDownTo(root, id)) {
		if (!isFolder(path)) mkdirSync(path);
	}
	return `${root}/${id}`;
}

/** The folder of an order below `root`, or null when there is none. Never follows a symbolic link below `root`. */
export function findFolder(root: string, id: string): string | null {
	return pathsDownTo(root, id).every(isFolder) ? `${root}/${id}` : null;
}

function pathsDownTo(root: string, id: string): string[] {
	if (id === '') return [];
	let path = root;
	return id.split('/').map((part) => {
		path = `${path}/${part}`;
		return path;
	});
}

function isFolder(path: string): boolean {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found === undefined) return false;
	if (found.isDirectory()) return true;
	const kind = found.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
	throw new InTheWay(`${path} is ${kind} and in the way of a folder of that name: move it away`);
}

/**
 * Removes the folder of an order and those above it, as long as they are empty. Leaves `root` alone, and every
 * folder of an order for which `isInUse` is true.
 */
export function removeEmptyFolders(root: string, id: string, isInUse: (id: string) => boolean): void {
	for (let rest = id; rest !== ''; rest = parentOf(rest)) {
		if (isInUse(rest)) return;
		try {
			rmdirSync(`${root}/${rest}`);
		} catch (error) {
			// Gone already: the one above may be empty all the same. Anything else: it is in use, or not ours to remove.
			if (errorCode(error) !== 'ENOENT') return;
		}
	}
}
