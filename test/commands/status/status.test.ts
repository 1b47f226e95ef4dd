import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { states } from '../../../src/commands/shared/status-row.ts';
import { registerStatus, showStatus } from '../../../src/commands/status/index.ts';
import type { StatusOptions } from '../../../src/commands/status/show.ts';
import { lastResultText } from '../../../src/store/last-result.ts';
import { baseDir, everyKind, ids, json, now, order, status, useStatus, write } from './status-rig.ts';

useStatus();

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
			pop: null,
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

test('no orders are no error', () => {
	expect(status()).toEqual({ exitCode: 0, out: '0 orders: 0 measuring, 0 failing, 0 rejected\n', err: '' });
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
