import {
	closeSync,
	constants,
	fstatSync,
	linkSync,
	lstatSync,
	openSync,
	readSync,
	realpathSync,
	renameSync,
	rmSync,
	type Stats,
	statSync,
	unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { realPathOf, whereRemovable, wrongWithLink } from '../host/link-trust.ts';
import { errorCode } from '../model/errno.ts';
import { orderMaxBytes } from '../reading/order.ts';
import { accessOf, accessThrough } from './access.ts';
import { replaceFile } from './replace-file.ts';
import { exists, freePath, setAside } from './set-aside.ts';

/** The name under which the text of an expired order is kept. */
export const orderTextName = 'order';

/** True for the name of an order's text, also where it was in the way of another. */
export function isOrderText(name: string): boolean {
	return /^order(?:\.\d{8}T\d{6}Z(?:\.\d+)?)?$/.test(name);
}

/** `fresh`: the file is younger than the order may become, and where it was. `gone`: there is no such file. */
export type Taken = 'taken' | 'fresh' | 'gone';

export interface OrderFileToTake {
	readonly path: string;
	readonly maxAgeMs: number;
	/** Does something in the folder of the order, which is made if it is not there. */
	readonly inOutput: <T>(action: (folder: string) => T) => T;
	readonly nowMs: number;
	readonly stamp: string;
}

/**
 * Takes the file of an expired order away, and keeps its text as `order` in its folder. No refresh is lost, not even
 * one at the very moment: that the file is old is checked again on what was taken. Times in milliseconds.
 *
 * Throws when the file cannot be taken; it is then where it was.
 */
export function takeOrderFile(order: OrderFileToTake): Taken {
	try {
		return whereRemovable(order.path, (path) => takeFrom({ ...order, path }));
	} catch (error) {
		if (['ENOENT', 'ENOTDIR'].includes(errorCode(error)) && !exists(dirname(order.path))) return 'gone';
		throw error;
	}
}

function takeFrom({ path, maxAgeMs, inOutput, nowMs, stamp }: OrderFileToTake): Taken {
	const isOld = (file: string) => nowMs - mtimeMs(file) > maxAgeMs;
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found === undefined || !isOrder(found)) return 'gone';
	if (!isOld(path)) return 'fresh';
	return inOutput((folder) => {
		makeRoomForText(path, folder, stamp);
		const kept = `${folder}/${orderTextName}`;
		if (found.isFile() && isOpenEnough(path, found, folder) && renameUnlessAcross(path, kept)) {
			const taken = lstatSync(kept);
			if (taken.isFile() && isOrder(taken) && isOld(kept)) return 'taken';
			return putBack(kept, path, folder, stamp);
		}
		copyText(path, folder);
		try {
			const still = lstatSync(path, { throwIfNoEntry: false });
			if (still?.ino === found.ino && isOld(path)) {
				unlinkSync(path);
				return 'taken';
			}
		} catch (error) {
			rmSync(kept, { force: true });
			throw error;
		}
		rmSync(kept, { force: true });
		return 'fresh';
	});
}

/** What is neither a file nor a link, or larger than any order, is not the order that expired. */
function isOrder(stats: Stats): boolean {
	return stats.isSymbolicLink() || (stats.isFile() && stats.size <= orderMaxBytes);
}

/** Whether a file may keep its rights when it is moved: nobody can read it then who could not enter its folder. */
function isOpenEnough(path: string, stats: Stats, folder: string): boolean {
	return accessThrough(realpathSync(path), stats, realpathSync(folder)).mode === accessOf(stats).mode;
}

/**
 * The text that was kept when the order expired comes back with its other files: it is dropped if the order file
 * that brought them back is the same, and kept under a dated name if not.
 */
export function retireOrderText(path: string, folder: string, stamp: string): void {
	const kept = `${folder}/${orderTextName}`;
	if (sameText(kept, path)) unlinkSync(kept);
	else setAside(folder, orderTextName, stamp);
}

/** Of what a link leads to; of the link itself where it leads nowhere. */
function mtimeMs(path: string): number {
	return (statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path)).mtimeMs;
}

function makeRoomForText(path: string, folder: string, stamp: string): void {
	const kept = `${folder}/${orderTextName}`;
	if (exists(kept) && !sameText(kept, path)) setAside(folder, orderTextName, stamp);
}

function renameUnlessAcross(path: string, kept: string): boolean {
	try {
		renameSync(path, kept);
		return true;
	} catch (error) {
		if (errorCode(error) !== 'EXDEV') throw error;
		return false;
	}
}

/** Gives a file that was refreshed at the last moment back, unless there is a newer one already. */
function putBack(kept: string, path: string, folder: string, stamp: string): Taken {
	try {
		// Unlike a rename this overwrites nothing.
		linkSync(kept, path);
		unlinkSync(kept);
	} catch (error) {
		if (errorCode(error) === 'EEXIST') renameSync(kept, freePath(folder, orderTextName, stamp));
		else renameSync(kept, path);
	}
	return 'fresh';
}

function copyText(path: string, folder: string): void {
	const read = readOrderText(path);
	if (read === null) return;
	const access = accessThrough(read.realPath, read.stats, realpathSync(folder));
	replaceFile(folder, orderTextName, read.text, access);
}

function sameText(kept: string, path: string): boolean {
	return (
		lstatSync(kept).isFile() && readOrderText(kept)?.text.equals(readOrderText(path)?.text ?? noText) === true
	);
}

const noText = Buffer.alloc(0);

interface OrderText {
	readonly text: Buffer;
	readonly realPath: string;
	readonly stats: Stats;
}

/** Follows links, as orders do. Null when there is no text of an order. Never waits for the writer of a FIFO. */
function readOrderText(path: string): OrderText | null {
	const found = statSync(path, { throwIfNoEntry: false });
	if (found?.isFile() !== true) return null;
	const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		const stats = fstatSync(fd);
		if (!stats.isFile() || stats.size > orderMaxBytes) return null;
		const realPath = realPathOf(fd, stats);
		if (wrongWithLink(path, realPath, stats, 'read') !== null) return null;
		// Somebody may be writing to it, and never end.
		const buffer = Buffer.alloc(orderMaxBytes + 1);
		let length = 0;
		for (let read = -1; read !== 0 && length < buffer.length; length += read) {
			read = readSync(fd, buffer, length, buffer.length - length, null);
		}
		return length > orderMaxBytes ? null : { text: buffer.subarray(0, length), realPath, stats };
	} finally {
		closeSync(fd);
	}
}
