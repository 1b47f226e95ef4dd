import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { compileModule } from '../../support/compiled-module.ts';

let compiled: ReturnType<typeof compileModule>;
let probes: ReturnType<typeof compileModule>;
beforeAll(() => {
	compiled = compileModule('src/commands/order/index.ts');
	probes = compileModule('probes/index.ts');
});
afterAll(() => {
	compiled.remove();
	probes.remove();
});

let folder: string;
let orders: string;
let list: string;
let child: ChildProcess | null = null;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	orders = join(folder, 'orders');
	list = join(folder, 'list');
	mkdirSync(orders);
});
afterEach(() => {
	child?.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

const ping = ['--user', 'me', '--step', '60', '--pings', '5', '--probe', 'fping'];

/** The program with this one command. */
function script(): string {
	const module = (path: string) => JSON.stringify(pathToFileURL(path).href);
	return `
		const { createRequire } = await import('node:module');
		const { Command } = createRequire(${module(compiled.module)})('commander');
		const { registerOrder } = await import(${module(compiled.module)});
		const { builtInProbes } = await import(${module(probes.module)});
		const program = new Command('pingmachine');
		registerOrder(program, builtInProbes);
		await program.parseAsync(['node', 'pingmachine', 'order', ...process.argv.slice(1)]);`;
}

function start(...args: string[]) {
	const started = spawn(
		process.execPath,
		[
			'--input-type=module',
			'-e',
			script(),
			'--',
			'add',
			'--basedir',
			folder,
			...ping,
			'--keep-alive',
			...args,
		],
		{ stdio: ['pipe', 'pipe', 'pipe'] },
	);
	child = started;
	const output = { stdout: '', stderr: '' };
	started.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
	started.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
	const exited = once(started, 'exit');
	const end = async (signal: NodeJS.Signals) => {
		started.kill(signal);
		return exited;
	};
	return { output, end, exited, started };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 50 });
const inOrders = () => (readdirSync(orders, { recursive: true }) as string[]).sort();
const age = (id: string) => utimesSync(join(orders, id), 1000, 1000);
const isYoung = (id: string) => statSync(join(orders, id)).mtimeMs > 1_000_000;

test('one order is refreshed, and written again when it goes, until SIGTERM', async () => {
	const { output, end } = start('a', '--host', '127.0.0.1', '--every', '1');
	await until(() => expect(output.stdout).toBe('added a\nkeeping 1 orders alive, refreshed every 1 s\n'));
	age('a');
	await until(() => expect(isYoung('a')).toBe(true));
	rmSync(join(orders, 'a'));
	await until(() => expect(inOrders()).toEqual(['a']));
	expect(await end('SIGTERM')).toEqual([0, null]);
	expect(inOrders()).toEqual(['a']);
	expect(output.stderr).toBe('');
});

test('--remove-on-exit removes what is still as it was written', async () => {
	writeFileSync(list, 'a\nb\n');
	const { output, end } = start('--targets', list, '--prefix', 'core', '--remove-on-exit');
	await until(() => expect(output.stdout).toContain('keeping 2 orders'));
	writeFileSync(join(orders, 'core/b'), 'edited');
	expect(await end('SIGINT')).toEqual([0, null]);
	await until(() => expect(output.stdout).toMatch(/removed core\/a\n$/));
	expect(inOrders()).toEqual(['core', 'core/b']);
});

test('a list is read again when it changes, and a fault in it costs no order', async () => {
	writeFileSync(list, 'a\nb\n');
	const { output, end } = start('--targets', list, '--prefix', 'core', '--sync', '--every', '1');
	await until(() => expect(output.stdout).toContain('keeping 2 orders'));
	writeFileSync(list, 'b\nc\n');
	await until(() => expect(inOrders()).toEqual(['core', 'core/b', 'core/c']));
	writeFileSync(list, 'x y z\nd\n');
	await until(() => expect(inOrders()).toEqual(['core', 'core/b', 'core/c', 'core/d']));
	age('core/b');
	await until(() => expect(isYoung('core/b')).toBe(true));
	rmSync(list);
	await until(() => expect(output.stderr).toMatch(/there is no such file/));
	age('core/b');
	await until(() => expect(isYoung('core/b')).toBe(true));
	expect(await end('SIGTERM')).toEqual([0, null]);
	expect(inOrders()).toEqual(['core', 'core/b', 'core/c', 'core/d']);
	// Each trouble once, however often it was met.
	expect(output.stderr.match(/list:1: has more than/g)).toHaveLength(1);
	expect(output.stderr.match(/there is no such file/g)).toHaveLength(1);
});

test('SIGTERM ends it also while standard input is open', async () => {
	const { end, started } = start('--targets', '-', '--prefix', 'core');
	started.stdin.write('a\n');
	// Nothing tells that it waits, but that it catches signals: SIGHUP, the last of them, is bit 0.
	await until(() => {
		const status = readFileSync(`/proc/${started.pid}/status`, 'utf8');
		const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
		expect(BigInt(`0x${caught}`) & 1n).toBe(1n);
	});
	expect(await end('SIGTERM')).toEqual([0, null]);
});

test('there must be something to keep alive', async () => {
	expect(await start('a', '--host', 'a b').exited).toEqual([1, null]);
	writeFileSync(join(orders, 'a'), 'another');
	expect(await start('a', '--host', 'b').exited).toEqual([1, null]);
	const { exited, started } = start('--targets', '-', '--prefix', 'core');
	started.stdin.end('');
	expect(await exited).toEqual([1, null]);
});

test('nobody reading is no reason to end, or to complain', async () => {
	const { output, end, started } = start('a', '--host', '::1', '--every', '1');
	started.stdout.destroy();
	await until(() => expect(inOrders()).toEqual(['a']));
	rmSync(join(orders, 'a'));
	await until(() => expect(inOrders()).toEqual(['a']));
	expect(await end('SIGTERM')).toEqual([0, null]);
	expect(output.stderr).toBe('');
});
