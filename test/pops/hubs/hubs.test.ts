import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Hubs } from '../../../src/pops/hubs/hubs.ts';
import { openRecord, sealRecord } from '../../../src/pops/hubs/record.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeLog } from '../../support/fake-log.ts';

const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519').privateKey;
const folders: string[] = [];
let clock: FakeClock;
/** All that was written, and who listens. */
let lines: string[] = [];
let listeners: ((value: string) => void)[] = [];

beforeEach(() => {
	clock = new FakeClock(1_800_000_000_000);
	[lines, listeners] = [[], []];
});
afterEach(() => {
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function write(value: string): void {
	lines.push(value);
	for (const listener of listeners) listener(value);
}

function hub(name: string) {
	const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-hubs-'));
	folders.push(baseDir);
	mkdirSync(join(baseDir, 'orders'));
	const log = new FakeLog();
	const led: boolean[] = [];
	const hubs = new Hubs({
		...{ name, key, clock, log, baseDir },
		topic: {
			start: ({ begins, record, caughtUp }) => {
				begins();
				for (const line of lines) record(line, 0);
				listeners.push((value) => record(value, 0));
				caughtUp();
			},
			write: async (messages) => {
				for (const { value } of messages) if (value !== null) write(value);
			},
			close: async () => {},
		},
		...{ toldSeq: () => 1, pop: () => {}, pops: () => [], picked: () => {} },
		leads: (is) => void led.push(is),
	});
	hubs.start();
	hubs.ready();
	const file = (id: string) => join(baseDir, 'orders', id);
	return { hubs, file, led, log };
}

const text = 'user: me\n';
/** What is told together is written in the next turns. */
const settled = async () => {
	for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('an order goes to the others, and ends there when it ends; a file of their own is left alone', async () => {
	const [a, b] = [hub('a'), hub('b')];
	mkdirSync(b.file('core'));
	writeFileSync(b.file('core/mine'), 'mine');
	a.hubs.asked('core/x', text);
	a.hubs.asked('core/mine', text);
	await settled();
	expect(readFileSync(b.file('core/x'), 'utf8')).toBe(text);
	expect([b.hubs.taken.has('core/x', text), b.hubs.taken.has('core/mine', 'mine')]).toEqual([true, false]);
	expect(readFileSync(b.file('core/mine'), 'utf8')).toBe('mine');
	a.hubs.gone('core/x');
	await settled();
	expect(existsSync(b.file('core/x'))).toBe(false);
});

test('the first by name that is heard of speaks', async () => {
	const b = hub('b');
	await clock.pass(20_000);
	b.hubs.look();
	expect(b.led).toEqual([true]);
	const a = hub('a');
	await settled();
	b.hubs.look();
	expect([b.led, b.hubs.alive]).toEqual([
		[true, false],
		['a', 'b'],
	]);
	await clock.pass(31_000);
	b.hubs.look();
	expect([b.led, b.hubs.alive, a.led]).toEqual([[true, false, true], ['b'], []]);
});

test('what no hub with our key has said, and what is older, is not followed', async () => {
	const b = hub('b');
	const order = (seq: number, id: string) => ({ v: 1, hub: 'a', seq, kind: 'order', id, text }) as const;
	write(sealRecord(order(5, 'forged'), stranger));
	write(JSON.stringify({ body: JSON.stringify(order(5, 'unsigned')), sig: '' }));
	write('no JSON');
	write(sealRecord({ v: 1, hub: 'a', seq: 9, kind: 'end', id: 'late' }, key));
	write(sealRecord(order(8, 'late'), key));
	write(sealRecord(order(9, '../outside'), key));
	write(sealRecord(order(9, 'good'), key));
	await settled();
	expect(['forged', 'unsigned', 'late', '../outside', 'good'].map((id) => existsSync(b.file(id)))).toEqual([
		...[false, false, false, false],
		true,
	]);
	expect(b.log.lines.join()).toContain('no hub with our key has written');
	expect(openRecord('{}', publicKey)).toBeNull();
});
