import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { registerOrder } from '../../../src/commands/order/index.ts';

let folder: string;
let orders: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	orders = join(folder, 'orders');
	mkdirSync(orders);
});
afterEach(() => {
	rmSync(folder, { recursive: true });
	process.exitCode = undefined;
});

/** Runs the command as the program would. */
async function run(...argv: string[]) {
	const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	try {
		const program = new Command('pingmachine').exitOverride();
		registerOrder(program, builtInProbes);
		const [name = '', ...rest] = argv;
		await program.parseAsync(['node', 'pingmachine', 'order', name, '--basedir', folder, ...rest]);
		const printed = (spy: typeof stdout) => spy.mock.calls.map(([text]) => text).join('');
		return { exitCode: process.exitCode, stdout: printed(stdout), stderr: printed(stderr) };
	} finally {
		stdout.mockRestore();
		stderr.mockRestore();
	}
}

const right = 'user: me\ntask: uplink\nstep: 60\npings: 5\nprobe: fping\nfping:\n    host: 127.0.0.1\n';

function write(id: string, text = right): string {
	const path = join(orders, id);
	mkdirSync(join(path, '..'), { recursive: true });
	writeFileSync(path, text);
	utimesSync(path, 1000, 1000);
	return path;
}

const tree = () => (readdirSync(orders, { recursive: true }) as string[]).sort();
const isYoung = (path: string) => statSync(path).mtimeMs > Date.now() - 60_000;

test('rm removes what it is told to, and says so', async () => {
	for (const id of ['a', 'b', 'core/r1', 'core/r2', 'core/s1', 'core/deep/r1', 'core/*']) write(id);
	expect(await run('rm', 'a', 'core/r?')).toEqual({
		exitCode: 0,
		stdout: 'removed a\nremoved core/r1\nremoved core/r2\n',
		stderr: '',
	});
	// An order that is called like a glob is meant itself.
	expect((await run('rm', 'core/*')).stdout).toBe('removed core/*\n');
	expect(tree()).toEqual(['b', 'core', 'core/deep', 'core/deep/r1', 'core/s1']);
	expect((await run('rm', 'core/**', 'core/s*')).stdout).toBe('removed core/deep/r1\nremoved core/s1\n');
	expect(tree()).toEqual(['b', 'core', 'core/deep']);
});

test('an order that is not there does not stop the others', async () => {
	for (const id of ['router', 'core/a']) write(id);
	expect(await run('rm', 'ruoter', 'core', 'x*', '../a', 'router')).toEqual({
		exitCode: 1,
		stdout: 'removed router\n',
		stderr:
			'ruoter: there is no such order. Did you mean router?\n' +
			"core: is a folder. Write 'core/**' for all orders below it\n" +
			'x*: no order matches. See pingmachine order ls\n' +
			'../a: there is no such order. See pingmachine order ls\n',
	});
	expect(tree()).toEqual(['core', 'core/a']);
});

test('rm removes a link and not what it leads to, and nothing outside of orders/', async () => {
	const outside = join(folder, 'outside');
	mkdirSync(outside);
	writeFileSync(join(outside, 'a'), right);
	symlinkSync(outside, join(orders, 'out'));
	symlinkSync(join(outside, 'a'), join(orders, 'link'));
	const { exitCode, stdout, stderr } = await run('rm', '**');
	expect([exitCode, stdout]).toEqual([1, 'removed link\n']);
	expect(stderr).toMatch(/^out\/a: .* is a link that leads out of orders\//);
	expect(existsSync(join(outside, 'a'))).toBe(true);
});

const hour = String.raw`at \d\d:\d\d:\d\d \(in (?:60|61)m\) unless refreshed, if the daemon has the usual max_age: touch`;

test('add says when what it wrote expires, and how to keep it', async () => {
	const flags = ['--user', 'me', '--step', '60', '--pings', '5', '--probe', 'fping'];
	const host = ['--host', '127.0.0.1'];
	expect((await run('add', 'a', ...flags, ...host)).stdout).toMatch(
		new RegExp(`^added a\na expires ${hour} the file, .*--keep-alive, .*--set expires=never\n$`),
	);
	expect((await run('add', 'a', ...flags, ...host)).stdout).toMatch(
		new RegExp(`^refreshed a\na expires ${hour}`),
	);
	expect((await run('add', 'b', ...flags, ...host, '--set', 'expires=never')).stdout).toBe(
		'added b\nb never expires\n',
	);
	const odd = await run('add', 'c', ...flags, ...host, '--set', 'expires=soon');
	expect([odd.exitCode, odd.stderr]).toEqual([
		0,
		expect.stringMatching(/^c: expires: is not understood: "soon"/),
	]);
	const other = await run('add', 'a', ...flags, '--host', '127.0.0.2');
	expect([other.exitCode, other.stdout]).toEqual([1, '']);
	const hosts = join(folder, 'hosts.txt');
	writeFileSync(hosts, '127.0.0.1\n127.0.0.2\n');
	const listed = await run('add', '--targets', hosts, '--prefix', 'l', ...flags, '--set', 'expires=2d');
	expect(listed.stdout).toMatch(
		/\n2 orders expire at \d{4}-\d\d-\d\d .* \(in 2d\) unless refreshed: touch the files/,
	);
});

test('refresh makes orders young and leaves their text', async () => {
	const [a, b, c] = [write('a'), write('core/b', 'wrong'), write('core/c')];
	expect(await run('refresh', 'core/*')).toEqual({
		exitCode: 0,
		stdout: 'refreshed core/b\nrefreshed core/c\n',
		stderr: '',
	});
	expect([a, b, c].map(isYoung)).toEqual([false, true, true]);
	expect(readFileSync(b, 'utf8')).toBe('wrong');
	expect((await run('refresh', '--all')).stdout).toBe('refreshed a\nrefreshed core/b\nrefreshed core/c\n');
	expect(isYoung(a)).toBe(true);
});

test('refresh does not touch what lies outside of orders/', async () => {
	const outside = join(folder, 'outside');
	writeFileSync(outside, right);
	utimesSync(outside, 1000, 1000);
	symlinkSync(outside, join(orders, 'link'));
	const { exitCode, stderr } = await run('refresh', 'link');
	expect([exitCode, stderr]).toEqual([
		1,
		expect.stringMatching(/^link: .* is a link that leads out of orders\//),
	]);
	expect(isYoung(outside)).toBe(false);
});

test('refresh needs either ids or --all', async () => {
	write('a');
	for (const args of [[], ['--all', 'a']]) {
		expect(await run('refresh', ...args)).toMatchObject({
			exitCode: 1,
			stdout: '',
			stderr: 'order refresh: write either order ids or --all\n',
		});
	}
});

test('ls shows the orders, also those that are wrong', async () => {
	const young = write('me/longer', right.replace('127.0.0.1', '::1'));
	utimesSync(young, new Date(), new Date());
	write('a');
	write('wrong', right.replace('60', '5m'));
	write('.hidden');
	write('a~');
	symlinkSync('nowhere', join(orders, 'dangling'));
	symlinkSync('..', join(orders, 'me/up'));
	const { exitCode, stdout, stderr } = await run('ls');
	expect([exitCode, stderr]).toEqual([0, '']);
	expect(stdout.replaceAll(/\d{4,} s/g, 'OLD').replaceAll(/\b\d s {10,}/g, 'NEW')).toMatch(
		/^ORDER +AGE +USER {2}STEP {2}PINGS {2}PROBE {2}TARGET\na +OLD {2}me {4}60 {4}5 {6}fping {2}127\.0\.0\.1\nme\/longer {2}NEW *me {4}60 {4}5 {6}fping {2}::1\nwrong +OLD {2}wrong: step: must be a whole number of seconds, at least 1, not "5m"\n$/,
	);
	expect((await run('ls', 'me/*')).stdout.split('\n')).toHaveLength(3);
	expect(await run('ls', 'x')).toMatchObject({
		exitCode: 1,
		stdout: '',
		stderr: expect.stringMatching(/^x: there is no/),
	});
});

test('ls --json prints one object a line', async () => {
	write('a', `${right}tags: {b: "2"}\n`);
	write('w', '');
	const lines = (await run('ls', '--json')).stdout.trimEnd().split('\n');
	expect(lines.map((line) => JSON.parse(line))).toEqual([
		{
			...{ id: 'a', ageSeconds: expect.any(Number), user: 'me', task: 'uplink', step: 60, pings: 5 },
			...{ probe: 'fping', target: '127.0.0.1', tags: { b: '2' } },
		},
		{ id: 'w', ageSeconds: expect.any(Number), error: expect.stringContaining('there is nothing in it') },
	]);
	rmSync(join(orders, 'a'));
	rmSync(join(orders, 'w'));
	expect(await run('ls', '--json')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
	expect(await run('ls')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('ls shows no password', async () => {
	write(
		'a',
		right.replaceAll('fping', 'httping').replace('host: 127.0.0.1', 'url: http://me:secret@a.example/'),
	);
	for (const flags of [[], ['--json']]) {
		const { stdout } = await run('ls', ...flags);
		expect(stdout).toContain('http://***@a.example/');
		expect(stdout).not.toContain('secret');
	}
});

test('the name of a file cannot change the screen', async () => {
	write('a\u001b[2J\nb');
	expect((await run('ls')).stdout).toContain('a\\x1b[2J\\x0ab');
	expect(JSON.parse((await run('ls', '--json')).stdout).id).toBe('a\u001b[2J\nb');
	const removed = { exitCode: 0, stdout: 'removed a\\x1b[2J\\x0ab\n', stderr: '' };
	expect(await run('rm', 'a*')).toEqual(removed);
	expect((await run('rm', 'a\u001b*')).stderr).toBe('a\\x1b*: no order matches. See pingmachine order ls\n');
});

test('a base directory that is none is told', async () => {
	rmSync(orders, { recursive: true });
	for (const args of [['ls'], ['rm', 'a'], ['refresh', '--all']]) {
		const { exitCode, stderr } = await run(...args);
		expect([exitCode, stderr]).toEqual([
			1,
			expect.stringMatching(/^\/.*\/orders: there is none\. [^\n]*\n$/),
		]);
	}
});

test('the examples in the help are commands that work', async () => {
	const program = new Command('pingmachine');
	registerOrder(program, builtInProbes);
	let help = '';
	for (const command of program.commands[0]?.commands ?? []) {
		command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
	}
	const yaml = join(folder, 'router.yaml');
	const hosts = join(folder, 'hosts.txt');
	writeFileSync(yaml, right);
	writeFileSync(hosts, '127.0.0.1\n');
	const examples = help.match(/(?<= {2}pingmachine order ).*/g) ?? [];
	expect(examples).toHaveLength(10);
	for (const example of examples) {
		rmSync(orders, { recursive: true });
		mkdirSync(orders);
		if (!example.startsWith('add')) write('me/router');
		const words = example.replaceAll("'", '').replace('router.yaml', yaml).replace('hosts.txt', hosts);
		const { exitCode, stdout, stderr } = await run(...words.split(' '));
		expect([example, exitCode, stderr]).toEqual([example, 0, '']);
		expect(stdout).not.toBe('');
	}
});
