import { type Dirent, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { errorCode } from './complaints.ts';
import { isOurFile } from './order-files.ts';
import { removeEmptyFolders } from './order-path.ts';
import type { StoreTools } from './store-tools.ts';

/** What archive/ may hold. Null: no limit. */
export interface ArchiveLimits {
	/** Since an order was archived. */
	readonly maxAgeSeconds: number | null;
	/** Of disk, all archived orders together. */
	readonly maxBytes: number | null;
}

interface Archived {
	readonly id: string;
	/** When its folder or a file in it was last moved or written, milliseconds since the epoch. */
	readonly atMs: number;
	/** That our files in it take of the disk. */
	readonly bytes: number;
}

/**
 * Removes what is beyond the limits: what is too old, then the oldest. Only our own files: what a user has put beside
 * them stays. Yields often, so that the caller can do other work meanwhile.
 */
export function* limitArchive(
	tools: StoreTools,
	limits: ArchiveLimits,
	removed: (id: string, ageSeconds: number) => void,
): Generator<void> {
	const { clock, complaints, folders } = tools;
	const all: Archived[] = [];
	yield* archivedBelow(folders.archive, '', all);
	all.sort((a, b) => a.atMs - b.atMs);
	let bytes = all.reduce((sum, one) => sum + one.bytes, 0);
	for (const one of all) {
		yield;
		const ageSeconds = (clock.wallMs() - one.atMs) / 1000;
		const isTooOld = limits.maxAgeSeconds !== null && ageSeconds > limits.maxAgeSeconds;
		const isTooMuch = limits.maxBytes !== null && bytes > limits.maxBytes;
		if (!isTooOld && !isTooMuch) return;
		try {
			// It may have been brought back, or archived anew, since it was looked at.
			if (lookAt(folders.archive, one.id, entriesOf(folders.archive, one.id))?.atMs !== one.atMs) continue;
			remove(folders.archive, one.id);
			removed(one.id, ageSeconds);
			bytes -= one.bytes;
		} catch (error) {
			complaints.failed('cannot remove from the archive', `${folders.archive}/${one.id}`, error);
		}
	}
}

function* archivedBelow(root: string, id: string, found: Archived[]): Generator<void> {
	yield;
	const entries = entriesOf(root, id);
	const archived = id === '' ? null : lookAt(root, id, entries);
	if (archived !== null) found.push(archived);
	for (const entry of entries) {
		if (entry.isDirectory())
			yield* archivedBelow(root, id === '' ? entry.name : `${id}/${entry.name}`, found);
	}
}

/** None when the folder has gone meanwhile, or may not be read. */
function entriesOf(root: string, id: string): Dirent[] {
	try {
		return readdirSync(`${root}/${id}`, { withFileTypes: true });
	} catch {
		return [];
	}
}

/** Null when there is nothing of ours. */
function lookAt(root: string, id: string, entries: readonly Dirent[]): Archived | null {
	// A folder that is moved as a whole keeps the times of what is in it; its own time of change is that of the move.
	const paths = ourFiles(entries).map((name) => `${root}/${id}/${name}`);
	if (paths.length === 0) return null;
	let atMs = 0;
	let bytes = 0;
	for (const path of [`${root}/${id}`, ...paths]) {
		const stats = lstatSync(path, { throwIfNoEntry: false });
		if (stats === undefined) continue;
		atMs = Math.max(atMs, stats.ctimeMs);
		if (!stats.isDirectory()) bytes += stats.blocks * 512;
	}
	return { id, atMs, bytes };
}

function ourFiles(entries: readonly Dirent[]): string[] {
	return entries.filter((entry) => entry.isFile() && isOurFile(entry.name)).map(({ name }) => name);
}

function remove(root: string, id: string): void {
	for (const name of ourFiles(entriesOf(root, id))) {
		try {
			unlinkSync(`${root}/${id}/${name}`);
		} catch (error) {
			if (errorCode(error) !== 'ENOENT') throw error;
		}
	}
	removeEmptyFolders(root, id, () => false);
}
