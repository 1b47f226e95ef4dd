import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';

/** More than the store writes into one of them. Bytes. */
const maxBytes = 16 * 1024 * 1024;

/**
 * What `histograms`, `slots`, `events` or `routes` in the folder of an order hold; null when there is none, or something else in
 * its place. Throws the error of the file system.
 */
export function readRecordFile(
	folder: string,
	name: 'histograms' | 'slots' | 'events' | 'routes',
): Buffer | null {
	let fd: number;
	try {
		// Opening a FIFO would wait for its writer.
		fd = openSync(`${folder}/${name}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
	} catch (error) {
		if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(errorCode(error))) return null;
		throw error;
	}
	try {
		const stats = fstatSync(fd);
		if (!stats.isFile() || stats.size > maxBytes) return null;
		const bytes = Buffer.alloc(stats.size);
		return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
	} finally {
		closeSync(fd);
	}
}
