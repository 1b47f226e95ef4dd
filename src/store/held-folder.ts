import { closeSync, constants, mkdirSync, openSync, readlinkSync, realpathSync, rmdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileCalls } from '../host/file-calls.ts';
import { handOver } from '../host/hand-over.ts';
import { fileCalls } from '../host/native-file-calls.ts';
import { errorCode } from '../model/errno.ts';
import { InTheWay, parentOf, whatIsInTheWay } from './order-path.ts';

/**
 * Does something in the folder of an order below `root`. Null when there is none.
 *
 * The folder is held open, and `action` gets a path to what is held: whatever takes the folder's place meanwhile, a
 * link to somewhere else say, is not what is read, written or removed. Node has no openat(2), but names below
 * /proc/self/fd/<number> come to the same.
 *
 * Throws InTheWay when a symbolic link, or something that is no folder, is in the place of it or of one above it.
 */
export function inFolder<T>(
	root: string,
	id: string,
	action: (heldPath: string) => T,
	calls = fileCalls(),
): T | null {
	const fd = hold(root, id, calls);
	if (fd === null) return null;
	try {
		return action(heldPathOf(fd));
	} finally {
		calls.close(fd);
	}
}

/** By the number of what is held: paths to it, and to files in it. The same strings again and again cost least. */
const heldPaths: string[] = [];
const filesIn = new Map<string, Map<string, string>>();
const keptMost = 256;

function heldPathOf(fd: number): string {
	const known = heldPaths[fd];
	if (known !== undefined) return known;
	const path = `/proc/self/fd/${fd}`;
	if (fd < keptMost) {
		heldPaths[fd] = path;
		filesIn.set(path, new Map());
	}
	return path;
}

/** The path to a file in the folder of an order, the name of which is one of few. */
export function fileIn(folder: string, name: string): string {
	const files = filesIn.get(folder);
	if (files === undefined) return `${folder}/${name}`;
	let path = files.get(name);
	if (path === undefined) {
		path = `${folder}/${name}`;
		files.set(name, path);
	}
	return path;
}

/** The same in a folder that is made if it is not there, with those above it. */
export function inMadeFolder<T>(
	root: string,
	id: string,
	action: (heldPath: string) => T,
	calls = fileCalls(),
): T {
	// More than once only when somebody else makes and removes folders at the same time.
	for (let attempt = 0; attempt < 3; attempt++) {
		const result = inFolder(root, id, (heldPath) => ({ value: action(heldPath) }), calls);
		if (result !== null) return result.value;
		if (id === '') mkdirSync(root, { recursive: true });
		else inMadeFolder(root, parentOf(id), (parent) => makeOne(parent, basename(id)), calls);
	}
	throw new InTheWay(`${root}/${id} is removed as soon as it is made: find out by whom`);
}

/**
 * Removes the folder of an order and those above it, as long as they are empty. Leaves `root` alone, and every
 * folder of an order for which `isInUse` is true.
 */
export function removeEmptyFolders(root: string, id: string, isInUse: (id: string) => boolean): void {
	for (let rest = id; rest !== ''; rest = parentOf(rest)) {
		if (isInUse(rest)) return;
		try {
			inFolder(root, parentOf(rest), (parent) => rmdirSync(`${parent}/${basename(rest)}`));
		} catch (error) {
			// Gone already: the one above may be empty all the same. Anything else: it is in use, or not ours to remove.
			if (errorCode(error) !== 'ENOENT') return;
		}
	}
}

function makeOne(parent: string, name: string): void {
	try {
		mkdirSync(`${parent}/${name}`);
	} catch (error) {
		// Made by somebody else at this very moment: what it is will be seen when it is opened.
		if (errorCode(error) !== 'EEXIST') throw error;
	}
	handOver(`${parent}/${name}`, parent);
}

/** Opens a folder, and makes sure that it is the one at that path and no link led to it. */
function hold(root: string, id: string, calls: FileCalls): number | null {
	const path = id === '' ? root : `${root}/${id}`;
	// Nearly always all is well: else what follows finds out what is wrong, or that only the root is behind a link.
	const fd = calls.openFolder(path) ?? holdChecked(root, id, path);
	return fd === 'none' ? null : fd;
}

function holdChecked(root: string, id: string, path: string): number | null {
	const fd = openFolder(path, id === '' ? 0 : constants.O_NOFOLLOW);
	if (fd === null) {
		refuseWhatIsInTheWay(root, id);
		return null;
	}
	try {
		const heldPath = readlinkSync(`/proc/self/fd/${fd}`);
		// The root itself may be a link, and may come to lead elsewhere.
		if (heldPath === `${realRoot(root)}${path.slice(root.length)}`) return fd;
		realRoots.delete(root);
		if (heldPath === `${realRoot(root)}${path.slice(root.length)}`) return fd;
		refuseWhatIsInTheWay(root, id);
		throw new InTheWay(`${path} was moved at this very moment: it is tried again`);
	} catch (error) {
		closeSync(fd);
		throw error;
	}
}

/** Null when there is no folder at that path. */
function openFolder(path: string, flags: number): number | null {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK | flags);
	} catch (error) {
		if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error))) return null;
		throw error;
	}
}

function refuseWhatIsInTheWay(root: string, id: string): void {
	const found = whatIsInTheWay(root, id);
	if (found !== null) throw found;
}

/** Where `root` really is. There are two of them, and they are asked for with every result. */
const realRoots = new Map<string, string>();

function realRoot(root: string): string {
	const known = realRoots.get(root);
	if (known !== undefined) return known;
	const real = realpathSync(root);
	realRoots.set(root, real);
	return real;
}
