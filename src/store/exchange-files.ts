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
		return (one, other) => renameat2(currentDirectory, one, currentDirectory, other, exchangeFlag) === 0;
	} catch {
		return null;
	}
}

type RenameAt2 = (fromFolder: number, from: string, toFolder: number, to: string, flags: number) => number;
