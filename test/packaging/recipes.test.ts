/** The recipes of docs/recipes.md are run as they stand, with what the programs in them have printed elsewhere. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { readOrder } from '../../src/reading/order.ts';
import { blocks, cli, read, root } from '../support/documents.ts';

const fixtures = join(root, 'fixtures/recipes');
const programs = readdirSync(fixtures).flatMap((name) =>
	name.endsWith('.args') ? [name.slice(0, -'.args'.length)] : [],
);
const page = read('docs/recipes.md');
const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-recipes-'));
const orders = join(scratch, 'base/orders');
afterAll(() => rmSync(scratch, { recursive: true }));

/** The programs print what they printed when they had these arguments, and fail when they have others. */
beforeAll(() => {
	for (const folder of ['bin', 'failing', 'base/orders'])
		mkdirSync(join(scratch, folder), { recursive: true });
	const put = (path: string, text: string) =>
		writeFileSync(join(scratch, path), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
	put('bin/pingmachine', `exec "${process.execPath}" "${cli}" "$@"`);
	for (const name of programs) {
		const recorded = join(fixtures, name);
		put(
			`bin/${name}`,
			`[ "$*" = "$(cat '${recorded}.args')" ] || { echo "${name}: $*" >&2; exit 9; }\ncat '${recorded}.out'`,
		);
		put(`failing/${name}`, 'exit 1');
	}
});

interface Ran {
	readonly status: number;
	readonly stdout: string;
	readonly stderr: string;
}

function shell(script: string, folders: readonly string[] = ['bin'], program = 'bash'): Promise<Ran> {
	const path = [...folders.map((name) => join(scratch, name)), process.env['PATH']].join(':');
	const env = { ...process.env, PATH: path, PINGMACHINE_BASEDIR: join(scratch, 'base') };
	return new Promise((resolve) => {
		execFile(program, ['-c', script], { env, encoding: 'utf8' }, (error, stdout, stderr) =>
			resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
		);
	});
}

/** What is measured, by what the orders are called. */
function targetsIn(folder: string): Record<string, unknown> {
	return Object.fromEntries(
		readdirSync(join(orders, folder))
			.sort()
			.map((name) => {
				const readBack = readOrder(name, readFileSync(join(orders, folder, name), 'utf8'), builtInProbes);
				return [name, 'order' in readBack ? readBack.order.options['host'] : readBack.findings];
			}),
	);
}

const recipes = blocks('sh', page);
const recipeOf = (name: string) => recipes.find((text) => text.startsWith(`${name} `)) ?? '';

test('there is a recipe for each program that was recorded, and no other', () => {
	expect(recipes.map((text) => text.split(' ')[0]).sort()).toEqual([...programs].sort());
});

test('each makes the orders of what was listed', async () => {
	const ran = await Promise.all(programs.map((name) => shell(`set -o pipefail\n${recipeOf(name)}`)));
	for (const [index, { status, stderr }] of ran.entries())
		expect({ program: programs[index], status, stderr }).toMatchObject({ status: 0 });
	expect(targetsIn('lan')).toEqual({ '192.0.2.1': '192.0.2.1', '192.0.2.2': '192.0.2.2' });
	expect(targetsIn('inventory')).toEqual({ 'fra-1': '2001:db8::7', 'zrh-1': '192.0.2.1' });
	expect(targetsIn('aws')).toEqual({ 'i-0a1b2c3d4e5f60718': '10.0.1.17', 'i-0fedcba9876543210': '10.0.2.5' });
	expect(targetsIn('gcloud')).toEqual({ 'front-1': '10.132.0.2', 'front-2': '10.132.0.3' });
	expect(targetsIn('azure')).toEqual({ 'app-1': '10.4.0.4', 'app-2': '10.4.0.5' });
	expect(targetsIn('nodes')).toEqual({ 'worker-1': '10.0.3.11', 'worker-2': '10.0.3.12' });
	expect(targetsIn('ansible')).toEqual({
		'fra-1': '2001:db8::7',
		'localhost.example.net': 'localhost.example.net',
		'web-1.example.net': 'web-1.example.net',
		'zrh-1': '192.0.2.1',
	});
	// Then one fails: what was listed before stays, and the one who runs them learns of it.
	const { status, stderr } = await shell(recipeOf('nmap'), ['failing', 'bin']);
	expect(status).toBe(1);
	expect(stderr).toContain('there are no targets in it');
	expect(Object.keys(targetsIn('lan'))).toHaveLength(2);
});

test('the line of cron runs, as /bin/sh and without words on any stream but of faults', async () => {
	const line = blocks('text', page)[0]?.split('\n')[1] ?? '';
	const [, command = ''] = /^\*\/15 \* \* \* \* pingmachine (.+)$/.exec(line) ?? [];
	expect(command).not.toContain('%');
	expect(await shell(command, ['bin'], 'sh')).toEqual({ status: 0, stdout: '', stderr: '' });
	expect(targetsIn('cron')).toEqual({ '192.0.2.1': '192.0.2.1', '192.0.2.2': '192.0.2.2' });
});
