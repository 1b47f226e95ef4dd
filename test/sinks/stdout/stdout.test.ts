/** The sink that writes to standard output, in a process of its own: a file, a pipe that is read late, or closed. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { waitFor } from '../../support/influxd.ts';
import { spawnMortal } from '../../support/mortal.ts';
import { delivered } from '../shared/delivered.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-stdout-'));
afterAll(() => rmSync(folder, { recursive: true }));
const dist = (module: string) =>
	JSON.stringify(new URL(`../../../dist/src/${module}.js`, import.meta.url).href);
const golden = new URL('../../../fixtures/sinks/stdout/results.json', import.meta.url);

/** Writes `batches` batches of 100 results, each with a time limit, tries again what failed, and tells of it on standard error. */
const program = `
	import { openStdout } from ${dist('sinks/stdout/output')};
	import { outcomeToJson as toJson } from ${dist('outcomes/outcome-json')};
	const one = ${JSON.stringify(delivered())};
	for (let batch = 0; batch < Number(process.argv[1]); batch++) {
		const results = Array.from({ length: 100 }, (_, i) => ({ ...one, order: { ...one.order, id: String(batch * 100 + i) } }));
		for (;;) {
			const signal = AbortSignal.timeout(300);
			const sink = await openStdout({ format: 'json' }, { toJson, facts: null, signal });
			try {
				await sink.write(results, signal);
				break;
			} catch (error) {
				process.stderr.write(error.message + '\\n');
				if (error.message.includes('any more')) process.exit(0);
			} finally {
				await sink.close();
			}
		}
	}
	process.stderr.write('done\\n');`;

function run(batches: number, stdout: number | 'pipe') {
	const child = spawnMortal(process.execPath, ['--input-type=module', '-e', program, String(batches)], {
		stdio: ['ignore', stdout, 'pipe'],
	});
	const said = { text: '' };
	child.stderr?.setEncoding('utf8').on('data', (text) => {
		said.text += text;
	});
	return { child, said };
}

const idsIn = (text: string) =>
	text
		.trimEnd()
		.split('\n')
		.map((line) => Number(JSON.parse(line).order.id));
const all = (count: number) => Array.from({ length: count }, (_, i) => i);

test('to a file, line by line', async () => {
	const path = join(folder, 'out');
	const fd = openSync(path, 'w');
	const { said } = run(3, fd);
	await waitFor(
		() => said.text.includes('done'),
		() => said.text,
	);
	closeSync(fd);
	const text = readFileSync(path, 'utf8');
	expect(idsIn(text)).toEqual(all(300));
	expect(text.split('\n').slice(0, 2).join('\n')).toBe(readFileSync(golden, 'utf8').trimEnd());
	expect(said.text).toBe('done\n');
});

test('to a pipe that nobody reads for a while: no line is torn or lost, and nothing hangs', async () => {
	const { child, said } = run(20, 'pipe');
	// More than a pipe holds is waiting then.
	await waitFor(
		() => said.text.split('stdout: nobody reads it').length > 3,
		() => said.text,
	);
	let text = '';
	child.stdout?.setEncoding('utf8').on('data', (part) => {
		text += part;
	});
	await waitFor(
		() => said.text.includes('done'),
		() => said.text,
	);
	await waitFor(
		() => text.endsWith('\n') && new Set(idsIn(text)).size === 2000,
		() => `${text.length} characters`,
	);
	const ids = idsIn(text);
	expect([...new Set(ids)]).toEqual(all(2000));
	// Only what stood in the pipe when a try was given up is there twice.
	expect(ids.length).toBeLessThan(2600);
});

test('to a pipe whose reader has gone', async () => {
	const { child, said } = run(20, 'pipe');
	child.stdout?.destroy();
	await waitFor(
		() => said.text.includes('stdout: nobody reads it any more'),
		() => said.text,
	);
});
