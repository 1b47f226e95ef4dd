import { execFileSync } from 'node:child_process';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { type CheckOptions, checkOrders, registerCheck } from '../../../src/commands/check/index.ts';
import { orderMaxBytes } from '../../../src/reading/order.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/orders/', import.meta.url));
const right = readFileSync(`${fixtures}valid/from-the-contract.yaml`, 'utf8');

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file below the folder, and returns its path. */
function write(name: string, text: string | Buffer): string {
	const path = join(folder, name);
	mkdirSync(join(path, '..'), { recursive: true });
	writeFileSync(path, text);
	return path;
}

/** The exit code and what was printed. */
async function check(
	files: readonly string[],
	options: CheckOptions = {},
	input: Iterable<string | Buffer> = [],
): Promise<{ exitCode: number; printed: string }> {
	let printed = '';
	const stdout = { write: (text: string) => (printed += text) };
	const exitCode = await checkOrders(files, options, builtInProbes, { stdin: Readable.from(input), stdout });
	return { exitCode, printed };
}

const wrong = right.replace('step: 300', 'step: 5m').replace('host:', 'hots:');

test('orders that are right give no output', async () => {
	const file = write('right', right);
	expect(await check([file, file])).toEqual({ exitCode: 0, printed: '' });
	expect(await check([`${fixtures}valid`])).toEqual({ exitCode: 0, printed: '' });
});

test('--basedir tells before an upgrade which names and keys are taken now, and nothing else', async () => {
	write('orders/fine', right);
	write('orders/wrong', wrong);
	write('orders/a/alerts', right);
	write('orders/@mine', right);
	write('orders/keys', `${right}note: to myself\nroute: 5\nown: 1\n`);
	const { exitCode, printed } = await check([], { basedir: folder });
	expect(exitCode).toBe(1);
	const lines = printed.trimEnd().split('\n');
	expect(lines).toEqual([
		expect.stringMatching(/orders\/@mine: its path has @mine in it, .*rejected/),
		expect.stringMatching(/orders\/a\/alerts: its path has alerts in it, .*rejected/),
		expect.stringMatching(/orders\/keys: note: is pingmachine's own since .* such as my_note$/),
		expect.stringMatching(/orders\/keys: route: is pingmachine's own since /),
	]);
	const json = await check([], { basedir: folder, json: true });
	expect(JSON.parse(json.printed.split('\n')[2] ?? '')).toMatchObject({ id: 'keys', key: 'note' });
	rmSync(join(folder, 'orders'), { recursive: true });
	write('orders/fine', right);
	expect(await check([], { basedir: folder })).toEqual({ exitCode: 0, printed: '' });
	// A base directory that is none is not one without changes.
	expect(await check([], { basedir: join(folder, 'nowhere') })).toMatchObject({ exitCode: 1 });
});

test('what people shall be told by an order is text, and links lead to the web', async () => {
	const file = write('labels', `${right}title: [a]\nnote: "a\\u202eb"\nlink: javascript:alert(1)\n`);
	const { printed } = await check([file]);
	const rest = '. The order is measured as if this key were not there\n';
	expect(printed).toBe(
		`${file}: title: is not understood: a list. Write text${rest}` +
			`${file}: note: holds the unprintable character \\u202e. Remove it${rest}` +
			`${file}: link: is not understood: "javascript:alert(1)". Write a URL that begins with https:// or http://${rest}`,
	);
});

test('a key of ours with a value that is not understood is told, though the order is right', async () => {
	const file = write('odd', `${right}expires: soon\n`);
	expect(await check([file, write('never', `${right}expires: never\n`)])).toEqual({
		exitCode: 1,
		printed: `${file}: expires: is not understood: "soon". Write never, or a span of time such as 90s, 15min, 2h, 30d, 4w or 1y. The order is measured as if this key were not there\n`,
	});
});

test('each finding is a line with the file and the key or line', async () => {
	const files = [write('wrong', wrong), write('right', right), write('tab', 'fping:\n\thost: a\n')];
	expect(await check(files)).toEqual({
		exitCode: 1,
		printed:
			`${files[0]}: step: must be a whole number of seconds, at least 1, not "5m"\n` +
			`${files[0]}: fping.hots: unknown option. Did you mean host?\n` +
			`${files[2]}:2: not valid YAML: a tab in the indentation. Indent with spaces\n`,
	});
});

test('--json prints one object a line', async () => {
	const files = [write('wrong', wrong), write('tab', 'fping:\n\thost: a\n'), write('empty', '')];
	const { exitCode, printed } = await check(files, { json: true });
	expect(exitCode).toBe(1);
	const lines = printed.trimEnd().split('\n');
	expect(lines.map((line) => JSON.parse(line))).toEqual([
		{ file: files[0], key: 'step', message: 'must be a whole number of seconds, at least 1, not "5m"' },
		{ file: files[0], key: 'fping.hots', message: 'unknown option. Did you mean host?' },
		{ file: files[1], line: 2, message: 'not valid YAML: a tab in the indentation. Indent with spaces' },
		{ file: files[2], message: 'there is nothing in it. Write user:, step:, pings:, probe: and its section' },
	]);
});

test('--json prints nothing when all is right', async () => {
	expect(await check([write('right', right)], { json: true })).toEqual({ exitCode: 0, printed: '' });
});

test('a folder stands for the orders below it, as the daemon would see them', async () => {
	write('orders/app/b', '');
	write('orders/app/a/deep', '');
	write('orders/app/right', right);
	for (const ignored of ['.hidden', 'a~', 'a.swp', 'a.tmp', '#a#', '.git/config'])
		write(`orders/${ignored}`, '');
	const outside = write('outside', '');
	symlinkSync(outside, join(folder, 'orders/link'));
	symlinkSync(join(folder, 'nowhere'), join(folder, 'orders/dangling'));
	symlinkSync('..', join(folder, 'orders/app/circle'));
	const { exitCode, printed } = await check([join(folder, 'orders')], { json: true });
	expect(exitCode).toBe(1);
	const found = printed
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(found.map(({ id }) => id)).toEqual(['app/a/deep', 'app/b', 'link']);
	expect(found.map(({ file }) => file)).toEqual(
		['orders/app/a/deep', 'orders/app/b', 'orders/link'].map((name) => join(folder, name)),
	);
});

test('an empty folder has nothing wrong in it', async () => {
	expect(await check([folder])).toEqual({ exitCode: 0, printed: '' });
});

test('a file that is named is checked, whatever its name', async () => {
	const file = write('order.tmp', '');
	expect((await check([file])).printed).toMatch(/^.*order\.tmp: there is nothing in it/);
});

test('a missing file is a finding, and the others are checked', async () => {
	const missing = join(folder, 'missing');
	const { exitCode, printed } = await check([missing, write('empty', '')]);
	expect(exitCode).toBe(1);
	expect(printed.split('\n')[0]).toBe(`${missing}: there is no such file`);
	expect(printed.split('\n')[1]).toContain('empty: there is nothing in it');
});

test('what is not a regular file is a finding, and is not read', async () => {
	const fifo = join(folder, 'fifo');
	execFileSync('mkfifo', [fifo]);
	const { exitCode, printed } = await check([fifo]);
	expect(exitCode).toBe(1);
	expect(printed).toMatch(/fifo: the file is a FIFO and was not read/);
});

test('what is not UTF-8 is a finding', async () => {
	const bytes = Buffer.from('user: J\xfcrgen\n', 'latin1');
	expect((await check([write('latin1', bytes)])).printed).toMatch(/latin1: line 1 is not valid UTF-8/);
	expect(await check(['-'], {}, [bytes])).toEqual({
		exitCode: 1,
		printed: '<stdin>: is not valid UTF-8. Save it as UTF-8\n',
	});
});

test('- stands for standard input', async () => {
	const pieces = [Buffer.from(right.slice(0, 50)), Buffer.from(right.slice(50))];
	expect(await check(['-'], {}, pieces)).toEqual({ exitCode: 0, printed: '' });
	expect(await check(['-'], {}, ['step: 5m\n'])).toMatchObject({
		exitCode: 1,
		printed: expect.stringContaining('<stdin>: step: must be'),
	});
});

test('too much on standard input is not read to its end', async () => {
	let given = 0;
	function* endless() {
		for (;;) {
			given++;
			yield Buffer.from('# and so on\n'.repeat(100));
		}
	}
	expect(await check(['-'], {}, endless())).toEqual({
		exitCode: 1,
		printed: `<stdin>: larger than ${orderMaxBytes} bytes. Write one order to each file\n`,
	});
	expect(given).toBeLessThan(200);
});

test('the name of a file cannot break the line', async () => {
	const file = write('two\nlines', '');
	expect((await check([file])).printed).toMatch(/^[^\n]*two\\x0alines: there is nothing in it[^\n]*\n$/);
	const { printed } = await check([file], { json: true });
	expect(JSON.parse(printed).file).toBe(file);
});

test('every invalid order of the fixtures is found to be so', async () => {
	const { printed } = await check([`${fixtures}invalid`], { json: true });
	const ids = new Set(
		printed
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line).id),
	);
	expect([...ids]).toEqual(readdirSync(`${fixtures}invalid`).sort());
});

// ---- The command ----

/** Runs the command as the program would, and returns what it printed. */
async function run(...argv: string[]): Promise<string> {
	const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	try {
		const program = new Command('pingmachine').exitOverride();
		registerCheck(program, builtInProbes);
		await program.parseAsync(['node', 'pingmachine', 'check', ...argv]);
		return print.mock.calls.map(([text]) => text).join('');
	} finally {
		print.mockRestore();
	}
}

afterEach(() => {
	process.exitCode = undefined;
});

test('the command sets the exit code of the process', async () => {
	const file = write('right', right);
	expect(await run(file)).toBe('');
	expect(process.exitCode).toBe(0);
	expect(await run('--json', file, write('empty', ''))).toMatch(/^{"file":.*}\n$/);
	expect(process.exitCode).toBe(1);
});

test('a reader that has seen enough is no error', async () => {
	process.stdout.removeAllListeners('error');
	await run(write('empty', ''));
	expect(() => process.stdout.emit('error', new Error('write EPIPE'))).not.toThrow();
});

test('the examples in the help are commands that work', async () => {
	const file = write('right', right);
	const program = new Command('pingmachine');
	registerCheck(program, builtInProbes);
	let help = '';
	program.commands[0]?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
	const examples = help.slice(help.indexOf('Examples:')).match(/pingmachine check .*/g) ?? [];
	expect(examples).toHaveLength(5);
	write('orders/right', right);
	for (const example of examples) {
		const words = example.split(' ').slice(2);
		const place = words.includes('--basedir') ? folder : file;
		expect(await run(...words.map((word) => (word.startsWith('--') ? word : place)))).toBe('');
		expect(process.exitCode).toBe(0);
	}
});
