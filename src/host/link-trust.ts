import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readlinkSync,
	realpathSync,
	type Stats,
	statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * What somebody may make this process do by a symbolic link: no more than they may do themselves. It may run as root,
 * or read what they may not, and what it finds wrong with a file it tells to everybody.
 *
 * Groups do not count: in orders/ the group of a link says nothing of who made it.
 */

/** `read` a file or list a folder and enter it; `remove` a file from it. */
type Use = 'read' | 'remove';

/** The bits of the owner; those of everybody else are six places lower. */
const needed = { file: { read: 0o400, remove: 0 }, folder: { read: 0o500, remove: 0o300 } } as const;

/** What keeps us from using something. `isPassing`: it was changed at this very moment, and is worth trying again. */
export interface LinkTrouble {
	/** For the user. */
	readonly reason: string;
	readonly isPassing: boolean;
}

/**
 * Why what is at `path` must not be used; null when it may. No link leads there, or those who made the links may use
 * it so themselves. Root's links and our own are trusted.
 *
 * @param path absolute, as it was asked for
 * @param realPath where that led, as the kernel has it
 * @param stats of what is there
 */
export function wrongWithLink(path: string, realPath: string, stats: Stats, use: Use): LinkTrouble | null {
	if (path === realPath) return null;
	let trusted = '';
	let isLinked = false;
	for (const { path: link, uid } of linksIn(path)) {
		if (uid === 0 || uid === process.geteuid?.()) {
			trusted = link;
			continue;
		}
		isLinked = true;
		if (!mayUse(uid, realPath, stats, use)) return { reason: reasonOf(link, uid, use), isPassing: false };
	}
	if (isLinked) return null;
	const expected = (trusted === '' ? '' : realpathSync(trusted)) + path.slice(trusted.length);
	return expected === realPath ? null : { reason: `${path} was changed while it was read`, isPassing: true };
}

function reasonOf(link: string, uid: number, use: Use): string {
	const may = use === 'read' ? 'may not read what it leads to' : 'may not remove files where it leads';
	return `${link} is a link of the user with the number ${uid}, who ${may}: put a file in its place, or give that user the right to`;
}

/** Where an open file or folder really is, or was before it was removed. */
export function realPathOf(fd: number, stats: Stats): string {
	const path = readlinkSync(`/proc/self/fd/${fd}`);
	return stats.nlink === 0 ? path.replace(/ \(deleted\)$/, '') : path;
}

/**
 * Holds the folder open that a file is in, and gives `action` a path to the file that leads there whatever happens
 * meanwhile. Throws when a link leads there that somebody made who may not remove files from it, and the error of the
 * file system.
 */
export function whereRemovable<T>(path: string, action: (heldPath: string) => T): T {
	const folder = dirname(path);
	const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK);
	try {
		const stats = fstatSync(fd);
		const wrong = wrongWithLink(folder, realPathOf(fd, stats), stats, 'remove');
		if (wrong !== null) throw new Error(wrong.reason);
		return action(`/proc/self/fd/${fd}/${basename(path)}`);
	} finally {
		closeSync(fd);
	}
}

const stickyBit = 0o1000;

/** The links on the way down a path, and their owners. Those that they lead to are made by others, and not asked. */
function* linksIn(path: string): Generator<{ path: string; uid: number }> {
	let here = '';
	for (const part of path.split('/').slice(1)) {
		here = `${here}/${part}`;
		const found = lstatSync(here, { throwIfNoEntry: false });
		if (found === undefined) return;
		if (found.isSymbolicLink()) yield { path: here, uid: found.uid };
	}
}

function mayUse(uid: number, realPath: string, stats: Stats, use: Use): boolean {
	if (!isAllowed(uid, stats, needed[stats.isDirectory() ? 'folder' : 'file'][use])) return false;
	// From a folder such as /tmp nobody removes the files of others.
	if (use === 'remove' && (stats.mode & stickyBit) !== 0 && stats.uid !== uid) return false;
	for (let above = dirname(realPath); ; above = dirname(above)) {
		if (!isAllowed(uid, statSync(above), 0o100)) return false;
		if (above === dirname(above)) return true;
	}
}

function isAllowed(uid: number, { uid: owner, mode }: Stats, ownerBits: number): boolean {
	const bits = uid === owner ? ownerBits : ownerBits >> 6;
	return (mode & bits) === bits;
}
