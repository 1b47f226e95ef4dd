import { lstatSync, renameSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';

/** `20261121T080000Z`: how a moment is written in file names. `ms` since the epoch. */
export function utcStamp(ms: number): string {
	return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** Renames what is in the way of a new file to a dated name beside it, that of `as`. Returns the new path. */
export function setAside(folder: string, name: string, stamp: string, as = name): string {
	const kept = freePath(folder, as, stamp);
	renameSync(`${folder}/${name}`, kept);
	return kept;
}

/** `main.<stamp>.rrd`, `last_result.<stamp>`: a path that nothing has yet. */
export function freePath(folder: string, name: string, stamp: string): string {
	const ending = name.endsWith('.rrd') ? '.rrd' : '';
	const stem = `${folder}/${name.slice(0, name.length - ending.length)}.${stamp}`;
	let path = stem + ending;
	for (let count = 2; exists(path); count++) path = `${stem}.${count}${ending}`;
	return path;
}

/** True when there is something of that name, even a dangling link. */
export function exists(path: string): boolean {
	try {
		return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
	} catch (error) {
		if (errorCode(error) === 'ENOTDIR') return false;
		throw error;
	}
}
