import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { errorCode } from '../model/errno.ts';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { moveFile, sameContent } from './move-file.ts';
import { parentOf } from './order-path.ts';
import { isOurFile, isRrdFile } from './our-files.ts';
import { isTemporaryName } from './replace-file.ts';
import { exists, freePath, setAside } from './set-aside.ts';

/** What is in the folder of an order. */
export interface OrderFolder {
	/** A path to the folder, which is held open. */
	readonly path: string;
	/** The order's own files: everything but folders. */
	readonly files: readonly string[];
	/** Folders in it belong to other orders, whose ids begin with this one's. */
	readonly hasFolders: boolean;
}

/** Reads the folder of an order, which is held open. Removes what a crash left half written. */
export function readOrderFolder(path: string): OrderFolder {
	const files: string[] = [];
	let hasFolders = false;
	for (const entry of readdirSync(path, { withFileTypes: true })) {
		if (entry.isDirectory()) hasFolders = true;
		else if (isTemporaryName(entry.name)) rmSync(`${path}/${entry.name}`);
		else files.push(entry.name);
	}
	return { path, files, hasFolders };
}

/**
 * Removes from the folder of an order what a crash left half written, but for the files called `spared`. Returns the
 * names of all that was in it.
 */
export function removeHalfWritten(path: string, spared: readonly string[]): readonly string[] {
	const names = readdirSync(path);
	for (const name of names) {
		if (!isTemporaryName(name) || spared.includes(name)) continue;
		if (!lstatSync(`${path}/${name}`).isDirectory()) rmSync(`${path}/${name}`);
	}
	return names;
}

export interface Move {
	readonly from: OrderFolder;
	/** `output/` and `archive/`, or the other way. */
	readonly fromRoot: string;
	readonly toRoot: string;
	readonly id: string;
	/** For what has to be set aside. */
	readonly stamp: string;
	/** Which of two files of one name keeps it: the one that is moved, or the one that was there. */
	keepsName(moved: string, present: string): 'moved' | 'present';
	/**
	 * Whether our files go first or last. They tell that a folder is an order's, and are to be in output/ whenever any
	 * of its files is: a move that a crash cut short is then found, and finished, at the next start.
	 */
	readonly oursFirst: boolean;
}

/** Moves an order's own files: the whole folder at once if that is possible. Overwrites nothing. */
export function moveOrderFiles(move: Move): void {
	if (move.from.files.length === 0) return;
	const isOccupied = inFolder(move.toRoot, move.id, () => true) !== null;
	if (!isOccupied && !move.from.hasFolders && moveWhole(move)) return;
	const sign = move.oursFirst ? 1 : -1;
	const files = move.from.files.toSorted((a, b) => sign * (rank(a) - rank(b)));
	inMadeFolder(move.toRoot, move.id, (folder) => {
		for (const name of files) moveOne(move, folder, name);
	});
}

function moveWhole({ fromRoot, toRoot, id }: Move): boolean {
	const name = basename(id);
	try {
		inFolder(fromRoot, parentOf(id), (from) =>
			inMadeFolder(toRoot, parentOf(id), (to) => renameSync(`${from}/${name}`, `${to}/${name}`)),
		);
		return true;
	} catch (error) {
		if (errorCode(error) !== 'EXDEV') throw error;
		return false;
	}
}

function rank(name: string): number {
	if (name === 'last_result') return 0;
	if (isRrdFile(name)) return 1;
	return isOurFile(name) ? 2 : 3;
}

function moveOne(move: Move, folder: string, name: string): void {
	const source = `${move.from.path}/${name}`;
	const target = `${folder}/${name}`;
	if (!exists(target) || sameContent(source, target)) {
		moveFile(source, target);
	} else if (move.keepsName(source, target) === 'present' || lstatSync(target).isDirectory()) {
		// A folder of that name is another order's and stays where it is.
		moveFile(source, freePath(folder, name, move.stamp));
	} else {
		setAside(folder, name, move.stamp);
		moveFile(source, target);
	}
}
