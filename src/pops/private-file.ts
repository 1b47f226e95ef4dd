import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makePrivateFolder } from '../host/private-folder.ts';
import { errorCode } from '../model/errno.ts';

/** Replaces a file that nobody else may read, whole, whatever happens. Throws the error of the file system. */
export function writePrivate(path: string, text: string): void {
	makePrivateFolder(dirname(path));
	const fresh = `${path}.new`;
	rmSync(fresh, { force: true });
	const fd = openSync(fresh, 'wx', 0o600);
	try {
		writeFileSync(fd, text);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
	renameSync(fresh, path);
}

/** Null when there is no such file. Throws the error of the file system. */
export function readPrivate(path: string): string | null {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (errorCode(error) === 'ENOENT') return null;
		throw error;
	}
}
