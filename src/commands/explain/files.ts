import { type Dirent, lstatSync, readdirSync, statSync } from 'node:fs';
import { type LastFactsFile, lastFactsName, readLastFacts } from '../../store/last-facts.ts';
import { type LastResult, readLastResult } from '../../store/last-result.ts';
import { orderTextName } from '../../store/order-text.ts';
import { type FoundOrder, reasonOf } from '../shared/find-orders.ts';
import { readSmallText } from '../shared/small-text.ts';
import type { ExplainSources } from './facts.ts';

/** A file of an order. */
export interface FileFacts {
	/** Below the base directory. */
	readonly path: string;
	readonly bytes: number;
	/** Seconds since the epoch. */
	readonly modified: number;
}

/** How the files of an order came to archive/. */
export interface ArchivedWhy {
	/** `expired`: it was not refreshed. `measured`: once, as it asked for. `removed`: its file was deleted. `pending`: they are in output/ still. */
	readonly why: 'expired' | 'measured' | 'removed' | 'pending';
	/** Seconds since the epoch; null when it has not happened yet. */
	readonly time: number | null;
}

/** The files of an order, without those of orders whose ids begin with its id and a slash. */
export function filesOf(id: string, sources: ExplainSources): FileFacts[] {
	const { baseDir, problem } = sources;
	const namesIn = (folder: string): string[] => {
		try {
			const isOwn = (entry: Dirent) => !entry.isDirectory();
			const own = readdirSync(`${baseDir}/${folder}`, { withFileTypes: true }).filter(isOwn);
			return own.map(({ name }) => `${folder}/${name}`).sort();
		} catch (error) {
			if (!meansNone(error)) problem(`${baseDir}/${folder}`, reasonOf(error));
			return [];
		}
	};
	const paths = [`orders/${id}`, `telegraf/${id}`, ...namesIn(`output/${id}`), ...namesIn(`archive/${id}`)];
	return paths.flatMap((path) => factsOf(path, sources) ?? []);
}

/** Null when there is no such file. */
function factsOf(path: string, { baseDir, problem }: ExplainSources): FileFacts | null {
	try {
		// Of what a link leads to: that is what is read, and refreshed.
		const full = `${baseDir}/${path}`;
		const found = statSync(full, { throwIfNoEntry: false }) ?? lstatSync(full, { throwIfNoEntry: false });
		if (found === undefined || found.isDirectory()) return null;
		return { path, bytes: found.size, modified: found.mtimeMs / 1000 };
	} catch (error) {
		if (!meansNone(error)) problem(`${baseDir}/${path}`, reasonOf(error));
		return null;
	}
}

function meansNone(error: unknown): boolean {
	const { code = '' } = error as NodeJS.ErrnoException;
	return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code);
}

/** What last_result in a folder says; null when there is none, or none that can be read. */
export function lastResultIn(folder: string, { problem }: ExplainSources): LastResult | null {
	const path = `${folder}/last_result`;
	const file = readSmallText(path);
	if (file === null) return null;
	const read = 'text' in file ? readLastResult(file.text) : file;
	if (!('reason' in read)) return read;
	problem(path, read.reason);
	return null;
}

/** What last_facts in a folder says; null when there is none, or none that can be read. */
export function lastFactsIn(folder: string, { problem }: ExplainSources): LastFactsFile | null {
	const path = `${folder}/${lastFactsName}`;
	const file = readSmallText(path);
	if (file === null) return null;
	const read = 'text' in file ? readLastFacts(file.text) : null;
	if (read === null)
		problem(path, 'reason' in file ? file.reason : 'it is not what pingmachine writes there');
	return read;
}

/**
 * What the folder of an order without a file tells. A rename leaves its time on what was renamed: on the text of an
 * order that expired or was measured once, else on the folder.
 */
export function archivedWhy({ folder, isArchived }: FoundOrder, isOnce: boolean): ArchivedWhy {
	if (!isArchived) return { why: 'pending', time: null };
	const text = changedSeconds(`${folder}/${orderTextName}`);
	if (text === null) return { why: 'removed', time: changedSeconds(folder) };
	return { why: isOnce ? 'measured' : 'expired', time: text };
}

function changedSeconds(path: string): number | null {
	try {
		return lstatSync(path).ctimeMs / 1000;
	} catch {
		return null;
	}
}
