import { linkSync, renameSync, statSync } from 'node:fs';
import { reasonOf } from './file-errors.ts';
import { NotASegment } from './segment.ts';

const ending = '.poisoned';

/** What became of a file that cannot be read as it should. */
export interface Aside {
	/** What it takes besides the files that can be read. */
	readonly bytes: number;
	/** For the log. */
	readonly message: string;
}

export function isPoisoned(name: string): boolean {
	return name.endsWith(ending);
}

/** Keeps a segment that cannot be read under another name. */
export function setAside(path: string, error: unknown): Aside {
	const kept = path + ending;
	const reason = error instanceof NotASegment ? error.message : reasonOf(error);
	try {
		renameSync(path, kept);
		return { bytes: bytesOf(kept), message: `${path} cannot be read, and is kept as ${kept}: ${reason}` };
	} catch (renameError) {
		const message = `${path} cannot be read: ${reason}; nor renamed: ${reasonOf(renameError)}`;
		return { bytes: 0, message };
	}
}

/** Keeps a segment of which some lines are damaged; the others are sent, and the file goes. Null: it is kept already. */
export function keepDamaged(path: string, lines: number): Aside | null {
	const kept = path + ending;
	try {
		linkSync(path, kept);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
		return { bytes: 0, message: `cannot keep ${kept}: ${reasonOf(error)}` };
	}
	const message = `${path} has ${lines} damaged lines: the others are sent, and it is kept as ${kept}. Remove it when you have seen it`;
	return { bytes: bytesOf(kept), message };
}

export function bytesOf(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
