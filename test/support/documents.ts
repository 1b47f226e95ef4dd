/** The pages of the documentation, and the blocks in them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';

export const root = new URL('../..', import.meta.url).pathname;
export const read = (page: string) => readFileSync(join(root, page), 'utf8');
export const pages = [
	'README.md',
	...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`)
		.sort(),
];
export const all = pages.map(read).join('\n');
export const cli = join(root, 'dist/src/cli.js');

export let scratch: string;

/** For all tests of the file. Take `scratch` only after it. */
export function useScratch(): void {
	const made = mkdtempSync(join(tmpdir(), 'pingmachine-readme-'));
	scratch = made;
	afterAll(() => rmSync(made, { recursive: true, force: true }));
}

export function blocks(language: string, text = all): string[] {
	return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
		(match) => match[1] ?? '',
	);
}

/** The one block that contains a text. */
export function block(language: string, containing: string): string {
	const found = blocks(language).filter((text) => text.includes(containing));
	expect(found, `${language} blocks with ${containing}`).toHaveLength(1);
	return found[0] ?? '';
}
