import {
	closeSync,
	constants,
	copyFileSync,
	fsyncSync,
	futimesSync,
	lstatSync,
	openSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	type Stats,
	symlinkSync,
	unlinkSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { errorCode } from './complaints.ts';
import { temporaryName } from './replace-file.ts';

/** Moves a file or a link over `target`, also to another file system: the target is then whole or not there. */
export function moveFile(source: string, target: string): void {
	try {
		renameSync(source, target);
	} catch (error) {
		if (errorCode(error) !== 'EXDEV') throw error;
		copyAcross(source, target);
		unlinkSync(source);
	}
}

function copyAcross(source: string, target: string): void {
	const temporary = `${dirname(target)}/${temporaryName(basename(target))}`;
	rmSync(temporary, { recursive: true, force: true });
	try {
		copyTo(temporary, source, lstatSync(source));
		renameSync(temporary, target);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
}

function copyTo(copy: string, source: string, stats: Stats): void {
	if (stats.isSymbolicLink()) {
		symlinkSync(readlinkSync(source), copy);
		return;
	}
	if (!stats.isFile())
		throw new Error('only files and links can be moved to another file system: move it by hand');
	copyFileSync(source, copy, constants.COPYFILE_EXCL);
	const fd = openSync(copy, 'r');
	try {
		futimesSync(fd, stats.atime, stats.mtime);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

/** True for two regular files with the same bytes. False when one cannot be read. */
export function sameContent(a: string, b: string): boolean {
	try {
		const statsA = lstatSync(a);
		const statsB = lstatSync(b);
		if (!statsA.isFile() || !statsB.isFile() || statsA.size !== statsB.size) return false;
		return readFileSync(a).equals(readFileSync(b));
	} catch {
		return false;
	}
}
