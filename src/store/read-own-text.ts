import { lstatSync, readFileSync } from 'node:fs';

/** More than any text the store writes. Bytes. */
const maxBytes = 1024 * 1024;

/** The text of a file that the store wrote; null when there is none, or something else in its place. */
export function readOwnText(path: string): string | null {
	try {
		const found = lstatSync(path, { throwIfNoEntry: false });
		// Reading a FIFO would wait for a writer.
		if (found?.isFile() !== true || found.size > maxBytes) return null;
		return readFileSync(path, 'utf8');
	} catch {
		return null;
	}
}
