import { constants, openSync, writeSync } from 'node:fs';

/** Opens what should be a regular file, without waiting if it is a FIFO, say. Throws the error of the file system. */
export function openRrd(path: string, access: number): number {
	return openSync(path, access | constants.O_NONBLOCK | constants.O_NOCTTY);
}

/** Writes all of the bytes at that place of the file, also when the system takes them in parts. */
export function writeFully(
	fd: number,
	bytes: Uint8Array,
	from: number,
	length: number,
	position: number,
): void {
	let written = 0;
	while (written < length) {
		written += writeSync(fd, bytes, from + written, length - written, position + written);
	}
}
