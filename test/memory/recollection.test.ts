/** What the engine remembers of an order, as those who ask are told it. */
import { beforeEach, expect, test } from 'vitest';
import { orderAnswerOf, ordersAnswerPieces } from '../../src/daemon/order-answers.ts';
import type { LiveOrder } from '../../src/engine/batch.ts';
import { Batches } from '../../src/engine/batches.ts';
import { OrderBook } from '../../src/engine/order-book.ts';
import { Scheduler } from '../../src/engine/scheduler.ts';
import { orderAnswer, ordersAnswer } from '../../src/model/answers.ts';
import { describeFindings } from '../../src/model/findings.ts';
import type { MeasurementExtras } from '../../src/model/measurement.ts';
import type { Job } from '../../src/model/probe.ts';
import { readOrder } from '../../src/reading/order.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';
import { probeTools } from '../support/probe-tools.ts';
import { allAnswer, ScriptedProbe } from '../support/scripted-probe.ts';

const start = 1_795_240_000_000; // a multiple of 10 s
const startSeconds = start / 1000;
const maxAgeMs = 600_000;
let clock: FakeClock;
let probe: ScriptedProbe;
let book: OrderBook;
let scheduler: Scheduler;
let texts: Map<string, string>;

beforeEach(() => {
	clock = new FakeClock(start);
	probe = new ScriptedProbe();
	texts = new Map();
	const probes = new Map([[probe.name, probe]]);
	const batches = new Batches(probes, clock);
	const log = new FakeLog();
	const store = {
		enrol: ({ id }: { id: string }) => void clock.after(1, () => book.enrolled(id, null)),
		reject: () => {},
		clear: () => {},
		archive: () => {},
		expire: () => {},
	};
	scheduler = new Scheduler({
		batches,
		clock,
		log,
		toolsFor: () => probeTools({}),
		record: () => {},
		fail: () => {},
		released: (live: LiveOrder) => book.released(live),
	});
	book = new OrderBook(
		{
			batches,
			clock,
			log,
			store,
			readText: (path) => ({ text: texts.get(path) ?? '', mtimeMs: start - 5000 }),
			readOrder: (id, text) => readOrder(id, text, probes),
			describe: describeFindings,
			wake: () => scheduler.wake(),
		},
		maxAgeMs,
	);
	scheduler.start();
});

function add(id: string, host = `host-${id}`, more = ''): void {
	texts.set(id, `user: me\nstep: 10\npings: 5\nprobe: scripted\nscripted: {host: ${host}}\n${more}`);
	book.fileChanged({ id, path: id, mtimeMs: start - 5000 });
}

function told(id: string) {
	const answer = orderAnswerOf(id, book, scheduler);
	expect(orderAnswer.nullable().parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
	return answer;
}

test('an order is told with its batch, its measurements in sending order, its last run and the next', async () => {
	for (let number = 0; number < 15; number++) add(`o${number}`, number < 3 ? 'same' : undefined);
	await clock.pass(121_000);
	const answer = told('o1');
	expect(answer).toMatchObject({ state: 'measured', expires: startSeconds - 5 + 600 });
	expect(answer?.memory).toMatchObject({
		since: startSeconds,
		slots: { measured: 13, failed: 0, skipped: 0, overrun: 0, late: 0 },
		next_due: startSeconds + 130,
		last_run: { started: startSeconds + 120, took: 0, window: 10, targets: 13 },
	});
	const { batch, measurements } = answer?.memory ?? {};
	expect(batch).toMatchObject({ targets: 13, targets_max: 1000, orders: { count: 15 } });
	expect(batch?.orders.ids).toHaveLength(10);
	expect(batch?.same_target).toEqual({ count: 2, ids: ['o0', 'o2'] });
	const times = measurements?.map(({ time }) => time - startSeconds);
	expect(times).toEqual([120, 110, 100, 90, 80, 70, 60, 50, 40, 30]);
	expect(measurements?.[0]?.samples).toEqual(
		[0, 1, 2, 3, 4].map((after) => ({ sent: startSeconds + 120 + after, rtt: 0.01 })),
	);
});

test('slots that failed are counted with the last reason; other orders of the batch are not concerned', async () => {
	add('a');
	add('b');
	probe.script = async (job) => allAnswer(job).set('host-a', { failure: 'no such host' });
	await clock.pass(25_000);
	expect(told('a')?.memory).toMatchObject({
		slots: { measured: 0, failed: 3 },
		last_failure: { time: startSeconds + 20, reason: 'no such host' },
		measurements: [],
	});
	expect(told('b')?.memory).toMatchObject({ slots: { measured: 3, failed: 0 }, last_failure: null });
	expect(scheduler.counters).toMatchObject({ measured: 3, failed: 3 });
});

test('the last reasons of lost pings are told, the most frequent first, and outlive slots without loss', async () => {
	add('a');
	add('b');
	const withReasons = (job: Job, lossReasons: Record<string, number>) => {
		const results = allAnswer(job);
		const result = results.get('host-a');
		if (result !== undefined && 'samples' in result)
			results.set('host-a', { ...result, extras: { lossReasons } });
		return results;
	};
	probe.script = async (job) => withReasons(job, { 'timed out': 1, 'connection refused': 3 });
	await clock.pass(5000);
	const first = { time: startSeconds, reason: 'connection refused (3 of 5), timed out (1 of 5)' };
	expect(told('a')?.memory?.last_loss).toEqual(first);
	expect(told('b')?.memory?.last_loss).toBeNull();
	probe.script = async (job) => withReasons(job, {});
	await clock.pass(10_000);
	expect(told('a')?.memory).toMatchObject({ slots: { measured: 2 }, last_loss: first });
	probe.script = async (job) => withReasons(job, { a: 1, b: 1, c: 1, d: 1, e: 1 });
	await clock.pass(10_000);
	expect(told('a')?.memory?.last_loss).toEqual({
		time: startSeconds + 20,
		reason: 'a (1 of 5), b (1 of 5), c (1 of 5), and 2 more',
	});
});

test('what the probe tells of the answers: the last of it, and odd ones all together', async () => {
	const withExtras = (job: Job, extras: MeasurementExtras) => {
		const results = allAnswer(job);
		for (const [target, result] of results) {
			if ('samples' in result && target === 'host-a') results.set(target, { ...result, extras });
		}
		return results;
	};
	const none = { duplicates: 0, reordered: 0, late: 0, corrupted: 0, from_other_address: 0 };
	add('a');
	add('b');
	probe.script = async (job) =>
		withExtras(job, { jitterSeconds: 0.002, duplicates: 1, reordered: 2, ttl: 61, timestamps: 'user' });
	await clock.pass(5000);
	expect(told('a')?.memory).toMatchObject({
		last_extras: { time: startSeconds, jitter: 0.002, ttl: 61, timestamps: 'user' },
		odd_answers: { ...none, duplicates: 1, reordered: 2 },
	});
	expect(told('b')?.memory).toMatchObject({ last_extras: null, odd_answers: none });
	probe.script = async (job) =>
		withExtras(job, { duplicates: 3, late: 4, corrupted: 5, fromOtherAddress: 6, timestamps: 'kernel' });
	await clock.pass(10_000);
	expect(told('a')?.memory).toMatchObject({
		last_extras: { time: startSeconds + 10, jitter: null, ttl: null, timestamps: 'kernel' },
		odd_answers: { duplicates: 4, reordered: 2, late: 4, corrupted: 5, from_other_address: 6 },
	});
	probe.script = async (job) => withExtras(job, { lossReasons: { 'timed out': 1 } });
	await clock.pass(10_000);
	expect(told('a')?.memory?.last_extras).toMatchObject({ time: startSeconds + 10 });
});

test('slots that were skipped are counted with the reason', async () => {
	add('a');
	await clock.pass(5000);
	clock.stepWall(60_000);
	await clock.pass(10_000);
	expect(told('a')?.memory).toMatchObject({
		slots: { measured: 3, skipped: 5 },
		last_skip: { time: startSeconds + 50, reason: 'the machine slept or its clock was set' },
	});
	expect(scheduler.counters.skipped).toBe(5);
});

test('a job that is cut short counts as overrun, and is told as running before', async () => {
	add('a');
	probe.script = (job, { signal }) =>
		new Promise((resolve) => signal.addEventListener('abort', () => resolve(allAnswer(job))));
	await clock.pass(9000);
	expect(told('a')?.memory?.last_run?.took).toBeNull();
	await clock.pass(1500);
	expect(told('a')?.memory?.slots).toMatchObject({ measured: 1, overrun: 1 });
});

test('what is changed keeps its memory; what comes back after it was removed begins anew', async () => {
	add('a');
	await clock.pass(15_000);
	add('a', 'elsewhere');
	await clock.pass(10_000);
	expect(told('a')?.memory?.slots.measured).toBeGreaterThanOrEqual(3);
	book.fileRemoved('a');
	expect(told('a')).toBeNull();
	add('a');
	expect(told('a')?.memory).toMatchObject({ slots: { measured: 0 }, measurements: [], last_run: null });
});

test('the next run of an order that has just come is due at once', async () => {
	add('a');
	await clock.pass(5);
	expect(told('a')?.memory?.next_due).toBeCloseTo(startSeconds, 1);
});

test('what is not measured has its state; what there is not has no answer', async () => {
	add('bad', 'x', 'step: 20\n');
	texts.set('half', 'user: me\n');
	book.fileChanged({ id: 'half', path: 'half', mtimeMs: start });
	await clock.pass(0);
	expect(told('bad')).toEqual({ state: 'rejected', expires: null, memory: null });
	expect(told('nobody')).toBeNull();
});

test('the time at which an order expires is put off with its expiry', async () => {
	add('a');
	book.start();
	clock.stepWall(86_400_000);
	await clock.pass(6000);
	const expires = told('a')?.expires ?? 0;
	expect(expires).toBeGreaterThan(clock.wallMs() / 1000 + 590);
	expect(expires).toBeLessThanOrEqual(clock.wallMs() / 1000 + 600);
});

test('all orders are told in pieces that together are JSON', async () => {
	for (let number = 0; number < 1201; number++) add(`o${number}`);
	add('"\u2028__proto__', 'x', 'step: 20\n');
	await clock.pass(15_000);
	const pieces = [...ordersAnswerPieces(book)];
	expect(pieces.length).toBeGreaterThan(2);
	const { orders } = ordersAnswer.parse(JSON.parse(pieces.join('')));
	expect(orders).toHaveLength(1202);
	expect(new Map(orders).get('o7')).toEqual([2, 0, 0, 0, 0]);
	expect(orders.at(-1)).toEqual(['"\u2028__proto__', 'rejected']);
});
