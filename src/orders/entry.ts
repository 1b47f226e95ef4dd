import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A folder at or below `orders/`, as it was when last looked at. */
export interface Folder {
	readonly kind: 'folder';
	readonly path: string;
	/** Its name in `parent`. */
	readonly name: string;
	/** Null for the folder that holds `orders/`. */
	readonly parent: Folder | null;
	/** What the ids of the files in it begin with: empty, or a path below `orders/` that ends in `/`. */
	readonly idPrefix: string;
	readonly dev: number;
	readonly ino: number;
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

/** A link to a folder that it lies in. */
interface RefusedEntry {
	readonly kind: 'refused';
}

export type Entry = Folder | FileEntry | RefusedEntry;

/** What is at a path. */
export interface Sight {
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
	if (own === undefined || !own.isSymbolicLink()) return { stats: own, isLink: false, blockedBy: null };
	try {
		return { stats: statsOrNothing(statSync, path), isLink: true, blockedBy: null };
	} catch (error) {
		return { stats: own, isLink: true, blockedBy: errorCode(error) };
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

/** The code of a system error, `EACCES` say. */
export function errorCode(error: unknown): string {
	return (error as NodeJS.ErrnoException | null)?.code ?? String(error);
}

export function folderEntry(
	place: {
		readonly path: string;
		readonly name: string;
		readonly parent: Folder | null;
		readonly idPrefix: string;
	},
	stats: { readonly dev: number; readonly ino: number },
): Folder {
	return { kind: 'folder', ...place, dev: stats.dev, ino: stats.ino, entries: new Map(), gone: false };
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

/** True when a link in `folder` that leads to `stats` leads to a folder above itself: following it never ends. */
export function leadsUp(folder: Folder, stats: Stats): boolean {
	for (let above: Folder | null = folder; above !== null; above = above.parent) {
		if (isSameFolder(above, stats)) return true;
	}
	return isAbove(stats, folder.path);
}

/** Also the folders above `orders/` itself: a link to `/` holds everything. */
function isAbove(stats: Stats, path: string): boolean {
	try {
		for (let above = realpathSync(path); ; above = dirname(above)) {
			const { dev, ino } = statSync(above);
			if (dev === stats.dev && ino === stats.ino) return true;
			if (above === dirname(above)) return false;
		}
	} catch {
		// It went away or cannot be reached: then there is nothing below it to follow for now.
		return false;
	}
}
