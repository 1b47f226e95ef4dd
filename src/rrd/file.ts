import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** By which calls files are reached: those of Node, or others that do the same. Each throws the error of the file system. */
export interface RrdCalls {
	open(path: string, flags: number): number;
	close(fd: number): void;
	stateOf(fd: number): { readonly isFile: boolean; readonly bytes: number };
	/** Returns how many bytes there were. */
	read(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number;
	/** Returns how many bytes were taken. */
	write(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number;
}

export const nodeCalls: RrdCalls = {
	open: openSync,
	close: closeSync,
	stateOf: (fd) => {
		const stats = fstatSync(fd);
		return { isFile: stats.isFile(), bytes: stats.size };
	},
	read: readSync,
	write: writeSync,
};

/** Opens what should be a regular file, without waiting if it is a FIFO, say. Throws the error of the file system. */
export function openRrd(path: string, access: number, calls = nodeCalls): number {
	return calls.open(path, access | constants.O_NONBLOCK | constants.O_NOCTTY);
}

/** Writes all of the bytes at that place of the file, also when the system takes them in parts. */
export function writeFully(
	fd: number,
	bytes: Uint8Array,
	from: number,
	length: number,
	position: number,
	calls = nodeCalls,
): void {
	let written = 0;
	while (written < length) {
		written += calls.write(fd, bytes, from + written, length - written, position + written);
	}
}
