import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { loadProbes } from '../../src/config/known-probes.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module whose probe is right but for the changes. */
const probe = (changes = '') => `export default ({ z }) => ({
	name: 'mine',
	options: z.strictObject({ host: z.string() }),
	target: 'host',
	settings: z.strictObject({}),
	lanes: 1,
	batchMax: () => 10,
	needMs: () => 1000,
	measure: async () => new Map(),
	${changes}
});`;

/** Why modules with these texts are not taken, and which probes there are then. */
async function load(...texts: readonly string[]): Promise<{ names: string[]; faults: string[] }> {
	const paths = texts.map((text, index) => {
		const path = join(folder, `${Math.random()}-${index}.js`);
		if (text !== '') writeFileSync(path, text);
		return path;
	});
	const config = join(folder, 'config.yaml');
	writeFileSync(config, JSON.stringify({ probes: [...paths, { fping: { command: 'fping' } }] }));
	const { probes, faults } = await loadProbes(config, builtInProbes);
	const withoutPath = faults.map((fault) => {
		expect(fault).toMatch(`${config}: probes: ${folder}/`);
		return fault.replace(/^.*?\.js: /, '');
	});
	return { names: [...probes.keys()], faults: withoutPath };
}

const own = [...builtInProbes.keys()];

test('a module that makes a probe brings it', async () => {
	expect(await load(probe())).toEqual({ names: [...own, 'mine'], faults: [] });
	expect(await load(probe("name: 'with-dash_2', shown: (target) => target"))).toEqual({
		names: [...own, 'with-dash_2'],
		faults: [],
	});
});

test('a module at fault does not keep the others away', async () => {
	expect(await load('export const no = 1;', probe())).toEqual({
		names: [...own, 'mine'],
		faults: ['has no default export. Write export default ({ z }) => ({ name: …'],
	});
});

test('two modules cannot bring the same probe, nor one of ours', async () => {
	expect((await load(probe(), probe())).faults).toEqual([
		'name: there is a probe mine already. Choose another name',
	]);
	expect((await load(probe("name: 'fping'"))).faults).toEqual([
		'name: there is a probe fping already. Choose another name',
	]);
});

test.each([
	['a number', 'export default 5', 'does not export a probe, or a function that makes one'],
	[
		'a function that makes nothing',
		'export default () => null',
		'does not export a probe, or a function that makes one',
	],
	['a missing file', '', 'cannot be loaded: there is no such file. Correct the path'],
	['one that throws', "throw new Error('no\\u001b[2J luck')", /^cannot be loaded: no.*luck$/],
	[
		'one that imports what is not there',
		"import 'no-such-package'; export default 1",
		/^cannot be loaded: .*no-such-package/,
	],
	['one that is no JavaScript', 'export default ({ z }) => {', /^cannot be loaded: /],
	[
		'an upper-case name',
		probe("name: 'Mine'"),
		'name: must be lower-case letters, digits, - and _, such as mine',
	],
	[
		'a name that orders use',
		probe("name: 'step'"),
		'name: step is a key of every order. Choose another name',
	],
	['options without a schema', probe('options: { host: 1 }'), /^options: must be a schema made with the z/],
	[
		'settings that must be there',
		probe('settings: z.strictObject({ key: z.string() })'),
		/^settings: must accept an empty mapping/,
	],
	['no lanes', probe('lanes: 0'), /^lanes: /],
	['measure that is no function', probe('measure: 1'), 'measure: must be a function'],
	['check that is no function', probe('check: 1'), 'check: must be a function'],
	[
		'half a target',
		probe('batchMax: () => 0.5'),
		'batchMax: must return a whole number, at least 1, not 0.5',
	],
	['needMs in words', probe('needMs: () => "long"'), 'needMs: must return milliseconds, not long'],
])('%s is not taken, and why is said in one printable line', async (_what, text, fault) => {
	const { names, faults } = await load(text);
	expect(names).toEqual(own);
	expect(faults).toEqual([typeof fault === 'string' ? fault : expect.stringMatching(fault)]);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
	expect(faults[0]).not.toMatch(/[\x00-\x1f]/);
});
