import { closeSync, constants, readSync } from 'node:fs';
import { openRrd } from './file.ts';
import { loadHeader } from './header.ts';

const part = new Float64Array(32 * 1024);
const partBytes = new Uint8Array(part.buffer);

/**
 * Whether a file holds any value that is known, in whichever of its rows.
 *
 * Throws RrdDamaged or the error of the file system.
 */
export function hasKnownRows(path: string): boolean {
	const fd = openRrd(path, constants.O_RDONLY);
	try {
		const { headerBytes, fileBytes } = loadHeader(path, fd).layout;
		let at = headerBytes;
		while (at < fileBytes) {
			const read = readSync(fd, partBytes, 0, Math.min(partBytes.length, fileBytes - at), at);
			if (read < 8) return false;
			const values = Math.floor(read / 8);
			if (part.subarray(0, values).some((value) => !Number.isNaN(value))) return true;
			at += values * 8;
		}
		return false;
	} finally {
		closeSync(fd);
	}
}
