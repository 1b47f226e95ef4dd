import { closeSync, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { errorCode } from './complaints.ts';

/** No user gives a file such a name: what is found under it can be removed. */
const temporaryEnding = '.pingmachine';

/** The name under which a file is written before it gets its own. */
export function temporaryName(name: string): string {
	return `.${name}${temporaryEnding}`;
}

/** True for what a crash may have left behind: of this, or of making main.rrd. */
export function isTemporaryName(name: string): boolean {
	return (name.startsWith('.') && name.endsWith(temporaryEnding)) || name === '.main.rrd.new';
}

/**
 * Writes a file under a temporary name and renames it over the old one: readers find the old text or the new one,
 * whole, whatever happens. Throws the error of the file system; the old file is then untouched.
 */
export function replaceFile(folder: string, name: string, text: string | Uint8Array): void {
	const temporary = `${folder}/${temporaryName(name)}`;
	const fd = openNew(temporary);
	try {
		try {
			writeFileSync(fd, text);
		} finally {
			closeSync(fd);
		}
		renameSync(temporary, `${folder}/${name}`);
	} catch (error) {
		removeLeftover(temporary);
		throw error;
	}
}

/** Opens a file that was not there: never one that somebody else put, or linked, in its place. */
function openNew(path: string): number {
	try {
		return openSync(path, 'wx');
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') throw error;
		rmSync(path, { recursive: true });
		return openSync(path, 'wx');
	}
}

function removeLeftover(path: string): void {
	try {
		unlinkSync(path);
	} catch {
		// It is in nobody's way: the next write or the next start removes it.
	}
}
