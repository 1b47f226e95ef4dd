/** Counts that no file of an order tells, over restarts, kills and a disk that cannot be written. */
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CountsBook } from '../../src/counts/counts-book.ts';
import { countsOf, OrderCounts } from '../../src/counts/order-counts.ts';
import type { FactDeclaration } from '../../src/model/facts.ts';
import type { Order } from '../../src/model/order.ts';
import { identityOf, measured, notMeasured, type Outcome } from '../../src/model/outcome.ts';

const facts: readonly FactDeclaration[] = [
	{ name: 'duplicates', kind: 'count', help: 'x', per: 'measurement' },
	{ name: 'ttl', kind: 'gauge', help: 'x', per: 'measurement' },
];
const slot = (at: number) => ({ startSeconds: 1_795_240_800 + 60 * at, stepSeconds: 60 });

function orderOf(id: string, rrdTemplate: Order['rrdTemplate'] = null): Order {
	const told = { id, user: 'me', probe: 'icmp', target: '192.0.2.7', tags: {}, options: {}, batchKey: '' };
	return { ...told, stepSeconds: 60, pings: 1, rrdTemplate };
}

function answered(order: Order, at: number, duplicates = 0): Outcome {
	const samples = [{ sentAtSeconds: slot(at).startSeconds, rttSeconds: 0.02 }];
	return measured(identityOf(order), slot(at), 1, samples, { duplicates, ttl: 7 });
}

function failed(order: Order, at: number): Outcome {
	return notMeasured('failed', identityOf(order), slot(at), 1, { code: 'no_route', reason: 'x' });
}

let folder: string;
let path: string;
let problems: string[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-counts-'));
	path = join(folder, 'state/counts');
	problems = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(): CountsBook {
	return new CountsBook({
		...{ path, facts: new Map([['icmp', facts]]), nowSeconds: slot(0).startSeconds, retryMs: 20 },
		isUnfiled: ({ rrdTemplate }) => rrdTemplate === 'norrd',
		problem: (message) => problems.push(message),
	});
}

const a = orderOf('a');
const bare = orderOf('bare', 'norrd');

test('what was counted is counted on after a restart, and what has gone begins anew', async () => {
	const first = open();
	first.take([
		{ about: 'changed', order: a },
		{ about: 'changed', order: bare },
	]);
	const outcomes = [answered(a, 0), answered(a, 1, 2), failed(a, 2), answered(bare, 0), failed(bare, 1)];
	first.take([{ about: 'outcomes', outcomes }]);
	await first.close();
	expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
	const second = open();
	expect(second.of('a')?.toJSON()).toEqual({
		...{ failed: 1, unknown: { no_route: 1 }, facts: { duplicates: 2 }, last: slot(2).startSeconds },
	});
	expect(second.of('bare')).toMatchObject({ failed: 1, tally: { sent: 1, slots: 1 } });
	second.take([
		{ about: 'outcomes', outcomes: [failed(a, 3)] },
		{ about: 'gone', id: 'bare', why: 'deleted' },
	]);
	await second.close();
	const third = open();
	expect(third.of('a')?.failed).toBe(2);
	expect(third.of('bare')).toBeNull();
	third.keepOnly(['b']);
	await third.close();
	expect(open().of('a')).toBeNull();
	expect(problems).toEqual([]);
});

test('an order of which there is nothing to count has no line', async () => {
	const book = open();
	book.take([
		{ about: 'changed', order: a },
		{ about: 'outcomes', outcomes: [answered(a, 0)] },
	]);
	await book.close();
	expect(book.of('a')).toBeNull();
	expect(readFileSync(path, 'utf8')).toBe(`{"from":${slot(0).startSeconds}}\n`);
});

test('a kill loses nothing that was counted; a torn end and damage do no harm', async () => {
	const first = open();
	first.take([{ about: 'outcomes', outcomes: [failed(a, 0)] }]);
	await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8')).toContain('"failed":1');
	first.take([{ about: 'outcomes', outcomes: [failed(a, 1)] }]);
	await expect.poll(() => readFileSync(path, 'utf8')).toContain('"failed":2');
	// It was not closed.
	appendFileSync(path, 'null\n{"id":7}\n{"id":"a","counts":{"last":"x"}}\n{"id":"a","counts":{"fai');
	const second = open();
	expect(second.of('a')?.failed).toBe(2);
	second.take([{ about: 'outcomes', outcomes: [failed(a, 2)] }]);
	await second.close();
	expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
	expect(open().of('a')?.failed).toBe(3);
	await first.close();
});

test('it is written anew before it is much longer than what it holds', async () => {
	const book = open();
	const orders = Array.from({ length: 5000 }, (_, at) => orderOf(`o${at}`));
	for (let round = 0; round < 15; round++) {
		book.take([{ about: 'outcomes', outcomes: orders.map((order) => failed(order, round)) }]);
		await expect
			.poll(() => readFileSync(path, 'utf8').includes(`{"id":"o4999","counts":{"failed":${round + 1},`))
			.toBe(true);
	}
	await book.close();
	expect(statSync(path).size).toBeLessThan(6 * 1024 * 1024);
	expect(open().of('o4999')?.failed).toBe(15);
});

test('a disk that cannot be written is told of once, and catches up', async () => {
	writeFileSync(join(folder, 'state'), 'in the way');
	const book = open();
	book.take([{ about: 'outcomes', outcomes: [failed(a, 0)] }]);
	await expect.poll(() => problems).toHaveLength(1);
	book.take([{ about: 'outcomes', outcomes: [failed(a, 1)] }]);
	rmSync(join(folder, 'state'));
	await expect.poll(() => existsSync(path)).toBe(true);
	await book.close();
	expect(open().of('a')?.failed).toBe(2);
	// What is no file is left alone.
	rmSync(path);
	mkdirSync(path);
	expect(open().of('a')).toBeNull();
	expect(problems).toHaveLength(2);
});

test('counts come back from JSON as they were, and of two none goes back', () => {
	const counts = fc.record({ failed: fc.nat(), skipped: fc.nat(), sum: fc.nat(), last: fc.nat() });
	fc.assert(
		fc.property(counts, counts, (one, other) => {
			const [left, right] = [one, other].map(({ failed, skipped, sum, last }) => {
				const made = Object.assign(new OrderCounts(), { failed, skipped, lastSlotSeconds: last });
				made.facts.set('duplicates', sum);
				return countsOf(JSON.parse(JSON.stringify(made)));
			});
			if (left == null || right == null) throw new Error('it did not come back');
			expect(left).toMatchObject({ failed: one.failed, skipped: one.skipped, lastSlotSeconds: one.last });
			left.adopt(right);
			expect(left.failed).toBe(Math.max(one.failed, other.failed));
			expect(left.facts.get('duplicates')).toBe(Math.max(one.sum, other.sum));
		}),
	);
});
