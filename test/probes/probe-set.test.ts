/** What belongs to a probe must be there, and nothing must be left of one that is gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { declaredFacts, wrongWithDeclarations } from '../../src/model/facts.ts';
import { reasonCodes } from '../../src/model/outcome.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const names = [...builtInProbes.keys()].sort();

test('every probe is in the folder of its name, and there is nothing else but what they share', () => {
	expect(readdirSync(`${root}/probes`).sort()).toEqual([...names, 'index.ts', 'modules.ts', 'shared'].sort());
	for (const name of names) expect(readdirSync(`${root}/probes/${name}`)).toContain('index.ts');
});

test('every probe is a line in the index, which loads it by its name', () => {
	const index = readFileSync(`${root}/probes/modules.ts`, 'utf8');
	const lines = [
		...index.matchAll(/^\t(\w+): async \(\) => \(await import\('\.\/(\w+)\/index\.ts'\)\)\.(\w+),$/gm),
	];
	for (const [, name, folder, exported] of lines) expect([folder, exported]).toEqual([name, name]);
	expect(lines.map(([, name]) => name).sort()).toEqual(names);
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
	for (const name of names) expect(readdirSync(`${root}/test/probes/${name}`)).toContain(`${name}.test.ts`);
});

test('every fact is declared as it has to be, and described on the page on outcomes', () => {
	const page = readFileSync(`${root}/docs/outcomes.md`, 'utf8');
	for (const [name, { facts }] of builtInProbes) {
		expect(wrongWithDeclarations(facts ?? []), name).toBeNull();
		for (const fact of declaredFacts(facts)) expect(page, name).toContain(`\`${fact.name}\``);
	}
});

test('every reason code is described on the page on outcomes', () => {
	const page = readFileSync(`${root}/docs/outcomes.md`, 'utf8');
	for (const code of reasonCodes) expect(page).toContain(`| \`${code}\` |`);
});
