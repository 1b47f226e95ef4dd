import { link, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Gives the file the name of the moment, `<path>.20261130T133000Z`, so that a new one can begin, and removes the oldest
 * of that kind, so that `keep` are left. Rejects with the error of the file system.
 */
export async function rotate(path: string, keep: number, nowMs: number): Promise<void> {
	const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
	const folder = dirname(path);
	const before = await rotatedIn(folder, basename(path));
	// Two in one second are told apart by a number; the highest is the newest, also when others have gone.
	const newest = before.findLast((one) => one.stamp === stamp);
	const number = newest === undefined ? 1 : newest.number + 1;
	const name = `${basename(path)}.${stamp}${number === 1 ? '' : `-${number}`}`;
	if (keep > 0) await renameToFree(path, join(folder, name));
	else await unlink(path);
	const left = Math.max(0, keep - 1);
	for (const old of before.slice(0, Math.max(0, before.length - left))) await unlink(join(folder, old.name));
}

interface Rotated {
	readonly name: string;
	readonly stamp: string;
	readonly number: number;
}

/** Oldest first. */
async function rotatedIn(folder: string, start: string): Promise<Rotated[]> {
	const names = await readdir(folder);
	const rotated = names.flatMap((name): Rotated[] => {
		if (!name.startsWith(`${start}.`)) return [];
		const [, stamp, number] = /^(\d{8}T\d{6}Z)(?:-(\d{1,9}))?$/.exec(name.slice(start.length + 1)) ?? [];
		return stamp === undefined ? [] : [{ name, stamp, number: Number(number ?? 1) }];
	});
	return rotated.sort((a, b) => (a.stamp === b.stamp ? a.number - b.number : a.stamp < b.stamp ? -1 : 1));
}

/** What is there is not overwritten. */
async function renameToFree(path: string, free: string): Promise<void> {
	try {
		await link(path, free);
		await unlink(path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		// Some file systems know no links.
		if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
		await rename(path, free);
	}
}
