import { closeSync, constants, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import type { FileCalls } from '../host/file-calls.ts';
import { errorCode } from '../model/errno.ts';
import { type Access, giveAccess } from './access.ts';
import { fileIn } from './held-folder.ts';
import type { BytesOfText } from './text-bytes.ts';

/** No user gives a file such a name: what is found under it can be removed. */
const temporaryEnding = '.pingmachine';

/** The name under which a file is written before it gets its own. */
export function temporaryName(name: string): string {
	return `.${name}${temporaryEnding}`;
}

/** Of the files that take turns with others: the same strings again and again. */
const alternateNames = new Map<string, string>();

function alternateName(name: string): string {
	let alternate = alternateNames.get(name);
	if (alternate === undefined) {
		alternate = temporaryName(name);
		alternateNames.set(name, alternate);
	}
	return alternate;
}

/** True for what a crash may have left behind: of this, or of making main.rrd. */
export function isTemporaryName(name: string): boolean {
	return (name.startsWith('.') && name.endsWith(temporaryEnding)) || name === '.main.rrd.new';
}

/**
 * Writes a file under a temporary name and renames it over the old one: readers find the old text or the new one,
 * whole, whatever happens. `access`: who may read it; null: everybody. Throws the error of the file system; the old file is then untouched.
 */
export function replaceFile(
	folder: string,
	name: string,
	text: string | Uint8Array,
	access: Access | null = null,
): void {
	const temporary = `${folder}/${temporaryName(name)}`;
	try {
		writeNew(temporary, text, access);
		renameSync(temporary, `${folder}/${name}`);
	} catch (error) {
		removeLeftover(temporary);
		throw error;
	}
}

/**
 * As `replaceFile`, for a file that is written again and again, at a fraction of the cost: making a new file and
 * renaming it over an old one makes file systems such as ext4 write it to the disk at once. Here two files are kept
 * and take turns under the two names. The one that is overwritten has not been `name` for `restMs` at least: whoever
 * opened it under that name has read it by now.
 */
export function alternateFile(
	folder: string,
	name: string,
	text: BytesOfText,
	calls: FileCalls,
	restMs = usualRestMs,
): void {
	const temporary = fileIn(folder, alternateName(name));
	const path = fileIn(folder, name);
	try {
		if (!overwrite(temporary, text, calls, restMs)) writeNew(temporary, text.bytes.subarray(0, text.length));
		// What is no file of ours keeps its name, or at least does not get one under which it may be overwritten.
		const isFile = calls.stateAt(path)?.isFile === true;
		if (!isFile || !calls.exchange(temporary, path)) renameSync(temporary, path);
	} catch (error) {
		removeLeftover(temporary);
		throw error;
	}
}

/** Much longer than a reader takes, and shorter than any step. */
const usualRestMs = 500;

/**
 * Overwrites the file that had its turn before. Only with as many bytes as it has, so that a power failure, too, leaves
 * the old text or the new one; and not if somebody has linked to it. False when a new file is needed.
 */
function overwrite(path: string, { bytes, length }: BytesOfText, calls: FileCalls, restMs: number): boolean {
	let fd: number;
	try {
		fd = calls.open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch {
		return false;
	}
	try {
		const { isFile, links, bytes: size, changedMs } = calls.stateOf(fd);
		// It was changed last when it lost the name.
		const isRested = Date.now() - changedMs >= restMs;
		const isReusable = isFile && links === 1 && size === length && isRested;
		return isReusable && calls.write(fd, bytes, 0, length, 0) === length;
	} finally {
		calls.close(fd);
	}
}

function writeNew(path: string, content: string | Uint8Array, access: Access | null = null): void {
	const fd = openNew(path, access === null ? 0o666 : 0o600);
	try {
		writeFileSync(fd, content);
		if (access !== null) giveAccess(fd, access);
	} finally {
		closeSync(fd);
	}
}

/** Opens a file that was not there: never one that somebody else put, or linked, in its place. */
export function openNew(path: string, mode: number): number {
	try {
		return openSync(path, 'wx', mode);
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') throw error;
		rmSync(path, { recursive: true });
		return openSync(path, 'wx', mode);
	}
}

function removeLeftover(path: string): void {
	try {
		unlinkSync(path);
	} catch {
		// It is in nobody's way: the next write or the next start removes it.
	}
}
