import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Beside the compiled sources: a build makes it anew. */
function urlOf(shell: string): URL {
	return new URL(`../../../completion/${shell}`, import.meta.url);
}

/** The script for a shell that was made when this was built, or null. */
export function madeScript(shell: string): string | null {
	if (!/^[a-z]+$/.test(shell)) return null;
	try {
		return readFileSync(urlOf(shell), 'utf8');
	} catch {
		return null;
	}
}

/** For `madeScript`. */
export function keepScript(shell: string, script: string): void {
	mkdirSync(new URL('.', urlOf(shell)), { recursive: true });
	writeFileSync(urlOf(shell), script);
}
