import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptAddresses } from '../../src/tools/kept-addresses.ts';
import { FakeClock } from '../support/fake-clock.ts';

const startMs = 1_800_000_000_000;
let folder: string;
let file: string;
let clock: FakeClock;
const problems: string[] = [];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-kept-'));
	file = join(folder, 'state', 'addresses');
	clock = new FakeClock(startMs);
	problems.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => new KeptAddresses({ clock, file, problem: (message) => problems.push(message) });

test('they outlast a restart, with the time at which they were told, readable for us only', async () => {
	const kept = open();
	kept.remember(4, 'a.example', '192.0.2.1');
	kept.remember(6, 'a.example', '2001:db8::1');
	await clock.pass(60_000);
	kept.remember(4, 'b.example', '192.0.2.2');
	await kept.close();
	expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
	expect(statSync(file).mode & 0o777).toBe(0o600);
	expect(readdirSync(join(folder, 'state'))).toEqual(['addresses']);

	const again = open();
	expect(again.find(4, 'a.example')).toEqual({ address: '192.0.2.1', keptSeconds: startMs / 1000 });
	expect(again.find(6, 'a.example')).toEqual({ address: '2001:db8::1', keptSeconds: startMs / 1000 });
	expect(again.find(4, 'b.example')).toEqual({ address: '192.0.2.2', keptSeconds: startMs / 1000 + 60 });
	expect(again.find(6, 'b.example')).toBeNull();
	expect(problems).toEqual([]);
});

test('what has changed is written within seconds, that it is still so within minutes', async () => {
	const kept = open();
	const written = () => readFileSync(file, 'utf8');
	kept.remember(4, 'a.example', '192.0.2.1');
	await clock.pass(2000);
	await expect.poll(written).toBe('4 a.example 192.0.2.1 1800000000\n');
	kept.remember(4, 'a.example', '192.0.2.1');
	await clock.pass(10 * 60_000);
	await expect.poll(written).toBe('4 a.example 192.0.2.1 1800000002\n');
	kept.forget(4, 'a.example');
	await clock.pass(2000);
	await expect.poll(written).toBe('');
});

test('a file that is damaged, or of the future, gives what can be used', async () => {
	await open().close();
	const kept = open();
	kept.remember(4, 'a.example', '192.0.2.1');
	await kept.close();
	writeFileSync(
		file,
		'4 ahead.example 192.0.2.1 2900000000\n4 six.example 2001:db8::1 1800000000\n6 x ::g 1\nnonsense\n\0\n4 cut.exam',
	);
	const again = open();
	expect(again.find(4, 'ahead.example')).toEqual({ address: '192.0.2.1', keptSeconds: startMs / 1000 });
	expect(again.find(4, 'six.example')).toBeNull();
	await clock.pass(86_400_000);
	expect(again.find(4, 'ahead.example')).toBeNull();
});

test('a place that cannot be written to is told once, and nothing is forgotten for it', async () => {
	writeFileSync(join(folder, 'state'), 'a file');
	const kept = open();
	for (const name of ['a.example', 'b.example']) {
		kept.remember(4, name, '192.0.2.1');
		await clock.pass(2000);
	}
	await kept.close();
	expect(problems).toHaveLength(1);
	expect(kept.find(4, 'a.example')).toMatchObject({ address: '192.0.2.1' });
});

test('how many are kept has a limit, the oldest go first', () => {
	const kept = new KeptAddresses({ clock, namesMax: 2 });
	for (const name of ['a', 'b', 'a', 'c']) kept.remember(4, name, '192.0.2.1');
	expect(['a', 'b', 'c'].map((name) => kept.find(4, name) !== null)).toEqual([true, false, true]);
});

test('names that would not be read back are not kept', () => {
	const kept = new KeptAddresses({ clock });
	for (const name of ['a b', 'a\nb', 'x'.repeat(300)]) {
		kept.remember(4, name, '192.0.2.1');
		expect(kept.find(4, name)).toBeNull();
	}
});
