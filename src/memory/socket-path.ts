import { closeSync, constants, openSync } from 'node:fs';

/** The file in the base directory through which the running daemon can be asked. */
export const socketName = 'pingmachine.sock';

/** The kernel takes no longer ones: struct sockaddr_un has 108 bytes, the last one zero. */
const pathMaxBytes = 107;
/** Opens a folder as a mere place: that needs no right to read it. From the kernel; Node has no name for it. */
const asPlace = 0o10000000;

export interface ReachableSocket {
	/** Where to bind or connect. */
	readonly path: string;
	/** To be called when `path` is not needed any more. */
	release(): void;
}

/** The socket of a base directory, by a path that is short enough. Throws the error of the file system. */
export function reachSocket(baseDir: string): ReachableSocket {
	const path = `${baseDir}/${socketName}`;
	if (Buffer.byteLength(path) <= pathMaxBytes) return { path, release: () => {} };
	const folder = openSync(baseDir, constants.O_DIRECTORY | asPlace);
	return { path: `/proc/self/fd/${folder}/${socketName}`, release: () => closeSync(folder) };
}
