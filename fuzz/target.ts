import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type fc from 'fast-check';

/** Something that must take any bytes. */
export interface FuzzTarget {
	/** Also of its folder in fixtures/fuzz/. */
	readonly name: string;
	/**
	 * Takes one input. Throws when something is wrong: a crash, or a promise that was not kept. Returns in a few words
	 * what came of it: an input of which something new comes is worth being changed further.
	 */
	run(input: Buffer): string;
	/** Files and folders in the repository with more inputs to begin with. */
	readonly seedsIn?: readonly string[];
	/** More inputs to begin with. */
	readonly seeds?: () => readonly Buffer[];
	/** Pieces that mean something to it. */
	readonly words?: readonly string[];
	/** Inputs that are well made, more or less. */
	readonly wellMade?: fc.Arbitrary<string>;
}

/** For what takes text: bytes that are not UTF-8 become replacement characters. */
export function textTarget(
	name: string,
	run: (text: string) => string,
	more: Omit<FuzzTarget, 'name' | 'run'> = {},
): FuzzTarget {
	return { name, run: (input) => run(input.toString('utf8')), ...more };
}

/** A promise that was not kept. */
export function assert(isTrue: boolean, what: string): asserts isTrue {
	if (!isTrue) throw new Error(`broken promise: ${what}`);
}

/** Root of the repository, also for what runs in dist/. */
export const repository = new URL(import.meta.url.includes('/dist/') ? '../..' : '..', import.meta.url)
	.pathname;

/** Where crashes are kept, and inputs worth keeping. */
export function corpusOf({ name }: FuzzTarget): string {
	return join(repository, 'fixtures/fuzz', name);
}

/** All inputs that a target begins with, by where they come from. */
export function seedsOf(target: FuzzTarget): Map<string, Buffer> {
	const seeds = new Map<string, Buffer>();
	for (const place of [corpusOf(target), ...(target.seedsIn ?? []).map((path) => join(repository, path))]) {
		for (const path of filesIn(place)) seeds.set(path.slice(repository.length), readFileSync(path));
	}
	for (const [index, seed] of (target.seeds?.() ?? []).entries()) seeds.set(`made ${index}`, seed);
	return seeds;
}

function filesIn(path: string): string[] {
	const found = statSync(path, { throwIfNoEntry: false });
	if (found === undefined) return [];
	if (!found.isDirectory()) return [path];
	return readdirSync(path, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
}
