import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { popFolderIn } from '../model/pop.ts';
import { inFolder } from './held-folder.ts';
import type { StoreTools } from './store-tools.ts';

/** What is in the folder of an order in output/. Nothing when it cannot be read, which is told. */
export function entriesIn({ folders, complaints }: StoreTools, id: string): Dirent[] {
	try {
		return inFolder(folders.output, id, (folder) => readdirSync(folder, { withFileTypes: true })) ?? [];
	} catch (error) {
		complaints.failed('cannot read', `${folders.output}/${id}`, error);
		return [];
	}
}

/** The folders of points of presence in that of an order: `ID/@POP`. */
export function popFoldersIn(tools: StoreTools, id: string): string[] {
	if (popFolderIn(id) !== null) return [];
	return entriesIn(tools, id)
		.filter((entry) => entry.isDirectory() && entry.name.startsWith('@'))
		.map(({ name }) => `${id}/${name}`);
}

export function isFolder(path: string): boolean {
	try {
		return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
	} catch {
		return false;
	}
}
