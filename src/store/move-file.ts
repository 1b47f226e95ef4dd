import {
	closeSync,
	constants,
	fstatSync,
	fsyncSync,
	futimesSync,
	lstatSync,
	openSync,
	readFileSync,
	readlinkSync,
	readSync,
	renameSync,
	rmSync,
	type Stats,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { errorCode } from '../model/errno.ts';
import { orderMaxBytes } from '../reading/order.ts';
import { accessOf, giveAccess } from './access.ts';
import { isOrderText } from './order-text.ts';
import { openNew, temporaryName } from './replace-file.ts';

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
	const from = openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	try {
		const opened = fstatSync(from);
		const to = openNew(copy, 0o600);
		try {
			// Whoever wrote the text of an order may still be writing, and never end.
			copyBytes(from, to, isOrderText(basename(source)) ? Math.min(opened.size, orderMaxBytes) : opened.size);
			giveAccess(to, accessOf(opened));
			futimesSync(to, opened.atime, opened.mtime);
			fsyncSync(to);
		} finally {
			closeSync(to);
		}
	} finally {
		closeSync(from);
	}
}

function copyBytes(from: number, to: number, most: number): void {
	const part = Buffer.allocUnsafe(Math.min(copyPartBytes, most));
	for (let copied = 0; copied < most; ) {
		const read = readSync(from, part, 0, Math.min(part.length, most - copied), null);
		if (read === 0) return;
		writeFileSync(to, part.subarray(0, read));
		copied += read;
	}
}

const copyPartBytes = 4 * 1024 * 1024;

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
