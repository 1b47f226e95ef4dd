import { mkdirSync } from 'node:fs';

/** Makes a folder that nobody else may look into, if it is missing. Throws the error of the file system. */
export function makePrivateFolder(folder: string): void {
	try {
		mkdirSync(folder, { mode: 0o700 });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
}
