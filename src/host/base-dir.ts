import { accessSync, chownSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { handOver } from './hand-over.ts';
import { StartError } from './start-error.ts';

const folders = ['orders', 'telegraf', 'output', 'archive'];
/** Made while we may still be root; only sinks need it, and say so when it cannot be written. */
const spoolFolder = 'spool';
/** What only pingmachine itself needs: it may hold keys. */
const stateFolder = 'state';
/** Rules of alerts, and what mutes them: they are written by root and the group of the daemon. */
const ruleFolders = ['alerts', 'mutes'];

/**
 * Makes the folders of a base directory that are missing, owned by `owner` if one is given.
 *
 * Throws `StartError` when that is not possible.
 */
export function makeBaseDir(baseDir: string, owner?: { readonly uid: number; readonly gid: number }): void {
	for (const folder of [baseDir, ...folders.map((name) => join(baseDir, name))]) {
		try {
			const isNew = makeFolder(folder);
			if (isNew && owner !== undefined) chownSync(folder, owner.uid, owner.gid);
			if (!statSync(folder).isDirectory()) throw new Error('it is not a directory');
		} catch (error) {
			throw new StartError(`can't make ${folder}: ${(error as Error).message}`);
		}
	}
	for (const [name, mode] of [
		[spoolFolder, 0o777],
		[stateFolder, 0o700],
		...ruleFolders.map((name) => [name, 0o775] as const),
	] as const) {
		try {
			const folder = join(baseDir, name);
			if (makeFolder(folder, mode) && owner !== undefined) chownSync(folder, owner.uid, owner.gid);
		} catch {
			// The base directory itself may belong to somebody else.
		}
	}
}

/** Throws `StartError` where `/proc` is missing. */
export function checkProc(): void {
	// Folders are held open, and what is in them is reached by their numbers there, so that no link can lead elsewhere.
	if (!existsSync('/proc/self/fd'))
		throw new StartError('/proc is missing: mount it (mount -t proc proc /proc)');
}

/**
 * Sees to it that this process may write where it has to.
 *
 * Throws `StartError` when it may not.
 */
export function checkWritable(baseDir: string): void {
	for (const folder of ['output', 'archive'].map((name) => join(baseDir, name))) {
		try {
			accessSync(folder, constants.W_OK | constants.X_OK);
		} catch (error) {
			const who = userInfo().username;
			throw new StartError(
				`can't write to ${folder}: ${(error as Error).message}. Give it to the user ${who}`,
			);
		}
	}
}

/**
 * True when it was not there before. Makes missing parents too, but not by mkdir's own `recursive`, which tries for
 * ever where nothing can be made, below /proc say.
 */
function makeFolder(path: string, mode = 0o777): boolean {
	if (existsSync(path)) return false;
	if (dirname(path) !== path) makeFolder(dirname(path));
	mkdirSync(path, { mode });
	handOver(path, dirname(path));
	return true;
}
