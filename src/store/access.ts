import { fchmodSync, fchownSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Who may read a file. */
export interface Access {
	readonly uid: number;
	readonly gid: number;
	/** Permission bits. */
	readonly mode: number;
}

const permissionBits = 0o777;

export function accessOf({ uid, gid, mode }: Stats): Access {
	return { uid, gid, mode: mode & permissionBits };
}

/**
 * Gives an open file of ours that access, or less: where it cannot be given to another user or group, no more than
 * everybody has is left to ours. We ourselves can always read it.
 */
export function giveAccess(fd: number, { uid, gid, mode }: Access): void {
	const givesGroup = attempt(() => fchownSync(fd, uid, gid)) || attempt(() => fchownSync(fd, own(), gid));
	// Who was of its group is one of the others now.
	const everybody = (mode >> 3) & mode & 0o007;
	fchmodSync(fd, 0o400 | (givesGroup ? mode : (mode & 0o700) | (everybody << 3) | everybody));
}

function own(): number {
	return process.geteuid?.() ?? -1;
}

function attempt(action: () => void): boolean {
	try {
		action();
		return true;
	} catch {
		return false;
	}
}

/**
 * What is left of the access to a file for those who must also enter the folders above it, but for those that are
 * above `otherPath` as well. Both are real paths.
 */
export function accessThrough(realPath: string, stats: Stats, otherPath: string): Access {
	const { uid, gid, mode: given } = accessOf(stats);
	let mode = given;
	for (let above = dirname(realPath); !isAbove(above, otherPath); above = dirname(above)) {
		const folder = statSync(above);
		if ((folder.mode & 0o001) === 0) mode &= 0o770;
		const groupEnters = folder.gid === gid ? 0o010 : 0o001;
		if ((folder.mode & groupEnters) === 0) mode &= 0o707;
	}
	return { uid, gid, mode };
}

function isAbove(folder: string, path: string): boolean {
	return folder === '/' || path.startsWith(`${folder}/`);
}
