import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { wrongWithLink } from '../host/link-trust.ts';
import { type Folder, isIgnored, isSameFolder } from './entry.ts';

interface Inode {
	readonly dev: number;
	readonly ino: number;
}

/** Why those who made a link to a folder may not have it followed, for the user; null when they may. */
export function wrongWithOwner(path: string): string | null {
	try {
		const realPath = realpathSync.native(path);
		return wrongWithLink(path, realPath, statSync(realPath), 'read')?.reason ?? null;
	} catch {
		// It leads elsewhere by now, which will be seen when it is looked at again.
		return null;
	}
}

/**
 * The path below `orders/` that what a link leads to has without links; null when it has none.
 *
 * @param path of the link
 * @param root the path of `orders/`
 */
export function ownPathOf(path: string, root: string): string | null {
	try {
		return ownPath(realpathSync.native(path), realpathSync.native(root));
	} catch {
		return null;
	}
}

/** @param counting the path below `orders/` that counts */
export function foundTwice(counting: string): string {
	return `what is there is found as ${counting} already, which counts. Remove the link`;
}

function ownPath(realPath: string, realRoot: string): string | null {
	if (!realPath.startsWith(`${realRoot}/`)) return null;
	const own = realPath.slice(realRoot.length + 1);
	return own.split('/').some(isIgnored) ? null : own;
}

/** True when a link in `folder` that leads to `target` leads to a folder above itself: following it never ends. */
export function leadsUp(folder: Folder, target: Inode): boolean {
	for (let above: Folder | null = folder; above !== null; above = above.parent) {
		if (isSameFolder(above, target)) return true;
	}
	return isAbove(target, folder.path);
}

/** Also the folders above `orders/` itself: a link to `/` holds everything. */
function isAbove(target: Inode, path: string): boolean {
	try {
		for (let above = realpathSync(path); ; above = dirname(above)) {
			const { dev, ino } = statSync(above);
			if (dev === target.dev && ino === target.ino) return true;
			if (above === dirname(above)) return false;
		}
	} catch {
		// It went away or cannot be reached: then there is nothing below it to follow for now.
		return false;
	}
}
