import { existsSync } from 'node:fs';

/**
 * Runs a command, or a program, from the one file that a build has made of it: some 300 modules take several times as
 * long to load. Takes the words of the command line from `process.argv`. False: there is no such file, as when it runs
 * from the sources.
 *
 * @param name of a command: that of its folder with a `quick.ts` in it; `NAME-bin`: of a program
 */
export async function runQuick(name: string): Promise<boolean> {
	const file = new URL(`../../quick/${name}.js`, import.meta.url);
	if (!existsSync(file)) return false;
	await import(file.href);
	return true;
}

/** The same for a word that somebody typed. */
export async function runQuickCommand(word: string): Promise<boolean> {
	const name = word === 'pops' ? 'pop' : word;
	return /^[a-z]+$/.test(name) && (await runQuick(name));
}
