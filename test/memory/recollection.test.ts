/** What the engine remembers of an order, as those who ask are told it. */
import { beforeEach, expect, test } from 'vitest';
import { orderAnswerOf, ordersAnswerPieces } from '../../src/daemon/order-answers.ts';
import type { LiveOrder } from '../../src/engine/batch.ts';
import { Batches } from '../../src/engine/batches.ts';
import { OrderBook } from '../../src/engine/order-book.ts';
import { Scheduler } from '../../src/engine/scheduler.ts';
import { Memory } from '../../src/memory/memory.ts';
import { orderAnswer, ordersAnswer } from '../../src/model/answers.ts';
import type { Facts } from '../../src/model/facts.ts';
import { describeFindings } from '../../src/model/findings.ts';
import { identityOf } from '../../src/model/outcome.ts';
import { factTableOf, type Job } from '../../src/model/probe.ts';
import { outcomeFromJson } from '../../src/outcomes/outcome-json.ts';
import { OutcomeStream } from '../../src/outcomes/stream.ts';
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
let memory: Memory;

beforeEach(() => {
	probe = new ScriptedProbe();
	restart();
});

function restart(): void {
	clock = new FakeClock(start);
	texts = new Map();
	const probes = new Map([[probe.name, probe]]);
	const batches = new Batches(probes, clock);
	const log = new FakeLog();
	const stream = new OutcomeStream((_name, error) => {
		throw error;
	});
	memory = new Memory(factTableOf(probes));
	stream.subscribe(memory);
	stream.subscribe({
		name: 'store',
		take: (events) => {
			for (const event of events) {
				if (event.about !== 'changed') continue;
				const { id } = event.order;
				clock.after(1, () => book.enrolled(id, null));
			}
		},
	});
	const store = {
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
		identityOf,
		tell: (outcomes) => stream.outcomes(outcomes),
		early: stream,
		released: (live: LiveOrder) => book.released(live),
	});
	book = new OrderBook(
		{
			batches,
			clock,
			log,
			stream,
			store,
			readText: (path) => ({ text: texts.get(path) ?? '', mtimeMs: start - 5000, uid: 0 }),
			readOrder: (id, text) => readOrder(id, text, probes),
			describe: describeFindings,
			wake: () => scheduler.wake(),
		},
		maxAgeMs,
	);
	scheduler.start();
}

function add(id: string, host = `host-${id}`, more = ''): void {
	texts.set(id, `user: me\nstep: 10\npings: 5\nprobe: scripted\nscripted: {host: ${host}}\n${more}`);
	book.fileChanged({ id, path: id, mtimeMs: start - 5000 });
}

function told(id: string) {
	const answer = orderAnswerOf(id, { book, scheduler, memory });
	expect(
		orderAnswer()
			.nullable()
			.parse(JSON.parse(JSON.stringify(answer))),
	).toEqual(answer);
	return answer;
}

/** Newest first. */
function measurementsOf(answer: ReturnType<typeof told>) {
	return (answer?.memory?.outcomes ?? []).map((json) => {
		const outcome = outcomeFromJson(json);
		if (outcome?.kind !== 'measured') throw new Error(JSON.stringify(json));
		return outcome;
	});
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
	const batch = answer?.memory?.batch;
	const measurements = measurementsOf(answer);
	expect(batch).toMatchObject({ targets: 13, targets_max: 1000, orders: { count: 15 } });
	expect(batch?.orders.ids).toHaveLength(10);
	expect(batch?.same_target).toEqual({ count: 2, ids: ['o0', 'o2'] });
	const times = measurements.map(({ slot }) => slot.startSeconds - startSeconds);
	expect(times).toEqual([120, 110, 100, 90, 80, 70, 60, 50, 40, 30]);
	expect(measurements[0]?.measurement.samples).toEqual(
		[0, 1, 2, 3, 4].map((after) => ({ sentAtSeconds: startSeconds + 120 + after, rttSeconds: 0.01 })),
	);
});

test('slots that failed are counted with the last reason; other orders of the batch are not concerned', async () => {
	add('a');
	add('b');
	probe.script = async (job) =>
		allAnswer(job).set('host-a', { failure: 'no such host', code: 'name_unknown' });
	await clock.pass(25_000);
	expect(told('a')?.memory).toMatchObject({
		slots: { measured: 0, failed: 3 },
		last_failure: { time: startSeconds + 20, code: 'name_unknown', reason: 'no such host' },
		outcomes: [],
	});
	expect(told('b')?.memory).toMatchObject({ slots: { measured: 3, failed: 0 }, last_failure: null });
	expect(scheduler.counters).toMatchObject({ measured: 3, failed: 3 });
});

/** What the probe tells of the target of the order a. */
function withFacts(job: Job, facts: Facts) {
	const results = allAnswer(job);
	const result = results.get('host-a');
	if (result !== undefined && 'samples' in result) results.set('host-a', { ...result, facts });
	return results;
}

test('the last reason of lost pings is told, and outlives slots without loss', async () => {
	add('a');
	add('b');
	probe.script = async (job) => withFacts(job, { loss_reason: 'connection refused (3 of 5)' });
	await clock.pass(5000);
	const first = { time: startSeconds, code: null, reason: 'connection refused (3 of 5)' };
	expect(told('a')?.memory?.last_loss).toEqual(first);
	expect(told('b')?.memory?.last_loss).toBeNull();
	probe.script = async (job) => withFacts(job, {});
	await clock.pass(10_000);
	expect(told('a')?.memory).toMatchObject({ slots: { measured: 2 }, last_loss: first });
});

test('the facts of the last measurement are told as the probe declares them, and counts all together', async () => {
	probe.facts = [
		{ name: 'ttl', kind: 'gauge', help: 'time to live', per: 'measurement' },
		{ name: 'late', kind: 'count', help: 'late answers', per: 'measurement' },
		{ name: 'retries', kind: 'count', help: 'retries', per: 'ping' },
	];
	restart();
	add('a');
	add('b');
	const retries = [0, 1, null, 2, 0];
	probe.script = async (job) => withFacts(job, { ttl: 61, late: 2, retries, undeclared: 1 });
	await clock.pass(5000);
	expect(told('a')?.memory).toMatchObject({
		last_facts: { time: startSeconds, facts: { ttl: 61, late: 2, retries, jitter: 0, mos: 4.409 } },
		fact_sums: { late: 2, retries: 3 },
	});
	expect(told('a')?.memory?.last_facts?.facts).not.toHaveProperty('undeclared');
	expect(told('b')?.memory).toMatchObject({
		last_facts: { facts: { jitter: 0, mos: 4.409 } },
		fact_sums: {},
	});
	probe.script = async (job) => withFacts(job, { late: 3 });
	await clock.pass(10_000);
	expect(told('a')?.memory).toMatchObject({
		last_facts: { time: startSeconds + 10, facts: { late: 3, jitter: 0, mos: 4.409 } },
		fact_sums: { late: 5, retries: 3 },
	});
});

test('slots that were skipped are counted with the reason', async () => {
	add('a');
	await clock.pass(5000);
	clock.stepWall(60_000);
	await clock.pass(10_000);
	expect(told('a')?.memory).toMatchObject({
		slots: { measured: 3, skipped: 5 },
		last_skip: { time: startSeconds + 50, code: 'clock', reason: 'the clock was set ahead by 60 s' },
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
	expect(told('a')?.memory).toMatchObject({ slots: { measured: 0 }, outcomes: [], last_run: null });
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
	const { orders } = ordersAnswer().parse(JSON.parse(pieces.join('')));
	expect(orders).toHaveLength(1202);
	expect(new Map(orders).get('o7')).toEqual([2, 0, 0, 0, 0]);
	expect(orders.at(-1)).toEqual(['"\u2028__proto__', 'rejected']);
});
