import { type Dirent, lstatSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { inFolder, removeEmptyFolders } from './held-folder.ts';
import { isOurFile } from './our-files.ts';
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
			const isStillOld = inFolder(folders.archive, one.id, (folder) => removeFiles(folder, one.atMs));
			if (isStillOld === null) bytes -= one.bytes;
			if (isStillOld !== true) continue;
			removeEmptyFolders(folders.archive, one.id, () => false);
			removed(one.id, ageSeconds);
			bytes -= one.bytes;
		} catch (error) {
			complaints.failed('cannot remove from the archive', `${folders.archive}/${one.id}`, error);
		}
	}
}

function* archivedBelow(root: string, id: string, found: Archived[]): Generator<void> {
	yield;
	const below: string[] = [];
	try {
		inFolder(root, id, (folder) => {
			const entries = readdirSync(folder, { withFileTypes: true });
			for (const entry of entries) if (entry.isDirectory()) below.push(entry.name);
			const seen = id === '' ? null : lookAt(folder, ourFiles(entries));
			if (seen !== null) found.push({ id, ...seen });
		});
	} catch {
		// It has gone meanwhile, or may not be read.
	}
	for (const name of below) yield* archivedBelow(root, id === '' ? name : `${id}/${name}`, found);
}

function ourFiles(entries: readonly Dirent[]): string[] {
	return entries.filter((entry) => entry.isFile() && isOurFile(entry.name)).map(({ name }) => name);
}

/** Null when there is nothing of ours. */
function lookAt(folder: string, names: readonly string[]): Omit<Archived, 'id'> | null {
	if (names.length === 0) return null;
	// A folder that is moved as a whole keeps the times of what is in it; its own time of change is that of the move.
	let atMs = statSync(folder).ctimeMs;
	let bytes = 0;
	for (const name of names) {
		const stats = lstatSync(`${folder}/${name}`);
		atMs = Math.max(atMs, stats.ctimeMs);
		bytes += stats.blocks * 512;
	}
	return { atMs, bytes };
}

/** False when something has happened to it since then. */
function removeFiles(folder: string, atMs: number): boolean {
	const names = ourFiles(readdirSync(folder, { withFileTypes: true }));
	if (lookAt(folder, names)?.atMs !== atMs) return false;
	for (const name of names) unlinkSync(`${folder}/${name}`);
	return true;
}
