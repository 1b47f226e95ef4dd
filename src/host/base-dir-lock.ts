import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname } from 'node:path';
import { StartError } from './start-error.ts';

/** A base directory that is this process's alone. The locks are the kernel's and die with it, however it dies. */
export interface BaseDirLock {
	/** Whether another folder has its place now: it was removed and made again. Never throws. */
	isReplaced(): boolean;
	/** Takes what has its place now. Throws `TakenAlready` when another process has that. */
	retake(): void;
	release(): void;
}

/**
 * Takes a base directory: the folder that is there now, and its place, so that no other process can start in it when it
 * is removed and made again.
 *
 * Rejects with `StartError` when another process has it.
 */
export async function lockBaseDir(baseDir: string): Promise<BaseDirLock> {
	const places: Server[] = [];
	const releasePlaces = () => {
		for (const place of places) place.close();
	};
	try {
		for (const name of placeNames(baseDir)) places.push(...(await takePlace(name, baseDir)));
		return new FolderLock(baseDir, releasePlaces);
	} catch (error) {
		releasePlaces();
		throw error;
	}
}

class FolderLock implements BaseDirLock {
	readonly #baseDir: string;
	readonly #releasePlaces: () => void;
	#fd: number;
	#identity: string;

	constructor(baseDir: string, releasePlaces: () => void) {
		this.#baseDir = baseDir;
		this.#releasePlaces = releasePlaces;
		this.#fd = lockFolder(baseDir);
		this.#identity = identityOf(statSync(baseDir));
	}

	isReplaced(): boolean {
		try {
			return identityOf(statSync(this.#baseDir)) !== this.#identity;
		} catch {
			// As long as there is none, nobody can start in it.
			return false;
		}
	}

	retake(): void {
		const fd = lockFolder(this.#baseDir);
		closeSync(this.#fd);
		this.#fd = fd;
		this.#identity = identityOf(statSync(this.#baseDir));
	}

	release(): void {
		closeSync(this.#fd);
		this.#releasePlaces();
	}
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
	return `${dev}:${ino}`;
}

/** Another process has it. */
export class TakenAlready extends StartError {
	constructor(baseDir: string) {
		super(`can't lock base directory ${baseDir}. Is pingmachine running already?`);
	}
}

function openFolder(baseDir: string): number {
	try {
		return openSync(baseDir, 'r');
	} catch (error) {
		const who = userInfo().username;
		throw new StartError(`can't open ${baseDir}: ${(error as Error).message}. Give it to the user ${who}`);
	}
}

function lockFolder(baseDir: string): number {
	const fd = openFolder(baseDir);
	// Node cannot call flock(2). The lock belongs to the open file, which flock(1) shares with us and leaves locked.
	const flock = spawnSync('flock', ['--nonblock', '--conflict-exit-code', '75', '3'], {
		stdio: ['ignore', 'ignore', 'pipe', fd],
		encoding: 'utf8',
	});
	if (flock.status === 0) return fd;
	closeSync(fd);
	if (flock.status === 75) throw new TakenAlready(baseDir);
	const missing = (flock.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
	const reason = missing
		? 'flock is not installed: apt-get install util-linux'
		: flock.stderr || flock.error?.message;
	throw new StartError(`can't lock base directory ${baseDir}: ${String(reason).trim()}`);
}

/**
 * What the place of a base directory is called, by the folder above it and by its path: either may be made anew with it.
 * In another container the same path is another place.
 */
function placeNames(baseDir: string): string[] {
	const path = realpathSync(baseDir);
	const above = identityOf(statSync(dirname(path)));
	const world = `${readlinkSync('/proc/self/ns/mnt')} ${identityOf(statSync('/'))}`;
	return [`in ${above} ${basename(path)}`, `at ${world} ${path}`];
}

/** The kernel takes names of so many bytes, a leading zero apart; shorter ones are filled up by some versions of Node. */
const nameBytes = 107;

/**
 * Listens on a name that is no file: only one process can, and a crash leaves nothing behind. None where the kernel
 * does not let us: the lock on the folder has to do.
 */
async function takePlace(place: string, baseDir: string): Promise<Server[]> {
	const digest = createHash('sha512').update(place).digest('hex');
	const server = createServer((socket) => socket.destroy());
	server.unref();
	try {
		server.listen(`\0${`pingmachine ${digest}`.slice(0, nameBytes)}`);
		await once(server, 'listening');
		return [server];
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new TakenAlready(baseDir);
		return [];
	}
}
