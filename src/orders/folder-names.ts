import { type Dirent, readdirSync } from 'node:fs';

/**
 * What is in a folder, each name once: names that are not UTF-8 all look alike, and as a name that is may look. Throws
 * the error of the file system.
 */
export function entriesIn(folder: string): Dirent[] {
	const byName = new Map<string, Dirent>();
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (!byName.has(entry.name)) byName.set(entry.name, entry);
	}
	return [...byName.values()];
}

/** Names of what is in a folder, each once, sorted. Throws the error of the file system. */
export function namesIn(folder: string): string[] {
	return [...new Set(readdirSync(folder))].sort();
}
