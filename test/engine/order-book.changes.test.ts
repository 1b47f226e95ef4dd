/** Orders that change again and again, that say how long they live, and whose files cannot be removed. */
import { beforeEach, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { Batches } from '../../src/engine/batches.ts';
import { OrderBook } from '../../src/engine/order-book.ts';
import { changesADayMost, ShapeChanges } from '../../src/engine/shape-changes.ts';
import { describeFindings } from '../../src/model/findings.ts';
import type { Order } from '../../src/model/order.ts';
import type { OrderFile } from '../../src/orders/order-file.ts';
import { readOrder } from '../../src/reading/order.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';

const start = Date.UTC(2026, 10, 30);
let clock: FakeClock;
let log: FakeLog;
let batches: Batches;
let book: OrderBook;
let files: Map<string, OrderFile>;
let asked: string[];

function open(maxAgeMs: number): void {
	clock = new FakeClock(start);
	log = new FakeLog();
	batches = new Batches(builtInProbes, clock);
	files = new Map();
	asked = [];
	const stream = {
		changed: ({ id, pings }: Order) => asked.push(`changed ${id} ${pings}`),
		gone: () => {},
	};
	const store = {
		reject: (id: string) => asked.push(`reject ${id}`),
		clear: (id: string) => asked.push(`clear ${id}`),
		archive: (id: string) => asked.push(`archive ${id}`),
		expire: (id: string, _path: string, ageMs: number) => asked.push(`expire ${id} ${ageMs}`),
	};
	book = new OrderBook(
		{
			...{ batches, clock, log, stream, store, describe: describeFindings },
			readText: (path) => files.get(path) ?? { gone: true },
			readOrder: (id, text) => readOrder(id, text, builtInProbes),
			wake: () => {},
		},
		maxAgeMs,
	);
	book.start();
}

beforeEach(() => open(3_660_000));

const textOf = (pings: number, step = 10, more = '') =>
	`user: me\nstep: ${step}\npings: ${pings}\nprobe: fping\nfping: {host: 127.0.0.1}\n${more}`;

function order(id: string, pings: number): Order {
	const read = readOrder(id, textOf(pings), builtInProbes);
	if ('findings' in read) throw new Error(describeFindings(read.findings));
	return read.order;
}

function write(id: string, { pings = 1, step = 10, more = '', ageSeconds = 0 } = {}): void {
	const text = textOf(pings, step, more);
	const mtimeMs = clock.wallMs() - ageSeconds * 1000;
	files.set(`orders/${id}`, { text, mtimeMs, uid: 0 });
	book.fileChanged({ id, path: `orders/${id}`, mtimeMs });
}

const pingsNow = () => [...batches].filter(({ orders }) => orders > 0).map(({ pings }) => pings);

describe('a change of pings, step or rrd_template', () => {
	test('is rejected the fifth time within a day, and what was measured before is measured on', async () => {
		write('a', { pings: 1 });
		for (const pings of [2, 1, 2, 1]) write('a', { pings });
		expect(pingsNow()).toEqual([1]);
		asked = [];
		write('a', { pings: 2 });
		expect(asked).toEqual(['reject a']);
		expect(pingsNow()).toEqual([1]);
		expect(book.find('a')?.state).toBe('measured');
		expect(log.lines.at(-1)).toMatch(
			/^warn: rejected change of order: a: .*4 times within a day.*2026-12-01T00:00:00/,
		);
		const lines = log.lines.length;
		await clock.pass(60_000);
		write('a', { pings: 2 });
		expect(log.lines).toHaveLength(lines);
		write('a', { pings: 1 });
		expect(asked).toEqual(['reject a', 'clear a', 'changed a 1']);
		// Another order may change.
		write('b', { pings: 1 });
		write('b', { pings: 2 });
		expect(pingsNow()).toEqual([1, 2]);
	});

	test('takes effect a day after the first of the others, while the order is refreshed', async () => {
		write('a', { pings: 1 });
		for (const pings of [2, 3, 4, 5, 6]) write('a', { pings });
		expect(pingsNow()).toEqual([5]);
		for (let hour = 0; hour < 23; hour++) {
			await clock.pass(3_600_000);
			write('a', { pings: 6 });
		}
		expect(pingsNow()).toEqual([5]);
		await clock.pass(3_599_000);
		expect(pingsNow()).toEqual([5]);
		await clock.pass(2000);
		expect(pingsNow()).toEqual([6]);
	});

	test('is not counted when something else changes', () => {
		for (let count = 0; count < 10; count++) write('a', { more: `task: ${count}\n` });
		write('a', { pings: 2 });
		expect(pingsNow()).toEqual([2]);
	});
});

test('changes are remembered for a day, and of so many orders only', () => {
	const changes = new ShapeChanges();
	const [before, after] = [order('', 1), order('', 2)];
	const change = (id: string, nowMs: number) => changes.waitMs({ ...before, id }, { ...after, id }, nowMs);
	for (let count = 0; count < changesADayMost; count++) expect(change('a', 1000)).toBe(0);
	expect(change('a', 2000)).toBe(86_399_000);
	expect(changes.waitMs(order('a', 1), order('a', 1), 2000)).toBe(0);
	expect(change('a', 86_401_000)).toBe(0);
	for (let count = 0; count < 3; count++) expect(change('a', 86_402_000)).toBe(0);
	expect(change('a', 86_402_000)).toBeGreaterThan(0);
	for (let count = 0; count < 200_000; count++) change(`${count}`, 86_402_000);
	expect(change('a', 86_402_000)).toBe(0);
});

describe('expires', () => {
	test.each([
		['never', 10 * 365 * 86_400_000, []],
		['2h', 7_300_000, ['expire a 7200000']],
		['30', 36_000, ['expire a 30000']],
	])('%s in an order wins over the maximum age', async (expires, passMs, told) => {
		write('a', { more: `expires: ${expires}\n` });
		await clock.pass(Math.min(passMs, 4_000_000));
		if (passMs > 4_000_000) await clock.pass(Math.min(passMs, 10_000_000) - 4_000_000);
		expect(asked.slice(1)).toEqual(told);
		if (expires === 'never') expect(book.find('a')?.expiresMs).toBeNull();
	});

	test('that is not understood counts for nothing, and the log says so', async () => {
		write('a', { more: 'expires: next year\n' });
		expect(asked).toEqual(['changed a 1']);
		expect(log.lines[0]).toBe(
			'warn: in the order a: expires: is not understood: "next year". Write never, or a span of time such as 90s, 15min, 2h, 30d, 4w or 1y. The order is measured as if this key were not there',
		);
		await clock.pass(3_700_000);
		expect(asked.at(-1)).toBe('expire a 3660000');
	});

	test('by itself no order does where the maximum age is never, also after a jump of the clock', async () => {
		open(Number.POSITIVE_INFINITY);
		write('a', { ageSeconds: 1e9 });
		write('b', { more: 'expires: 60\n' });
		expect(book.find('a')?.expiresMs).toBeNull();
		clock.stepWall(86_400_000);
		await clock.pass(10_000);
		expect(log.lines.at(-1)).toContain('the clock went ahead');
		expect(asked).toEqual(['changed a 1', 'changed b 1']);
		await clock.pass(70_000);
		expect(asked).toEqual(['changed a 1', 'changed b 1', 'expire b 60000']);
	});
});

test('an expired order whose file cannot be removed is failing', () => {
	write('a', { ageSeconds: 7208 });
	expect(book.find('a')?.state).toBe('expiring');
	book.expiryFailed('a');
	expect(book.find('a')?.state).toBe('failing');
	expect([...book].map(([id, state]) => [id, state])).toEqual([['a', 'failing']]);
	write('a');
	book.expiryOver('a');
	expect(book.find('a')?.state).toBe('measured');
});
