/** What belongs to a sink must be there, and nothing must be left of one that is gone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtInSinks } from '../../src/sinks/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const names = [...builtInSinks.keys()].sort();
/** That to a hub is made by `pop:` in the config: test/end-to-end/pops.test.ts has what it sends. */
const written = names.filter((name) => name !== 'hub');

test('every sink is in the folder of its name, and there is nothing else but what they share', () => {
	expect(readdirSync(`${root}/src/sinks`).sort()).toEqual([...names, 'index.ts', 'shared'].sort());
	for (const name of names) expect(readdirSync(`${root}/src/sinks/${name}`)).toContain('index.ts');
});

test('every sink is a line in the index', () => {
	const imported = [
		...read('src/sinks/index.ts').matchAll(/^import \{ (\w+) \} from '\.\/(\S+)\/index\.ts';$/gm),
	];
	for (const [, name, folder] of imported) expect(name).toBe(folder);
	expect(imported.map(([, name]) => name).sort()).toEqual(names);
});

test('every sink has a folder of fixtures with something in it', () => {
	expect(readdirSync(`${root}/fixtures/sinks`).sort()).toEqual(written);
	for (const name of written) expect(readdirSync(`${root}/fixtures/sinks/${name}`), name).not.toEqual([]);
});

test('every sink has a page in docs/ that says how it is written, and stands in README and docs/sinks.md', () => {
	expect(readdirSync(`${root}/docs/sinks`).sort()).toEqual(names.map((name) => `${name}.md`));
	for (const name of written) {
		const page = read(`docs/sinks/${name}.md`);
		expect(page).toMatch(new RegExp(`^# ${name}\n`));
		expect(page).toContain(`\n    - type: ${name}\n`);
		expect(read('README.md')).toContain(`| [${name}](docs/sinks/${name}.md) |`);
		expect(read('docs/sinks.md')).toContain(`| [${name}](sinks/${name}.md) |`);
	}
});

test('every sink has tests of its own', () => {
	for (const name of written) {
		expect(
			readdirSync(`${root}/test/sinks/${name}`).some((file) => file.endsWith('.test.ts')),
			name,
		).toBe(true);
	}
});

/** The files that are loaded with `path`, and the packages and parts of Node that are. */
function loadedWith(path: string, files = new Set<string>(), packages = new Set<string>()) {
	if (files.has(path)) return { files, packages };
	files.add(path);
	const text = readFileSync(path, 'utf8');
	for (const [, from = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gms)) {
		if (!from.startsWith('.')) packages.add(from);
		else loadedWith(join(dirname(path), from), files, packages);
	}
	return { files, packages };
}

test('the settings of all sinks can be read without loading what they send with', () => {
	const { files, packages } = loadedWith(join(root, 'src/sinks/index.ts'));
	for (const name of names) expect(files).toContain(join(root, `src/sinks/${name}/index.ts`));
	expect([...packages].filter((name) => name !== 'node:path' && name !== 'node:net').sort()).toEqual(['zod']);
	for (const file of files) expect(existsSync(file)).toBe(true);
	// It would find them.
	const whole = loadedWith(join(root, 'src/sinks/telegraf/open.ts'));
	expect(whole.packages).toContain('node:http');
});
