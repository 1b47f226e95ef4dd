/** The program itself, and what it shows on a terminal. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Terminal } from '../../support/terminal.ts';
import { baseDir, order, useStatus } from './status-rig.ts';

useStatus();

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
