import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { loadSinks } from '../../src/config/sink-module.ts';
import { testSinks } from '../support/test-sink-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-sink-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module whose sink is right but for the changes. */
const sink = (changes = '') => `export default ({ z }) => ({
	name: 'mine',
	settings: z.strictObject({ level: z.number() }),
	destination: ({ level }) => \`level \${level}\`,
	confirms: () => true,
	open: async () => ({ write: async () => {}, close: async () => {} }),
	${changes}
});`;

function moduleOf(text: string): string {
	const path = join(folder, `${Math.random()}.js`);
	if (text !== '') writeFileSync(path, text);
	return path;
}

/** Why modules with these texts are not taken, and which sinks there are then. */
async function load(...texts: readonly string[]): Promise<{ names: string[]; faults: string[] }> {
	const config = join(folder, 'config.yaml');
	const entry = { type: 'telegraf', url: 'udp://127.0.0.1:8094' };
	writeFileSync(config, JSON.stringify({ sinks: [entry, ...texts.map(moduleOf)] }));
	const { sinks, faults } = await loadSinks(config, testSinks);
	const withoutPath = faults.map((fault) => {
		expect(fault).toMatch(`${config}: sinks: ${folder}/`);
		return fault.replace(/^.*?\.js: /, '');
	});
	return { names: [...sinks.keys()], faults: withoutPath };
}

const own = [...testSinks.keys()];

test('a module that makes a sink brings it, and entries can be of it', async () => {
	expect(await load(sink())).toEqual({ names: [...own, 'mine'], faults: [] });
	const path = moduleOf(sink());
	const file = join(folder, 'entries.yaml');
	const entries = [path, { type: 'mine', level: 7 }, { type: 'mine', name: 'second', level: 8 }];
	writeFileSync(file, JSON.stringify({ sinks: entries }));
	const { sinks } = await loadSinks(file, testSinks);
	const config = loadConfig({ file, flags: {}, probes: new Map(), sinks });
	expect(config.sinkModules).toEqual([path]);
	expect(config.sinks).toMatchObject([
		{ type: 'mine', settings: { level: 7 } },
		{ type: 'mine', name: 'second', settings: { level: 8 } },
	]);
	writeFileSync(file, JSON.stringify({ sinks: [path, { type: 'mine', level: 'high' }, path] }));
	expect(() => loadConfig({ file, flags: {}, probes: new Map(), sinks })).toThrow(
		/sinks\[2\]: .* is written twice\. Keep one of them.*sinks\[1\]\.level: must be a number/,
	);
});

test('a module at fault does not keep the others away', async () => {
	expect(await load('export const no = 1;', sink())).toEqual({
		names: [...own, 'mine'],
		faults: ['has no default export. Write export default ({ z }) => ({ name: …'],
	});
});

test('two modules cannot bring the same sink, nor one of ours', async () => {
	expect((await load(sink(), sink())).faults).toEqual([
		'name: there is a sink mine already. Choose another name',
	]);
	expect((await load(sink("name: 'telegraf'"))).faults).toEqual([
		'name: there is a sink telegraf already. Choose another name',
	]);
});

test.each([
	['a number', 'export default 5', 'does not export a sink, or a function that makes one'],
	['a missing file', '', 'cannot be loaded: there is no such file. Correct the path'],
	[
		'an upper-case name',
		sink("name: 'Mine'"),
		'name: must be lower-case letters, digits, - and _, such as mine',
	],
	['settings without a schema', sink('settings: {}'), /^settings: must be a schema made with the z/],
	['no open', sink('open: undefined'), 'open: must be a function'],
	['confirms that is no function', sink('confirms: true'), 'confirms: must be a function'],
	['takes that is no function', sink('takes: 1'), 'takes: must be a function'],
])('%s is not taken, and why is said', async (_what, text, fault) => {
	const { names, faults } = await load(text);
	expect(names).toEqual(own);
	expect(faults).toEqual([typeof fault === 'string' ? fault : expect.stringMatching(fault)]);
});
