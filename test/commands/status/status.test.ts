import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { states } from '../../../src/commands/shared/status-row.ts';
import type { DaemonView } from '../../../src/commands/status/daemon.ts';
import { registerStatus, type StatusOptions, showStatus } from '../../../src/commands/status/index.ts';
import type { Asked } from '../../../src/memory/ask-daemon.ts';
import type { CountsOrState } from '../../../src/model/answers.ts';
import { errorText } from '../../../src/store/error-file.ts';
import { type LastResult, lastResultText } from '../../../src/store/last-result.ts';
import { cannedDaemon } from '../../support/canned-questions.ts';
import { Terminal } from '../../support/terminal.ts';

/** Far from the times that the kernel gives the files made here. Seconds since the epoch. */
const now = 4_102_444_800;

let baseDir: string;
beforeEach(() => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(baseDir, 'orders'));
});
afterEach(() => rmSync(baseDir, { recursive: true }));

function write(path: string, text: string): void {
	mkdirSync(dirname(join(baseDir, path)), { recursive: true });
	writeFileSync(join(baseDir, path), text);
}

interface Fake {
	readonly host?: string;
	readonly user?: string;
	readonly step?: number;
	readonly text?: string;
	/** Seconds since it was refreshed. */
	readonly age?: number;
	readonly result?: Partial<LastResult>;
	readonly error?: string;
}

/** Puts an order there, and what the daemon would have written about it. */
function order(id: string, fake: Fake = {}): void {
	const { host = '127.0.0.1', user = 'me', step = 10, age = 20, result, error } = fake;
	const text = `user: ${JSON.stringify(user)}\nstep: ${step}\npings: 5\nprobe: fping\nfping:\n    host: "${host}"\n`;
	write(`orders/${id}`, fake.text ?? text);
	utimesSync(join(baseDir, 'orders', id), now - age, now - age);
	if (error !== undefined) write(`output/${id}/error`, errorText(now - 5, error));
	if (result === undefined) return;
	const usual = {
		time: now - 10,
		updated: now - 3,
		step,
		pings: 5,
		loss: 0,
		min: 0.0123,
		median: 0.0145,
		max: 0.12,
	};
	write(`output/${id}/last_result`, lastResultText({ ...usual, ...result }));
}

function status(
	words: readonly string[] = [],
	options: StatusOptions = {},
	columns = Number.POSITIVE_INFINITY,
	place: { readonly asked?: Asked<DaemonView>; readonly isTTY?: boolean } = {},
) {
	let out = '';
	let err = '';
	const exitCode = showStatus(
		words,
		{ basedir: baseDir, ...options },
		{
			probes: builtInProbes,
			nowMs: () => now * 1000,
			columns: () => columns,
			colours: false,
			stdout: { write: (text: string) => (out += text) },
			stderr: { write: (text: string) => (err += text), isTTY: place.isTTY ?? false },
			asked: place.asked ?? null,
		},
	);
	return { exitCode, out, err };
}

type Told = Readonly<Record<string, unknown>>;

function json(words: readonly string[] = [], options: StatusOptions = {}): Told[] {
	const { out } = status(words, { json: true, ...options });
	return out === ''
		? []
		: out
				.trimEnd()
				.split('\n')
				.map((line) => JSON.parse(line) as Told);
}

const ids = (rows: readonly Told[]) => rows.map(({ id }) => id);

function everyKind(): void {
	order('office/10.0.0.10', { host: '10.0.0.10', user: 'tmon', result: {} });
	order('office/10.0.0.9', {
		host: '10.0.0.9',
		user: 'tmon',
		result: { loss: 1, median: 0.000024, min: 0.000013 },
	});
	order('office/2001:db8::10', { host: '2001:db8::10', user: 'tmon', result: { loss: 2, max: 1.5 } });
	order('office/2001:db8::9', { host: '2001:db8::9', user: 'tmon', result: { updated: now - 800 } });
	order('office/silent', { user: 'tmon', result: { loss: 5, min: null, median: null, max: null } });
	order('office/a-long-name-for-the/tunnel-eth0-4061-to-the-other-side-of-the-world', {
		user: 'tmon',
		result: {},
	});
	order('lab/new', { user: 'lab', step: 300 });
	order('lab/old', { user: 'lab', age: 3400, result: {} });
	order('lab/wrong', { text: 'user: lab\nstep: 5m\npings: 5\nprobe: fping\nfping:\n    hots: 10.0.0.1\n' });
	order('lab/name', {
		user: 'lab',
		host: 'no-such.example',
		error: 'name or service not known: no-such.example',
	});
	order('lab/not-yaml', { text: '\tuser: lab\n' });
	order('lab/東京', { user: 'lab', host: 'tokyo.example', result: {} });
	order('evil/\x1b[2J\nname', { user: 'e\u202ev', result: {}, error: 'a\x1b]0;title\x07b' });
}

/** Written anew by UPDATE_GOLDEN=1. */
function expectGolden(name: string, text: string): void {
	const path = fileURLToPath(new URL(`../../golden/status-${name}.txt`, import.meta.url));
	if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
	expect(text).toBe(readFileSync(path, 'utf8'));
}

test.each([80, 200])('on a terminal of %i columns', (columns) => {
	everyKind();
	const { exitCode, out, err } = status([], {}, columns);
	expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
	expectGolden(String(columns), out);
});

test('elsewhere every order is one line, whatever its length', () => {
	everyKind();
	const { out } = status();
	expect(out.trimEnd().split('\n')).toHaveLength(1 + 4 + 13 + 1);
	expect(out).toMatch(
		/rejected: step: must be a whole number .* fping\.hots: unknown option. Did you mean host\?\n/,
	);
});

test('nothing that applications wrote reaches the terminal as a control character', () => {
	everyKind();
	for (const { out } of [status([], {}, 80), status(), status([], { json: true })]) {
		expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
	}
	expect(ids(json(['evil']))).toEqual(['evil/\x1b[2J\nname']);
});

test('every state is told, with the reason', () => {
	everyKind();
	const told = new Map(json().map(({ id, state, reason }) => [id, [state, reason]]));
	expect(told.get('office/10.0.0.9')).toEqual(['measuring', null]);
	expect(told.get('office/2001:db8::9')).toEqual(['failing', 'no result for 13m. Is the daemon running?']);
	expect(told.get('lab/new')).toEqual(['waiting', null]);
	expect(told.get('lab/old')).toEqual(['expiring', null]);
	expect(told.get('lab/name')).toEqual(['failing', 'name or service not known: no-such.example']);
	expect(told.get('lab/not-yaml')?.[0]).toBe('rejected');
});

test('an order that never expires does not, and one that says how long it lives is told by that', () => {
	const more = (expires: string) =>
		`user: me\nstep: 10\npings: 5\nprobe: fping\nfping: {host: 127.0.0.1}\nexpires: ${expires}\n`;
	order('never', { text: more('never'), age: 1e8, result: {} });
	order('soon', { text: more('1min'), age: 58, result: {} });
	order('usual', { age: 1e8, result: {} });
	const told = (options: StatusOptions = {}) =>
		json([], options).map(({ id, state, expires_in }) => [id, state, expires_in]);
	expect(told()).toEqual([
		['never', 'measuring', null],
		['soon', 'expiring', 2],
		['usual', 'expiring', 3660 - 1e8],
	]);
	expect(told({ maxAge: 'never' })).toContainEqual(['usual', 'measuring', null]);
});

test('what an order says of itself is shown, in the row or below it', () => {
	const labels = 'title: Uplink Zürich\nnote: over the old fibre\nlink: https://me:pw@wiki.example/42\n';
	order('a', { text: `user: me\nstep: 10\npings: 5\nprobe: fping\nfping:\n    host: ::1\n${labels}` });
	order('b');
	const shown = ['over the old fibre', 'https://***@wiki.example/42'];
	const [wide = '', , , ...below] = status([], {}, 200).out.split('\n');
	expect(wide).toMatch(/ TARGET +TITLE +AGE /);
	expect(below.slice(0, 2).map((line) => line.trim())).toEqual(shown);
	const narrow = status([], {}, 60).out;
	expect(narrow).not.toContain('TITLE');
	expect(narrow).toMatch(/\n {6}Uplink Zürich\n {6}over the old fibre\n/);
	for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
	expect(
		status()
			.out.split('\n')
			.find((line) => line.includes('  a ')),
	).toMatch(/ Uplink Zürich .*over the old fibre {2}https:/);
	expect(json()[0]).toMatchObject({ title: 'Uplink Zürich', note: shown[0], link: shown[1] });
	// Nobody has a title: there is no column for it.
	expect(status(['b'], {}, 200).out).not.toContain('TITLE');
});

test('the JSON has the keys that the help promises', () => {
	order('a', { result: { loss: 1 } });
	order('b', { text: '' });
	expect(json()).toEqual([
		{
			id: 'a',
			user: 'me',
			probe: 'fping',
			target: '127.0.0.1',
			step: 10,
			pings: 5,
			state: 'measuring',
			reason: null,
			title: null,
			note: null,
			link: null,
			age: 3,
			late: false,
			expires_in: 3640,
			result: {
				time: now - 10,
				updated: now - 3,
				step: 10,
				pings: 5,
				loss: 1,
				min: 0.0123,
				median: 0.0145,
				max: 0.12,
			},
			in_daemon: null,
			unknown: null,
		},
		expect.objectContaining({ id: 'b', user: null, state: 'rejected', result: null, expires_in: null }),
	]);
	expect(Object.keys(json()[1] ?? {})).toEqual(Object.keys(json()[0] ?? {}));
});

test('an order that was put back with its old result waits for the next slot', () => {
	order('back', { result: { updated: now - 9000 } });
	// When the folder came to its place cannot be set: it is now, by the kernel's clock.
	const at = (nowMs: number) => {
		let out = '';
		const place = { probes: builtInProbes, columns: () => 200, colours: false };
		const stdout = { write: (text: string) => (out += text) };
		showStatus(
			[],
			{ basedir: baseDir, json: true },
			{ ...place, nowMs: () => nowMs, stdout, stderr: stdout },
		);
		return JSON.parse(out).state;
	};
	write(
		'output/back/last_result',
		lastResultText({ time: 0, updated: 9, step: 10, pings: 5, loss: 0, min: 1, median: 1, max: 1 }),
	);
	expect(at(Date.now())).toBe('waiting');
	expect(at(Date.now() + 60_000)).toBe('failing');
});

test('an order that never got a result is failing, once the daemon had time', () => {
	order('a', { age: 61 });
	order('b', { age: 59 });
	expect(json().map(({ state }) => state)).toEqual(['failing', 'waiting']);
});

test('--max-age tells what expires soon', () => {
	order('a', { age: 275, result: {} });
	order('b', { age: 265, result: {} });
	expect(json([], { maxAge: '300' }).map(({ state, expires_in }) => [state, expires_in])).toEqual([
		['expiring', 25],
		['measuring', 35],
	]);
	expect(status(['a'], { maxAge: '200' }).out).toContain('expired 75s ago');
});

test('ids, folders and patterns select; each order is shown once', () => {
	for (const id of ['a/x1', 'a/x2', 'b/x1', 'b[1]*']) order(id, { result: {} });
	expect(ids(json(['a']))).toEqual(['a/x1', 'a/x2']);
	expect(ids(json(['a/', 'a/x1']))).toEqual(['a/x1', 'a/x2']);
	expect(ids(json(['*x1']))).toEqual([]);
	expect(ids(json(['*/x1']))).toEqual(['a/x1', 'b/x1']);
	expect(ids(json(['**x1']))).toEqual(['a/x1', 'b/x1']);
	expect(ids(json(['a/x?']))).toEqual(['a/x1', 'a/x2']);
	expect(ids(json(['b[1]*']))).toEqual(['b[1]*']);
	expect(ids(json(['b[*']))).toEqual(['b[1]*']);
});

test('what there is not is told with the nearest there is, and the rest is shown', () => {
	order('office/router', { result: {} });
	const { exitCode, out, err } = status(['office/ruoter', 'offce', 'zz*', 'office']);
	expect(exitCode).toBe(1);
	expect(err).toBe(
		'there is no order office/ruoter. Did you mean office/router?\n' +
			'there is no order offce. Did you mean office?\nno order matches zz*\n',
	);
	expect(out).toContain('1 order: 1 measuring');
	expect(status(['nothing-like-it'])).toMatchObject({ exitCode: 1, out: '' });
	expect(status([], { user: 'mee' }).err).toBe('--user: unknown user "mee". Did you mean me? Known: me\n');
});

test('--failing, --user and --probe filter; the summary counts all that were asked for', () => {
	everyKind();
	expect(ids(json([], { failing: true, user: 'lab' }))).toEqual(['lab/name', 'lab/wrong']);
	expect(status([], { failing: true, user: 'lab' }).out).toMatch(
		/\n5 orders: 1 measuring, 1 waiting, 1 expiring, 1 failing, 1 rejected\n$/,
	);
	expect(json([], { probe: 'fping' })).toHaveLength(12);
});

test('addresses sort by number, names as people sort them, and the worst comes first for the rest', () => {
	const hosts = [
		'10.0.0.10',
		'10.0.0.9',
		'eth10.example',
		'eth9.example',
		'2001:db8::10',
		'2001:db8::9',
		'::1',
	];
	for (const [index, host] of hosts.entries())
		order(`o${index}`, { host, result: { loss: index % 4, updated: now - index } });
	const targets = json([], { sort: 'target' }).map(({ target }) => target);
	expect(targets).toEqual([
		'10.0.0.9',
		'10.0.0.10',
		'::1',
		'2001:db8::9',
		'2001:db8::10',
		'eth9.example',
		'eth10.example',
	]);
	expect(ids(json([], { sort: 'loss' }))).toEqual(['o3', 'o2', 'o6', 'o1', 'o5', 'o0', 'o4']);
	expect(ids(json([], { sort: 'age' }))[0]).toBe('o6');
	order('o10', { error: 'x' });
	expect(ids(json([], { sort: 'state' }))[0]).toBe('o10');
	expect(ids(json()).slice(-2)).toEqual(['o6', 'o10']);
});

test('a broken last_result is one line on standard error, and the others are shown', () => {
	order('a', { result: {} });
	order('b', { result: {} });
	order('c', { result: {} });
	order('d', { result: {} });
	write('output/a/last_result', 'time: 1\nmedian: x\n');
	rmSync(join(baseDir, 'output/b/last_result'));
	spawnSync('mkfifo', [join(baseDir, 'output/b/last_result')]);
	write('output/c/error', '');
	const { exitCode, out, err } = status();
	expect(exitCode).toBe(2);
	expect(err).toBe(
		`cannot read ${baseDir}/output/a/last_result: updated is missing\n` +
			`cannot read ${baseDir}/output/b/last_result: it is not a regular file\n` +
			`cannot read ${baseDir}/output/c/error: there is no message in it\n`,
	);
	expect(out).toMatch(/4 orders: 1 measuring, 0 failing, 0 rejected, 3 unreadable\n$/);
});

test('a link in a circle is no folder of orders, and editor leftovers are none', () => {
	order('a/x', { result: {} });
	write('orders/a/x~', '');
	symlinkSync('..', join(baseDir, 'orders/a/up'));
	symlinkSync('a', join(baseDir, 'orders/b'));
	symlinkSync('nowhere', join(baseDir, 'orders/dangling'));
	expect(ids(json())).toEqual(['a/x', 'b']);
	expect(json(['b'])).toMatchObject([
		{ state: 'rejected', reason: expect.stringContaining('found as a already') },
	]);
	expect(status().err).toBe('');
});

test('no base directory, and options that are wrong, are one line each', () => {
	expect(status([], { basedir: `${baseDir}/nope` })).toEqual({
		exitCode: 1,
		out: '',
		err: `cannot read ${baseDir}/nope/orders: there is no such folder. Name the base directory with --basedir\n`,
	});
	expect(status([], { sort: 'los', maxAge: '5m' })).toMatchObject({
		exitCode: 1,
		out: '',
		err: expect.stringMatching(/^--max-age: .*"5m"\n--sort: unknown key "los". Did you mean loss\?.*\n$/),
	});
});

// ---- With a daemon ----

const view: DaemonView = {
	daemon: cannedDaemon(now - 7200),
	orders: new Map<string, CountsOrState>([
		['a', [10, 2, 1, 0, 0]],
		['b', 'rejected'],
	]),
};
const answer = { asked: { answer: view } };

function threeOrders(): void {
	order('a', { result: {} });
	order('b', { text: 'probe: fping\n' });
	order('c', { result: {} });
}

test('a daemon adds what only it knows', () => {
	threeOrders();
	const { out } = status([], {}, 80, answer);
	const footer = out.slice(out.indexOf('3 orders:')).replace(/since .* \(/, 'since TIME (');
	expect(footer).toBe(
		'3 orders: 2 measuring, 0 failing, 1 rejected\n' +
			'daemon: 2.0.0, pid 4211, since TIME (2h)\n' +
			'        1 order not picked up yet\n' +
			'health: main-thread delay p99 0.400 ms, store lag 2 ms\n' +
			'slots:  1234 measured, 2 failed, 1 skipped; 0 cut short, 3 late\n',
	);
	const told = status([], { json: true }, 80, answer)
		.out.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line))
		.map(({ id, in_daemon, unknown }) => [id, in_daemon, unknown]);
	expect(told).toEqual([
		['a', 'measured', { failed: 2, skipped: 1 }],
		['c', 'unseen', null],
		['b', 'rejected', null],
	]);
});

test('without a daemon a line says so, with --json on standard error if that is a terminal', () => {
	threeOrders();
	const silent = { asked: { silence: 'it does not run' } };
	expect(status([], {}, 80, silent).out).toMatch(/rejected\ndaemon: no answer: it does not run\n$/);
	expect(status([], { json: true }, 80, silent)).toEqual(status([], { json: true }));
	const { out, err, exitCode } = status([], { json: true }, 80, { ...silent, isTTY: true });
	expect(out).toBe(status([], { json: true }).out);
	expect({ err, exitCode }).toEqual({ err: 'daemon: no answer: it does not run\n', exitCode: 0 });
});

test('--totals tells states, probes and the daemon, and no orders', () => {
	threeOrders();
	order('d', { text: 'probe: none\n' });
	const { out } = status([], { totals: true }, 80, answer);
	expect(out.split('\n').slice(0, 3)).toEqual([
		'4 orders: 2 measuring, 0 failing, 2 rejected',
		'probes: 3 fping, 1 none',
		'disk: main.rrd take 1 MB when all are made, histories 1 MB, 80.0 GB are free',
	]);
	expect(out).toContain('daemon: 2.0.0');
	const totals = JSON.parse(status([], { totals: true, json: true }, 80, answer).out);
	expect(totals).toEqual({
		orders: 4,
		states: { measuring: 2, waiting: 0, expiring: 0, down: 0, failing: 0, rejected: 2, unreadable: 0 },
		probes: { fping: 3, none: 1 },
		unseen: 2,
		daemon: view.daemon,
	});
	expect(JSON.parse(status(['a'], { totals: true, json: true }).out)).toMatchObject({
		orders: 1,
		unseen: null,
		daemon: null,
	});
});

test('no orders are no error', () => {
	expect(status()).toEqual({ exitCode: 0, out: '0 orders: 0 measuring, 0 failing, 0 rejected\n', err: '' });
});

// ---- The program ----

const bin = fileURLToPath(new URL('../../../dist/src/commands/status/bin.js', import.meta.url));

function run(args: string, env: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
	const command = `${process.execPath} ${bin} --basedir ${baseDir} ${args}`;
	return spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
		encoding: 'utf8',
		env: { ...process.env, ...env },
	});
}

test('a reader that has seen enough is no error, a full disk is', () => {
	for (let i = 0; i < 2000; i++) order(`o${i}`, { result: {} });
	const { stdout, stderr } = run('| head -1');
	expect({ lines: stdout.split('\n').length, stderr }).toEqual({ lines: 2, stderr: '' });
	expect(run('> /dev/full')).toMatchObject({
		status: 1,
		stderr: expect.stringMatching(/^cannot write: ENOSPC.*\n$/),
	});
});

test('--watch wants a terminal', () => {
	expect(run('--watch')).toMatchObject({ status: 1, stderr: '--watch needs a terminal. Leave it out\n' });
});

test('unreadable folders and files are told, and are not held against the order', () => {
	order('open/a', { result: {} });
	order('closed/a');
	order('open/secret', { result: {} });
	spawnSync('chmod', ['755', baseDir]);
	spawnSync('chmod', ['0', join(baseDir, 'orders/closed'), join(baseDir, 'orders/open/secret')]);
	const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, bin];
	const {
		status: code,
		stdout,
		stderr,
	} = spawnSync('setpriv', [...asNobody, '--basedir', baseDir], { encoding: 'utf8' });
	expect(code).toBe(2);
	expect(stderr).toMatch(
		/^cannot read \S+orders\/closed: permission denied.*\ncannot read \S+secret: permission denied.*\n$/,
	);
	expect(stdout).toContain('1 unreadable');
});

/** On a real terminal. What it shows to the end, when these keys are pressed once it shows the pattern. */
async function onTerminal(args: string, shows: RegExp, keys = '', env = ''): Promise<string> {
	const command = `stty cols 100 rows 8; ${env} ${process.execPath} ${bin} --basedir ${baseDir} ${args}; echo "exit $?"; stty -a`;
	await using terminal = new Terminal(command);
	await terminal.shows(shows);
	terminal.type(keys);
	await terminal.ended();
	return terminal.output;
}

test.each([
	['q', 'q'],
	['Ctrl-C', '\x03'],
])('--watch fits the screen, ends with %s, and restores the terminal', async (_, key) => {
	for (let i = 0; i < 20; i++) order(`o${i}`, { result: {} });
	const screen = await onTerminal('--watch', /more lines[\s\S]*\[\?2026l/, key);
	expect(screen).toContain('\x1b[?1049h\x1b[?25l');
	const [first = ''] = screen.slice(screen.indexOf('\x1b[H')).split('\x1b[?2026l');
	expect(first.split('\r\n')).toHaveLength(8);
	expect(first.slice(3)).not.toContain('\x1b[2J');
	expect(first).toContain('more lines');
	expect(first).toMatch(/20 orders: [^\n]*\r\n[^\n]*daemon: no answer: it does not run[^\n]*$/);
	expect(screen).toContain('\x1b[?25h\x1b[?1049lexit 0\r\n');
	expect(screen.slice(screen.indexOf('exit 0'))).toMatch(/ icanon .* echo /s);
});

test('--watch scrolls, with the titles and the footer in sight', async () => {
	for (let i = 10; i < 40; i++) order(`o${i}`, { result: {} });
	const command = `stty cols 100 rows 9; ${process.execPath} ${bin} --basedir ${baseDir} --watch`;
	await using terminal = new Terminal(command);
	await terminal.shows(/more lines/);
	const titled = /ORDER {2}.*STATE/.source;
	terminal.type('\x1b[6~');
	await terminal.shows(/\.\.\. 5 above, 21 more lines/);
	terminal.type('G');
	const [last] = await terminal.shows(
		new RegExp(`${titled}[^]*o39[^]*26 above, end of the list[^]*30 orders`),
	);
	expect(last.slice(last.lastIndexOf('\x1b[H'))).not.toContain('o10');
	terminal.type('\x1b[H');
	terminal.type('q');
	expect(await terminal.ended()).toBe(0);
});

test('colours on a terminal only, and not with NO_COLOR', async () => {
	order('a', { result: { loss: 5 } });
	expect(await onTerminal('', /exit 0/)).toContain('\x1b[1;31m');
	expect(await onTerminal('', /exit 0/, '', 'NO_COLOR=1')).not.toContain('\x1b[');
	expect(run('').stdout).not.toContain('\x1b[');
});

test('the help names every option, state and JSON key', () => {
	const program = new Command('pingmachine');
	registerStatus(program, builtInProbes);
	let help = '';
	program.commands[0]?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
	order('a', { result: {} });
	for (const word of [
		...Object.keys(json()[0] ?? {}),
		...states,
		'Exit code',
		'NO_COLOR',
		'--watch',
		'--totals',
	]) {
		expect(help).toContain(word);
	}
});
