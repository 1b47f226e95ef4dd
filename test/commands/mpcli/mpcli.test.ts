import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { mpcli, mpcliProgram } from '../../../src/commands/mpcli/index.ts';
import { addOrders } from '../../../src/commands/order/add.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(folder, 'orders'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = join(import.meta.dirname, '../../../pingmachine.example.yaml');
const tree = () => readdirSync(join(folder, 'orders'), { recursive: true }).sort();

async function run(options: { add?: string[]; delete?: string[]; basedir?: string }) {
	let stdout = '';
	let stderr = '';
	const exitCode = await mpcli({ basedir: folder, config, ...options }, builtInProbes, {
		stdin: Readable.from([]),
		stdout: { write: (text: string) => (stdout += text) },
		stderr: { write: (text: string) => (stderr += text) },
	});
	return { exitCode, stdout, stderr };
}

test('targets are added, listed and deleted by line, by name and by address', async () => {
	expect(await run({})).toEqual({ exitCode: 0, stdout: '', stderr: '' });
	const added = await run({
		add: ['google.com@8.8.8.8', 'google.com@2001:DB8::1', '192.0.2.7', 'x@192.0.2.8'],
	});
	const four = '192.0.2.7@192.0.2.7\ngoogle.com@2001:db8::1\ngoogle.com@8.8.8.8\nx@192.0.2.8\n';
	expect(added.exitCode).toBe(0);
	expect(added.stdout.trimEnd().split('\n').sort().join('\n')).toBe(four.trimEnd());
	expect(added.stderr).toMatch(/^4 orders expire at .*\n$/);
	expect((await run({})).stdout).toBe(four);
	// As often as one likes.
	expect((await run({ add: ['x@192.0.2.8'] })).stdout).toBe('x@192.0.2.8\n');
	expect(await run({ delete: ['google.com@8.8.8.8', '192.0.2.7', 'nobody'] })).toEqual({
		exitCode: 1,
		stdout: 'google.com@8.8.8.8\n192.0.2.7@192.0.2.7\n',
		stderr: 'nobody: there is no such target. mpcli lists those there are\n',
	});
	expect(await run({ delete: ['google.com', 'x'] })).toEqual({
		exitCode: 0,
		stdout: 'google.com@2001:db8::1\nx@192.0.2.8\n',
		stderr: '',
	});
	expect(tree()).toEqual([]);
});

test('each address of a name is added, and a name without is told', async () => {
	const { exitCode, stdout, stderr } = await run({ add: ['localhost', 'no.such.name.invalid'] });
	expect(exitCode).toBe(1);
	expect(stdout).toMatch(/^localhost@127\.0\.0\.1\n/);
	expect(stderr).toMatch(/^no\.such\.name\.invalid: /);
});

test('lists what order add wrote, and leaves alone what applications wrote', async () => {
	const streams = { stdin: Readable.from([]), stdout: { write: () => {} }, stderr: { write: () => {} } };
	const { signal } = new AbortController();
	const words = ['router@192.0.2.1', 'example.com'];
	await addOrders(words, { basedir: folder, prefix: 'deep' }, { probes: builtInProbes, streams, signal });
	const fping = 'user: tmon\nstep: 60\npings: 5\nprobe: fping\nfping:\n  host: 192.0.2.1\n';
	writeFileSync(join(folder, 'orders/theirs'), fping);
	writeFileSync(join(folder, 'orders/named@192.0.2.1'), fping);
	writeFileSync(join(folder, 'orders/wrong'), 'user: [');
	expect((await run({})).stdout).toBe('example.com@example.com\nnamed@192.0.2.1\nrouter@192.0.2.1\n');
	expect((await run({ delete: ['192.0.2.1'] })).stdout).toBe('named@192.0.2.1\nrouter@192.0.2.1\n');
	expect(tree()).toEqual(['deep', 'deep/example.com', 'theirs', 'wrong']);
});

test('a base directory that is none is told', async () => {
	const { exitCode, stderr } = await run({ basedir: join(folder, 'nowhere') });
	expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/nowhere\/orders: there is none\. /)]);
});

test('the examples in the help work', async () => {
	let help = '';
	mpcliProgram(builtInProbes)
		.configureOutput({ writeOut: (text) => (help += text) })
		.outputHelp();
	const examples = help.match(/(?<=^ {2}mpcli ).*/gm) ?? [];
	expect(examples).toHaveLength(2);
	const written: string[] = [];
	for (const example of examples) {
		const [flag, ...words] = example.split(' ');
		written.push((await run({ [flag === '-a' ? 'add' : 'delete']: words })).stdout);
	}
	expect(written).toEqual(['google.com@8.8.8.8\n192.0.2.7@192.0.2.7\n', 'google.com@8.8.8.8\n']);
});
