import { createRequire } from 'node:module';

/**
 * Exchanges the names of two files that are there: both names lead to a whole file at every moment. False when this
 * cannot be done here, and nothing has happened.
 */
export type ExchangeFiles = (one: string, other: string) => boolean;

const currentDirectory = -100;
const exchangeFlag = 2;

/** Null where the C library or the machine has no such call, or no native code may be loaded. */
export function loadExchangeFiles(): ExchangeFiles | null {
	try {
		const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
		const renameat2 = koffi
			.load(null)
			.func('int renameat2(int, const char *, int, const char *, unsigned int)') as RenameAt2;
		return (one, other) => {
			const [from, to] = [placeOf(one), placeOf(other)];
			return renameat2(from.folder, from.name, to.folder, to.name, exchangeFlag) === 0;
		};
	} catch {
		return null;
	}
}

const heldFolders = '/proc/self/fd/';

/** A file in a folder that is held is named by the folder's descriptor: the way through /proc costs more than the rest. */
function placeOf(path: string): { readonly folder: number; readonly name: string } {
	const slash = path.lastIndexOf('/');
	const folder = path.startsWith(heldFolders) ? Number(path.slice(heldFolders.length, slash)) : Number.NaN;
	if (!Number.isInteger(folder)) return { folder: currentDirectory, name: path };
	return { folder, name: path.slice(slash + 1) };
}

type RenameAt2 = (fromFolder: number, from: string, toFolder: number, to: string, flags: number) => number;
