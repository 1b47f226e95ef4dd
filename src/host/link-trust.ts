import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readlinkSync,
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
 * Why what is at `path` must not be used; null when it may. No link leads there, or those who made the links on the
 * way, or can have put them where they are, may use it so themselves. Root and we ourselves are trusted.
 *
 * @param path absolute, as it was asked for
 * @param realPath where that led, as the kernel has it
 * @param stats of what is there
 */
export function wrongWithLink(path: string, realPath: string, stats: Stats, use: Use): LinkTrouble | null {
	if (path === realPath) return null;
	const way = wayOf(path);
	for (const { link, maker } of way.links) {
		if (!mayUse(maker, realPath, stats, use)) return { reason: reasonOf(link, maker, use), isPassing: false };
	}
	return way.end === realPath ? null : { reason: `${path} was changed while it was read`, isPassing: true };
}

function reasonOf(link: string, maker: Maker, use: Use): string {
	const may = use === 'read' ? 'may not read what it leads to' : 'may not remove files where it leads';
	const remedy = 'put a file in its place, or give that user the right to';
	if (maker !== anybody)
		return `${link} is a link of the user with the number ${maker}, who ${may}: ${remedy}`;
	return `${link} is a link in a folder in which others can put links, who ${may}: put a file in its place, or take the right to write into the folder from them`;
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
const othersMayWrite = 0o022;
const hopsMost = 40;

/** A user by number, or somebody who is only known to be able to write to a folder. */
type Maker = number | typeof anybody;
const anybody = 'anybody';

interface Way {
	/** Those that are not to be trusted by themselves. */
	readonly links: readonly { readonly link: string; readonly maker: Maker }[];
	/** Where it leads. */
	readonly end: string;
}

/** Follows a path, and every link on the way, as the kernel does. */
function wayOf(path: string): Way {
	const links: { link: string; maker: Maker }[] = [];
	const ahead = path.split('/').reverse();
	let here = '';
	for (let hops = 0; ahead.length > 0 && hops <= hopsMost; ) {
		const part = ahead.pop() ?? '';
		if (part === '' || part === '.') continue;
		if (part === '..') {
			here = here.slice(0, Math.max(0, here.lastIndexOf('/')));
			continue;
		}
		const next = `${here}/${part}`;
		const found = lstatSync(next, { throwIfNoEntry: false });
		if (found?.isSymbolicLink() !== true) {
			here = next;
			continue;
		}
		hops++;
		const target = readlinkSync(next);
		const isRelative = !target.startsWith('/');
		const maker = isTrusted(found.uid) ? (isRelative ? moverInto(here) : null) : found.uid;
		if (maker !== null) links.push({ link: next, maker });
		if (!isRelative) here = '';
		ahead.push(...target.split('/').reverse());
	}
	return { links, end: here === '' ? '/' : here };
}

/**
 * Who may have put a link into a folder, null: nobody but root and us. A link keeps its owner when somebody else moves
 * it, and if it is relative it then leads elsewhere. The sticky bit keeps others from moving it away, not from bringing
 * it.
 */
function moverInto(folder: string): Maker | null {
	const { uid, mode } = statSync(folder === '' ? '/' : folder);
	if ((mode & othersMayWrite) !== 0) return anybody;
	return isTrusted(uid) ? null : uid;
}

function isTrusted(uid: number): boolean {
	return uid === 0 || uid === process.geteuid?.();
}

function mayUse(maker: Maker, realPath: string, stats: Stats, use: Use): boolean {
	if (!isAllowed(maker, stats, needed[stats.isDirectory() ? 'folder' : 'file'][use])) return false;
	// From a folder such as /tmp nobody removes the files of others.
	if (use === 'remove' && (stats.mode & stickyBit) !== 0 && stats.uid !== maker) return false;
	for (let above = dirname(realPath); ; above = dirname(above)) {
		if (!isAllowed(maker, statSync(above), 0o100)) return false;
		if (above === dirname(above)) return true;
	}
}

function isAllowed(maker: Maker, { uid: owner, mode }: Stats, ownerBits: number): boolean {
	const bits = maker === owner ? ownerBits : ownerBits >> 6;
	return (mode & bits) === bits;
}
