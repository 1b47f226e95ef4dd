import { closeSync, constants, fchownSync, fstatSync, openSync, statSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';

/**
 * Gives what root has just made to the owner of the folder that it was made in: started as root by hand, we leave
 * nothing behind that the service could not write. Does nothing for other users, where the folder is root's too, and
 * where something else has taken the place of what was made.
 *
 * Throws what the file system says.
 */
export function handOver(path: string, folder: string): void {
	if (process.geteuid?.() !== 0) return;
	const { uid, gid } = statSync(folder);
	if (uid === 0) return;
	const fd = openMade(path);
	if (fd === null) return;
	try {
		const made = fstatSync(fd);
		// Whoever owns the folder may have put something else there, under a second name say.
		const isOurs = made.uid === 0 && (made.isDirectory() || (made.isFile() && made.nlink === 1));
		if (isOurs) fchownSync(fd, uid, gid);
	} finally {
		closeSync(fd);
	}
}

/** Null when it is gone, or a link. */
function openMade(path: string): number | null {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		if (['ENOENT', 'ELOOP', 'ENXIO'].includes(errorCode(error))) return null;
		throw error;
	}
}
