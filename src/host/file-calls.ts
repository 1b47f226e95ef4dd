import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readSync,
	type Stats,
	writeSync,
} from 'node:fs';

/** What is known of a file. Good until the next one is looked at. */
export interface FileState {
	/** False for folders, links, devices ... */
	readonly isFile: boolean;
	/** How many names it has. */
	readonly links: number;
	readonly bytes: number;
	/** When it was changed last, or its names. Milliseconds since the epoch. */
	readonly changedMs: number;
}

/**
 * The calls for files that are written again and again. Paths may lead through a folder that is held open:
 * `/proc/self/fd/NUMBER/NAME`. Each throws the error of the file system, as `node:fs` has it.
 */
export interface FileCalls {
	/**
	 * Opens a folder to which no symbolic link leads, not even on the way. `none`: nothing has that name. Null: it cannot be
	 * done here, or anything else is wrong.
	 */
	openFolder(path: string): number | 'none' | null;
	open(path: string, flags: number): number;
	close(fd: number): void;
	/** Returns how many bytes there were. */
	read(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number;
	/** Returns how many bytes were taken. */
	write(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number;
	stateOf(fd: number): FileState;
	/** What has that name, be it a link; null: nothing. */
	stateAt(path: string): FileState | null;
	/**
	 * Exchanges the names of two files that are there: both names lead to a whole file at every moment. False when this
	 * cannot be done here, and nothing has happened.
	 */
	exchange(one: string, other: string): boolean;
}

/** Those of Node, which can everything but what it has no calls for. */
export const nodeFileCalls: FileCalls = {
	openFolder: () => null,
	open: openSync,
	close: closeSync,
	read: readSync,
	write: writeSync,
	stateOf: (fd) => stateOf(fstatSync(fd)),
	stateAt: (path) => {
		const stats = lstatSync(path, { throwIfNoEntry: false });
		return stats === undefined ? null : stateOf(stats);
	},
	exchange: () => false,
};

function stateOf({ mode, nlink, size, ctimeMs }: Stats): FileState {
	const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
	return { isFile, links: nlink, bytes: size, changedMs: ctimeMs };
}
