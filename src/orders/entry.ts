import { lstatSync, type Stats, statSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';
import type { Claim } from './claims.ts';
import type { Crowd } from './crowd.ts';
import type { OrderFileSeen } from './seen.ts';

/** A folder at or below `orders/`, as it was when last looked at. */
export interface Folder extends Claim {
	readonly kind: 'folder';
	readonly path: string;
	/** Its name in `parent`. */
	readonly name: string;
	/** Null for the folder that holds `orders/`. */
	readonly parent: Folder | null;
	/** It was reached by a link itself. */
	readonly isLink: boolean;
	/** What was found behind the last link on its path, with everything else behind it; null when there is no link. */
	readonly crowd: Crowd | null;
	/** What is in it, by name. */
	readonly entries: Map<string, Entry>;
	/** It was removed or replaced: whatever is still queued for it is void. */
	gone: boolean;
}

/**
 * What tells that a file changed, of the file a link leads to. Times in milliseconds since the epoch; doubles keep
 * them to a quarter of a microsecond, which is finer than any kernel's clock ticks.
 */
export interface FileEntry {
	readonly kind: 'file';
	readonly mtimeMs: number;
	/** NaN, which equals nothing, when the file was looked at too soon after it changed to tell the next change. */
	readonly ctimeMs: number;
	readonly size: number;
	readonly ino: number;
}

/** What listeners are told of a file; or of what is not entered, for that reason. */
export function seenFile(
	folder: Folder,
	name: string,
	times: Pick<FileEntry, 'mtimeMs' | 'ctimeMs'> | undefined,
	refusal: string | null,
): OrderFileSeen {
	const { mtimeMs = 0, ctimeMs = Number.NaN } = times ?? {};
	const seen = { id: folder.idPrefix + name, path: `${folder.path}/${name}`, mtimeMs };
	return refusal === null ? { ...seen, ctimeMs } : { ...seen, refusal };
}

/** A link, or a folder, that is not entered. */
export interface RefusedEntry {
	readonly kind: 'refused';
	/** For the user, with the remedy. */
	readonly reason: string;
	/** Told like a file. A link to a folder that it lies in is not: there is nothing behind it. */
	readonly isTold: boolean;
	/** What has to do with links alone goes to the log. */
	readonly isLogged: boolean;
	/** Of a link that is refused for what is behind it, until it is made anew: the link, and what it keeps others from. */
	readonly crowded: { readonly link: Stats; readonly claim: Claim } | null;
}

export type Entry = Folder | FileEntry | RefusedEntry;

/** What is at a path. */
export interface Sight {
	/** Of what is at the path itself, a link too. */
	readonly own: Stats | undefined;
	/** Of the file or folder that a link leads to; undefined when there is nothing, or a link that leads nowhere. */
	readonly stats: Stats | undefined;
	readonly isLink: boolean;
	/** The error code when a link could not be followed: `stats` are then those of the link itself. */
	readonly blockedBy: string | null;
}

/** Two changes within one tick of the kernel's clock (10 ms at the most) can leave the same times. */
const clockTickMs = 15;

/** Editor leftovers and hidden names are no orders, and no folders of orders either. */
export function isIgnored(name: string): boolean {
	return (
		name.startsWith('.') ||
		name.endsWith('~') ||
		name.endsWith('.swp') ||
		name.endsWith('.tmp') ||
		(name.length > 1 && name.startsWith('#') && name.endsWith('#'))
	);
}

/** Looks at a path without opening it, and follows links. Throws what lstat(2) says, except that nothing is there. */
export function look(path: string): Sight {
	const own = statsOrNothing(lstatSync, path);
	if (own === undefined || !own.isSymbolicLink()) return { own, stats: own, isLink: false, blockedBy: null };
	try {
		return { own, stats: statsOrNothing(statSync, path), isLink: true, blockedBy: null };
	} catch (error) {
		return { own, stats: own, isLink: true, blockedBy: errorCode(error) };
	}
}

function statsOrNothing(stat: typeof lstatSync | typeof statSync, path: string): Stats | undefined {
	try {
		return stat(path, { throwIfNoEntry: false });
	} catch (error) {
		if (meansNothingThere(errorCode(error))) return undefined;
		throw error;
	}
}

/** True for the codes that say that a path leads nowhere. */
export function meansNothingThere(code: string): boolean {
	return code === 'ENOENT' || code === 'ENOTDIR';
}

export function folderEntry(
	place: Omit<Folder, 'kind' | 'dev' | 'ino' | 'entries' | 'gone'>,
	stats: { readonly dev: number; readonly ino: number },
): Folder {
	return { kind: 'folder', ...place, dev: stats.dev, ino: stats.ino, entries: new Map(), gone: false };
}

/** Null when there is none of that name. */
export function folderIn(folder: Folder, name: string): Folder | null {
	const found = folder.entries.get(name);
	return found?.kind === 'folder' ? found : null;
}

/** The folder that holds `orders/`. */
export function baseFolder(path: string): Folder {
	const place = { path, name: '', parent: null, idPrefix: '', links: 0, isLink: false, crowd: null };
	return folderEntry(place, { dev: -1, ino: -1 });
}

/** @param nowMs milliseconds since the epoch, taken before `stats` */
export function fileEntry(stats: Stats, nowMs: number): FileEntry {
	const isFresh = Math.abs(nowMs - stats.ctimeMs) < clockTickMs;
	return {
		kind: 'file',
		mtimeMs: stats.mtimeMs,
		ctimeMs: isFresh ? Number.NaN : stats.ctimeMs,
		size: stats.size,
		ino: stats.ino,
	};
}

export function isSameFile(file: FileEntry, stats: Stats): boolean {
	return (
		file.ctimeMs === stats.ctimeMs &&
		file.mtimeMs === stats.mtimeMs &&
		file.size === stats.size &&
		file.ino === stats.ino
	);
}

export function isSameFolder(folder: Folder, stats: { readonly dev: number; readonly ino: number }): boolean {
	return folder.ino === stats.ino && folder.dev === stats.dev;
}
