import { constants, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makePrivateFolder } from './private-folder.ts';

const isNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/**
 * Opens a file anew that nobody else may read, in a folder that nobody else may read. What root makes belongs to the owner
 * of the folder, who may be the next to run the daemon. Rejects with the disk's error.
 */
export async function openPrivateFile(path: string): Promise<FileHandle> {
	makePrivateFolder(dirname(path));
	await rm(path, { force: true });
	const handle = await open(path, isNew, 0o600);
	const { uid, gid } = statSync(dirname(path));
	if (process.geteuid?.() !== 0 || uid === 0) return handle;
	try {
		await handle.chown(uid, gid);
		return handle;
	} catch (error) {
		await handle.close();
		throw error;
	}
}
