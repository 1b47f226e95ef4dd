/** What belongs to a probe must be there, and nothing must be left of one that is gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What several probes use. All other files in probes/ belong to one probe: NAME.ts is the probe, NAME-*.ts its parts. */
const shared = ['addressing', 'command', 'flags', 'index', 'look-up', 'loss-reasons'];

const names = [...builtInProbes.keys()].sort();
const files = readdirSync(`${root}/probes`).map((file) => file.replace(/\.ts$/, ''));
const unshared = files.filter((file) => !shared.includes(file));
/** `fping` of `fping-output`. */
const ownerOf = (file: string) => file.split('-')[0] ?? file;

test('every probe is in the file of its name, and every other file is a part of one, or shared', () => {
	expect(unshared.filter((file) => !file.includes('-')).sort()).toEqual(names);
	expect([...new Set(unshared.map(ownerOf))].sort()).toEqual(names);
	expect(shared.filter((file) => !files.includes(file))).toEqual([]);
});

test('every probe is a line in the index', () => {
	const index = readFileSync(`${root}/probes/index.ts`, 'utf8');
	const imported = [...index.matchAll(/^import \{ (\w+) \} from '\.\/(\S+)\.ts';$/gm)];
	for (const [, name, file] of imported) expect(name).toBe(file);
	expect(imported.map(([, name]) => name).sort()).toEqual(names);
});

test('every probe has a folder of fixtures with something in it', () => {
	const folder = `${root}/fixtures/probes`;
	expect(readdirSync(folder).sort()).toEqual(names);
	for (const name of names) expect(readdirSync(`${folder}/${name}`), name).not.toEqual([]);
});

test('every probe has a page in docs/, with an order, and stands in README', () => {
	const readme = readFileSync(`${root}/README.md`, 'utf8');
	expect(readdirSync(`${root}/docs/probes`).sort()).toEqual(names.map((name) => `${name}.md`));
	for (const name of names) {
		const page = readFileSync(`${root}/docs/probes/${name}.md`, 'utf8');
		expect(page).toMatch(new RegExp(`^# ${name}\n`));
		expect(page).toContain(`\nprobe: ${name}\n${name}:\n`);
		expect(readme).toContain(`| [${name}](docs/probes/${name}.md) |`);
	}
});

test('every probe has tests of its own', () => {
	const tests = readdirSync(`${root}/test/probes`);
	for (const name of names) {
		const own = tests.filter((file) => file === `${name}.test.ts` || file.startsWith(`${name}-`));
		expect(own, name).not.toEqual([]);
	}
});
