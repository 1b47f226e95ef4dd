import { rmSync } from 'node:fs';

/** Has a folder removed when the process, or the thread, ends. */
export function removedAtEnd(folder: string): string {
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
