import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Courier } from '../../src/delivery/courier.ts';
import { noDrops } from '../../src/delivery/sink-stats.ts';
import type { Delivered } from '../../src/model/sink.ts';
import { SinkBusy, SinkRefusal, SinkTooLarge } from '../../src/model/sink.ts';
import type { SinkEntry } from '../../src/model/sink-entry.ts';
import { mountSmall, unmountAll } from '../store/support/mount.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';
import { result, results, sinkEntry, startSeconds, stepOf } from './support/results.ts';
import { gate, ScriptedSink } from './support/scripted-sink.ts';

let dir: string;
let clock: FakeClock;
let log: FakeLog;
let sink: ScriptedSink;
let courier: Courier;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'pingmachine-courier-'));
	clock = new FakeClock(1_795_240_000_000);
	log = new FakeLog();
	sink = new ScriptedSink();
});

afterEach(() => {
	unmountAll();
	rmSync(dir, { recursive: true, force: true });
});

function start(entry: SinkEntry = sinkEntry()): void {
	courier = new Courier({
		facts: new Map(),
		entry,
		sink,
		settings: sink.settings.parse(entry.settings),
		spoolFolder: join(dir, 'spool'),
		version: 'test',
		clock,
		log,
		random: () => 0,
	});
	courier.start();
}

const datagrams = sinkEntry({ settings: { datagrams: true } });

function accept(some: readonly Delivered[]): void {
	for (const one of some) courier.accept(one);
}

/** Lets time pass in small steps, with the ticks that the worker gives. */
async function pass(ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 100) {
		await clock.pass(Math.min(100, ms - passed));
		await new Promise(setImmediate);
		if ((passed + 100) % 500 === 0) courier.tick();
	}
}

/** Closes it; a sink that hangs takes time, which has to pass meanwhile. */
async function close(graceMs = 1000): Promise<void> {
	let isClosed = false;
	const closing = courier.close(graceMs).then(() => {
		isClosed = true;
	});
	while (!isClosed) {
		await clock.pass(100);
		await new Promise(setImmediate);
	}
	await closing;
}

const range = (first: number, end: number) =>
	Array.from({ length: end - first }, (_, index) => first + index);
const failure = (message = 'connection refused') => Promise.reject(new Error(message));

describe('batches', () => {
	it('go when they are full, or when the first has waited long enough', async () => {
		start();
		accept(results(25));
		await pass(100);
		expect(sink.taken).toEqual([range(0, 10), range(10, 20)]);
		await pass(800);
		expect(sink.taken).toHaveLength(2);
		await pass(200);
		expect(sink.taken[2]).toEqual(range(20, 25));
		expect(courier.stats()).toMatchObject({
			state: 'working',
			queued: 0,
			sent: 25,
			failed: 0,
			retried: 0,
			lagSeconds: 0,
			dropped: noDrops(),
		});
		expect(sink.opened).toBe(1);
	});

	it('hold only so much text that it fits into memory', async () => {
		start();
		// Each makes three lines.
		accept(range(0, 20).map((step) => result('a', step, { tags: { fat: 'x'.repeat(600_000) } })));
		await pass(5000);
		expect(sink.taken.flat()).toEqual(range(0, 20));
		expect(Math.max(...sink.taken.map((batch) => batch.length))).toBe(2);
	});

	it('are written one at a time, in the order in which they were measured', async () => {
		const slow = gate();
		sink.writing = () => slow.opened;
		start();
		accept(results(30));
		await pass(500);
		expect(sink.tried).toHaveLength(1);
		slow.open();
		await pass(100);
		expect(sink.all).toEqual(range(0, 30));
	});

	it('are not held back by a clock that is set', async () => {
		start();
		accept(results(1));
		await pass(100);
		clock.stepWall(-3600_000);
		await pass(1000);
		expect(sink.all).toEqual([0]);
		accept(results(1, 'a', 1));
		clock.stepWall(3600_000);
		await pass(1000);
		expect(sink.all).toEqual([0, 1]);
	});

	it('wait in memory only while all is well: nothing is written to disk', async () => {
		start();
		accept(results(5));
		await pass(900);
		expect(courier.stats()).toMatchObject({ queued: 5, spooled: 0, spooledBytes: 0 });
		expect(courier.stats().lagSeconds).toBeCloseTo(0.9);
	});
});

describe('a sink that fails', () => {
	it('is tried again after 1 s, 2 s, 4 s and so on, at most 30 s, and then has everything once', async () => {
		const tries: number[] = [];
		sink.opening = () => {
			tries.push(clock.monotonicMs());
			return failure();
		};
		start();
		await pass(200_000);
		const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
		expect(waits.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
		accept(results(25));
		sink.opening = async () => {};
		await pass(31_000);
		expect(sink.all).toEqual(range(0, 25));
		expect(courier.stats()).toMatchObject({ state: 'working', queued: 0, spooled: 0, retried: 0 });
	});

	it('is told once when it begins to fail, and once when it works again', async () => {
		sink.opening = () => failure();
		start(sinkEntry({ settings: { to: 'there' } }));
		accept(results(15));
		await pass(61_000);
		expect(courier.stats()).toMatchObject({ state: 'failing', lastError: 'connection refused', failed: 7 });
		sink.opening = async () => {};
		await pass(30_000);
		expect(log.lines).toEqual([
			'warn: sink main: cannot reach test://there: connection refused; trying again',
			expect.stringMatching(/^info: sink main: working again after \d+ s, 15 results waited$/),
		]);
	});

	it('keeps what waits on disk, also for the next run, which sends it first', async () => {
		sink.opening = () => failure();
		start();
		accept(results(25));
		await pass(1600);
		expect(courier.stats()).toMatchObject({ queued: 25, spooled: 25 });
		// The end of that run, without a word.
		sink = new ScriptedSink();
		start();
		accept(results(5, 'a', 25));
		await pass(2000);
		expect(sink.all).toEqual(range(0, 30));
		expect(courier.stats()).toMatchObject({ queued: 0, spooledBytes: 0 });
		expect(log.lines).toContain('info: sink main: 25 results of before are waiting in the spool');
	});

	it('loses nothing of its spool to a clock that is ahead for a while, and what is too old in the end', async () => {
		sink.opening = () => failure();
		start(sinkEntry({ limits: { spoolMaxAgeMs: 7200_000 } }));
		accept(results(25));
		await pass(1600);
		clock.stepWall(10 * 365 * 86_400_000);
		await pass(15_000);
		clock.stepWall(-10 * 365 * 86_400_000);
		await pass(15_000);
		expect(courier.stats()).toMatchObject({ spooled: 25, dropped: noDrops() });
		for (let hours = 0; hours < 3; hours++) {
			await clock.pass(3600_000);
			courier.tick();
		}
		expect(courier.stats()).toMatchObject({ spooled: 0, dropped: { tooOld: 25 } });
	});

	it('in the middle of a batch gets that batch once more, and no other', async () => {
		let writes = 0;
		sink.writing = () => (++writes === 2 ? failure('connection reset') : Promise.resolve());
		start();
		accept(results(30));
		await pass(5000);
		expect(sink.tried).toEqual([range(0, 10), range(10, 20), range(10, 20), range(20, 30)]);
		expect(sink.all).toEqual(range(0, 30));
		expect(courier.stats()).toMatchObject({ sent: 30, failed: 1, retried: 10 });
		expect([sink.opened, sink.closed]).toEqual([2, 1]);
	});

	it('that hangs is given up after its time, whatever it does with the signal, and what came late is closed', async () => {
		const late = gate();
		sink.writing = () => new Promise(() => {});
		start();
		accept(results(10));
		await pass(10_100);
		expect(courier.stats()).toMatchObject({ state: 'failing', lastError: 'no answer within 10 s' });
		sink.writing = async () => {};
		sink.opening = () => late.opened;
		await pass(13_000);
		sink.opening = async () => {};
		late.open();
		await pass(5000);
		expect(sink.all).toEqual(range(0, 10));
		expect(sink.opened - sink.closed).toBe(1);
	});

	it('can be opened but not written to: that it opens does not make it work', async () => {
		sink.writing = () => failure('broken pipe');
		start();
		accept(results(3));
		await pass(20_000);
		expect(courier.stats()).toMatchObject({ state: 'failing', sent: 0 });
		expect(log.lines).toEqual([
			'info: sink main: sends to test://here',
			'warn: sink main: cannot send to test://here: broken pipe; trying again',
		]);
		expect(sink.tried.length).toBeLessThan(7);
	});

	it('that says when to come back is left alone so long', async () => {
		const tries: number[] = [];
		sink.writing = async () => {
			tries.push(clock.monotonicMs());
			if (tries.length < 3) throw new SinkBusy('429 too many requests', 20_000);
		};
		start();
		accept(results(10));
		await pass(60_000);
		const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
		expect(waits.map((ms) => Math.floor(ms / 1000))).toEqual([20, 20]);
		expect(sink.all).toEqual(range(0, 10));
	});

	it('that throws at once, or what is no error, is a failure like any other', async () => {
		let writes = 0;
		sink.writing = () => {
			if (++writes === 1) throw new TypeError('undefined is not a function');
			if (writes === 2) return Promise.reject('just text');
			return Promise.resolve();
		};
		start();
		accept(results(10));
		await pass(10_000);
		expect(sink.all).toEqual(range(0, 10));
		expect(courier.stats()).toMatchObject({ failed: 2, lastError: 'just text' });
	});

	it('never has its password told', async () => {
		sink.opening = () => failure('401 for user:hunter2, token hunter2');
		start(sinkEntry({ settings: { password: 'hunter2' } }));
		accept(results(1));
		await pass(2000);
		expect(JSON.stringify([log.lines, courier.stats()])).not.toContain('hunter2');
		expect(log.lines[0]).toContain('cannot reach test://user:***@here: 401 for user:***, token ***');
	});
});

describe('what is refused', () => {
	const refuse = (bad: (step: number) => boolean) => async (batch: readonly Delivered[]) => {
		if (batch.some((one) => bad(stepOf(one)))) throw new SinkRefusal('400 bad field');
	};

	it('is found by halves and dropped; all else arrives, once', async () => {
		sink.writing = refuse((step) => step === 3 || step === 12);
		start(sinkEntry({ limits: { batchMax: 20 } }));
		accept(results(40));
		await pass(2000);
		expect(sink.all).toEqual(range(0, 40).filter((step) => step !== 3 && step !== 12));
		const { sent, failed, dropped, lastError } = courier.stats();
		expect({ sent, failed, dropped, lastError }).toEqual({
			sent: 38,
			failed: 0,
			dropped: { ...noDrops(), refused: 2 },
			lastError: '400 bad field',
		});
		expect(log.lines.filter((line) => line.includes('refuses'))).toEqual([
			expect.stringMatching(
				/^warn: sink main: test:\/\/here refuses the result a of 2026-\S+Z, which is set aside: 400 bad field$/,
			),
		]);
	});

	it('is only counted by a sink that has taken the rest: nothing is sent again', async () => {
		sink.writing = async (batch) => {
			const bad = batch.filter((one) => stepOf(one) < 15).length;
			if (bad > 0) throw new SinkRefusal(`partial write, dropped=${bad}`, bad);
		};
		start();
		accept(results(30));
		await pass(2000);
		expect(sink.tried).toEqual([range(0, 10), range(10, 20), range(20, 30)]);
		expect(courier.stats()).toMatchObject({
			state: 'working',
			queued: 0,
			sent: 15,
			failed: 0,
			dropped: { ...noDrops(), refused: 15 },
			lastError: 'partial write, dropped=5',
		});
		expect(log.lines.filter((line) => line.includes('refuses'))).toEqual([
			'warn: sink main: test://here refuses 10 of 10 results, which are dropped: partial write, dropped=10',
		]);
	});

	it('is everything: then the sink fails and most is kept', async () => {
		sink.writing = refuse(() => true);
		start(sinkEntry({ limits: { batchMax: 100 } }));
		accept(results(100));
		await pass(900);
		expect(courier.stats()).toMatchObject({ state: 'failing', queued: 90, dropped: { refused: 10 } });
		sink.writing = async () => {};
		await pass(2000);
		expect(sink.all).toEqual(range(10, 100));
	});

	it.each([
		['in memory', true],
		['in the spool', false],
	])(
		'is many batches of one user, %s: the others’ good ones after them are sent at once',
		async (_where, isUp) => {
			sink.writing = refuse((step) => step < 300);
			if (!isUp) sink.opening = () => failure();
			start(sinkEntry({ limits: { batchMax: 100 } }));
			accept(results(500));
			await pass(600);
			expect(courier.stats().spooled).toBe(isUp ? 0 : 500);
			sink.opening = async () => {};
			await pass(1000);
			expect(new Set(sink.all)).toEqual(new Set(range(300, 500)));
			// For each batch the newest was tried once more, to see whether all are refused.
			expect(sink.all.filter((step) => step !== 499)).toEqual(range(300, 499));
			expect(sink.all).toHaveLength(203);
			expect(courier.stats()).toMatchObject({
				state: 'working',
				queued: 0,
				sent: 200,
				failed: isUp ? 0 : 1,
				dropped: { ...noDrops(), refused: 300 },
			});
		},
	);

	it('is all of one user, next to others’ good ones: those are found, wherever they stand', async () => {
		const bad = ({ order }: Delivered) => order.user === 'you';
		sink.writing = async (batch) => {
			if (batch.some(bad)) throw new SinkRefusal('400 bad tag');
		};
		start(sinkEntry({ limits: { batchMax: 40 } }));
		accept(Array.from({ length: 40 }, (_, step) => result('a', step, { user: step === 14 ? 'me' : 'you' })));
		await pass(900);
		expect(new Set(sink.all)).toEqual(new Set([14]));
		expect(courier.stats()).toMatchObject({ failed: 0, sent: 1, queued: 0, dropped: { refused: 39 } });
	});

	it('by a sink that fails when a sample is tried is kept, as any failure would', async () => {
		sink.writing = async (batch) => {
			if (batch.some((one) => stepOf(one) < 20)) throw new SinkRefusal('400 bad field');
			throw new Error('connection reset');
		};
		start(sinkEntry({ limits: { batchMax: 100 } }));
		accept(results(100));
		await pass(900);
		expect(courier.stats()).toMatchObject({
			state: 'failing',
			queued: 90,
			dropped: { ...noDrops(), refused: 10 },
			lastError: 'connection reset',
		});
	});

	it('in a batch that is cut short by a failure is not tried again from the beginning', async () => {
		let writes = 0;
		sink.writing = async (batch) => {
			if (++writes === 3) throw new Error('connection reset');
			if (writes < 3) await refuse((step) => step === 7)(batch);
		};
		start();
		accept(results(10));
		await pass(3000);
		expect(sink.tried).toEqual([range(0, 10), range(0, 5), range(5, 10), range(5, 10)]);
		expect(sink.all).toEqual(range(0, 10));
	});
});

describe('verdicts', () => {
	/** What it says of each when it has none to say. */
	const taken = 'taken' as const;
	const refusedFile = () => readFileSync(join(dir, 'spool/main/refused.jsonl'), 'utf8').trimEnd().split('\n');

	it('of each: what is refused is set aside with its reason, what is wanted again is written again, nothing else', async () => {
		const asked = new Set<number>();
		sink.judging = (step) => {
			if (step === 4) return { refused: 'no such field' };
			if (step % 3 === 0 && !asked.has(step)) {
				asked.add(step);
				return { again: 'the queue is full' };
			}
			return taken;
		};
		start();
		accept(results(20));
		await pass(2000);
		expect([...sink.all].sort((a, b) => a - b)).toEqual(range(0, 20).filter((step) => step !== 4));
		expect(sink.tried[1]?.slice(0, 5)).toEqual([0, 3, 6, 9, 10]);
		expect(courier.stats()).toMatchObject({ queued: 0, sent: 19, failed: 0, dropped: { refused: 1 } });
		const [line = '', ...others] = refusedFile();
		expect(others).toEqual([]);
		expect(JSON.parse(line)).toMatchObject({
			reason: 'no such field',
			outcome: { order: { id: 'a' }, slot: startSeconds + 40 },
		});
	});

	it('that leave some for later: those are next, however often', async () => {
		sink.judging = (_step, index) => (index < 2 ? taken : 'later');
		start(sinkEntry({ limits: { batchMax: 100 } }));
		accept(results(60));
		await pass(2000);
		expect(sink.all).toEqual(range(0, 60));
		expect(courier.stats()).toMatchObject({ queued: 0, sent: 60, failed: 0, dropped: noDrops() });
	});

	it('that want one again and again, while others are taken: it is set aside, and blocks nobody', async () => {
		sink.judging = (step) => (step === 2 ? { again: 'shard 7 is away' } : taken);
		start();
		for (let step = 0; step < 400; step += 5) {
			accept(results(5, 'a', step));
			await pass(1000);
		}
		expect(new Set(sink.all)).toEqual(new Set(range(0, 400).filter((step) => step !== 2)));
		// But for samples, nothing is written twice.
		expect(sink.all.length).toBeLessThan(404);
		expect(courier.stats()).toMatchObject({ queued: 0, sent: 399, dropped: { ...noDrops(), refused: 1 } });
		expect(refusedFile().join()).toContain('shard 7 is away');
	});

	it('that want one again, while others are taken with it each time: ten tries are enough', async () => {
		sink.judging = (step) => (step === 2 ? { again: 'shard 7 is away' } : taken);
		start();
		accept(results(1000));
		await pass(2000);
		expect(sink.all).toEqual(range(0, 1000).filter((step) => step !== 2));
		expect(courier.stats()).toMatchObject({ queued: 0, sent: 999, dropped: { ...noDrops(), refused: 1 } });
		expect(refusedFile().join()).toContain('not taken in 10 tries, while others were: shard 7 is away');
	});

	it('that want all again: the sink is busy, and nothing is set aside however long it takes', async () => {
		sink.judging = () => ({ again: 'the queue is full' });
		start();
		accept(results(10));
		await pass(600_000);
		expect(courier.stats()).toMatchObject({ state: 'failing', queued: 10, lastError: 'the queue is full' });
		sink.judging = () => taken;
		await pass(61_000);
		expect(sink.all).toEqual(range(0, 10));
	});

	it('that refuse all, and samples too: then it fails, and all is kept', async () => {
		sink.judging = () => ({ refused: 'no mapping' });
		start(sinkEntry({ limits: { batchMax: 100 } }));
		accept(results(100));
		await pass(1000);
		expect(courier.stats()).toMatchObject({ state: 'failing', queued: 100, dropped: noDrops() });
		sink.judging = () => taken;
		await pass(5000);
		expect(sink.all).toEqual(range(0, 100));
	});

	it('of which the spool loses some meanwhile: those count once', async () => {
		sink.judging = (step) => (step === 0 ? { again: 'not now' } : taken);
		start(sinkEntry({ limits: { spoolMaxBytes: 20_000 } }));
		for (let step = 0; step < 300; step += 50) {
			accept(results(50, 'a', step));
			await pass(100);
		}
		await pass(120_000);
		const { sent, queued, dropped } = courier.stats();
		expect(sent + queued + dropped.refused + dropped.spoolFull).toBe(300);
	});
});

describe('a result at which the other end fails', () => {
	const failsAt = (bad: (step: number) => boolean) => async (batch: readonly Delivered[]) => {
		if (batch.some((one) => bad(stepOf(one)))) throw new Error('it closed the connection');
	};

	it('is found after some tries and set aside; what stands before and behind it arrives', async () => {
		sink.writing = failsAt((step) => step === 13 || step === 57);
		start(sinkEntry({ limits: { batchMax: 50 } }));
		accept(results(120));
		await pass(300_000);
		expect(new Set(sink.all)).toEqual(new Set(range(0, 120).filter((step) => step !== 13 && step !== 57)));
		// One sample is written once more for each.
		expect(sink.all.length).toBeLessThan(130);
		expect(courier.stats()).toMatchObject({
			state: 'working',
			queued: 0,
			sent: 118,
			dropped: { refused: 2 },
		});
		expect(log.lines.join('\n')).toMatch(
			/refuses the result a of \S+, which is set aside: it fails whenever it is written, and others do not: it closed the connection/,
		);
		expect(readFileSync(join(dir, 'spool/main/refused.jsonl'), 'utf8').split('\n')).toHaveLength(3);
	});

	it('is found though nothing else waits but what comes after it', async () => {
		sink.writing = failsAt((step) => step === 0);
		start(sinkEntry({ limits: { batchMax: 1 } }));
		accept(results(1));
		await pass(120_000);
		// Nobody can tell whether it or the sink is at fault.
		expect(courier.stats()).toMatchObject({ state: 'failing', queued: 1 });
		accept(results(5, 'a', 1));
		await pass(120_000);
		expect(new Set(sink.all)).toEqual(new Set(range(1, 6)));
		expect(courier.stats()).toMatchObject({ state: 'working', queued: 0, dropped: { refused: 1 } });
	});

	it('is not looked for while the sink is away: nothing is set aside, and all arrives in its order', async () => {
		sink.writing = () => failure('connection refused');
		start();
		accept(results(100));
		await pass(600_000);
		expect(courier.stats()).toMatchObject({ queued: 100, dropped: noDrops() });
		sink.writing = async () => {};
		await pass(61_000);
		expect(sink.all).toEqual(range(0, 100));
	});
});

describe('a receiver that takes small parts only', () => {
	it('gets such parts, and is not starved by longer and longer pauses', async () => {
		// As Telegraf's influxdb_v2_listener: 413 for too much at a time, 429 until it has passed on what it took.
		let room = 30;
		sink.writing = async (batch) => {
			if (batch.length > 30) throw new SinkTooLarge('HTTP 413');
			if (batch.length > room) throw new SinkBusy('HTTP 429', null);
			room -= batch.length;
		};
		start(sinkEntry({ limits: { batchMax: 1000 } }));
		accept(results(1000));
		for (let second = 0; second < 100; second++) {
			room = 30;
			await pass(1000);
		}
		expect(sink.all).toEqual(range(0, 1000));
		const tooLarge = sink.tried.filter(({ length }) => length > 30);
		expect(tooLarge.length).toBeLessThan(12);
		expect(courier.stats()).toMatchObject({ state: 'working', queued: 0, sent: 1000 });
		expect(log.lines.filter((line) => line.includes('warn'))).toEqual([]);
	});

	it('and does so no longer gets large ones again', async () => {
		let max = 10;
		sink.writing = async (batch) => {
			if (batch.length > max) throw new SinkTooLarge('HTTP 413');
		};
		start(sinkEntry({ limits: { batchMax: 100, batchWaitMs: 0 } }));
		accept(results(300));
		await pass(1000);
		max = 1000;
		for (let step = 300; step < 4000; step += 100) {
			accept(results(100, 'a', step));
			await pass(100);
		}
		expect(sink.all).toEqual(range(0, 4000));
		expect(sink.tried.at(-1)?.length).toBe(100);
	});

	it('refuses one that is too large alone', async () => {
		sink.writing = async (batch) => {
			if (batch.some((one) => stepOf(one) === 3)) throw new SinkTooLarge('HTTP 413');
		};
		start();
		accept(results(10));
		await pass(2000);
		expect(new Set(sink.all)).toEqual(new Set(range(0, 10).filter((step) => step !== 3)));
		expect(courier.stats()).toMatchObject({ dropped: { refused: 1 }, queued: 0 });
	});
});

describe('datagrams', () => {
	it('are tried once and never kept on disk', async () => {
		let writes = 0;
		sink.writing = () => (++writes === 1 ? failure('message too long') : Promise.resolve());
		start(datagrams);
		accept(results(20));
		await pass(5000);
		expect(sink.tried).toEqual([range(0, 10), range(10, 20)]);
		expect(courier.stats()).toMatchObject({
			confirms: false,
			sent: 10,
			dropped: { unsent: 10 },
			spooledBytes: 0,
		});
	});

	it('wait in memory while there is nowhere to send them, the newest when there is no room', async () => {
		sink.opening = () => failure('name not known: telegraf.example');
		start(sinkEntry({ settings: { datagrams: true }, limits: { queueMax: 30 } }));
		accept(results(100));
		await pass(2000);
		expect(courier.stats()).toMatchObject({
			state: 'failing',
			queued: 30,
			spooled: 0,
			dropped: { queueFull: 70 },
		});
		sink.opening = async () => {};
		await pass(5000);
		expect(sink.all).toEqual(range(70, 100));
	});

	it('are kept when the sink is only busy', async () => {
		let writes = 0;
		sink.writing = async () => {
			if (++writes === 1) throw new SinkBusy('the socket buffer is full', 100);
		};
		start(datagrams);
		accept(results(10));
		await pass(2000);
		expect(sink.all).toEqual(range(0, 10));
	});

	it('that are left at the end are counted and told', async () => {
		sink.writing = () => new Promise(() => {});
		start(datagrams);
		accept(results(15));
		await pass(100);
		await close();
		expect(courier.stats()).toMatchObject({ queued: 0, dropped: { unsent: 15 } });
		expect(log.lines).toContain('warn: sink main: 15 results were not sent any more');
	});
});

describe('closing', () => {
	it('sends what waits at once when all is well', async () => {
		start();
		accept(results(15));
		await pass(100);
		expect(sink.all).toHaveLength(10);
		await close();
		expect(sink.all).toEqual(range(0, 15));
		expect(sink.closed).toBe(1);
		expect(courier.stats()).toMatchObject({ queued: 0, spooledBytes: 0 });
	});

	it('lets a batch that is on its way arrive, so that it is not sent twice', async () => {
		const slow = gate();
		sink.writing = () => slow.opened;
		start();
		accept(results(10));
		await pass(100);
		const closing = courier.close(1000);
		await clock.pass(500);
		slow.open();
		await closing;
		sink = new ScriptedSink();
		start();
		await pass(3000);
		expect(sink.tried).toEqual([]);
	});

	it('keeps what a sink that hangs has not confirmed, and is over in time', async () => {
		sink.writing = () => new Promise(() => {});
		start();
		accept(results(15));
		await pass(100);
		const begunMs = clock.monotonicMs();
		await close(1000);
		expect(clock.monotonicMs() - begunMs).toBeLessThanOrEqual(1200);
		expect(courier.stats()).toMatchObject({ queued: 15, spooled: 15 });
		sink = new ScriptedSink();
		start();
		await pass(3000);
		expect(sink.all).toEqual(range(0, 15));
	});

	it('wastes no time on a sink that fails', async () => {
		sink.opening = () => failure();
		start();
		accept(results(15));
		await pass(500);
		const begunMs = clock.monotonicMs();
		await close(1000);
		expect(clock.monotonicMs() - begunMs).toBeLessThanOrEqual(100);
		expect(courier.stats()).toMatchObject({ spooled: 15 });
	});
});

describe('the spool', () => {
	it('takes what was not confirmed a second after its batch was due', async () => {
		sink.writing = () => new Promise(() => {});
		start();
		accept(results(3));
		await pass(2000);
		expect(courier.stats().spooled).toBe(0);
		await pass(500);
		expect(courier.stats()).toMatchObject({ queued: 3, spooled: 3, state: 'working' });
	});

	it('is left empty when a slow write succeeds after all, and nothing is sent twice', async () => {
		const slow = gate();
		sink.writing = () => slow.opened;
		start();
		accept(results(15));
		await pass(5000);
		expect(courier.stats()).toMatchObject({ queued: 15, spooled: 15, sent: 0 });
		slow.open();
		await pass(1500);
		expect(sink.tried).toEqual([range(0, 10), range(10, 15)]);
		expect(courier.stats()).toMatchObject({ queued: 0, spooledBytes: 0, sent: 15, retried: 0 });
	});

	it('that drops what is on its way does not count it as sent too', async () => {
		const slow = gate();
		sink.writing = () => slow.opened;
		start(sinkEntry({ limits: { spoolMaxBytes: 20_000 } }));
		for (let step = 0; step < 300; step += 50) {
			accept(results(50, 'a', step));
			await pass(1000);
		}
		slow.open();
		await pass(1500);
		const { sent, queued, dropped } = courier.stats();
		expect(queued).toBe(0);
		expect(dropped.spoolFull).toBeGreaterThan(100);
		expect(sent + dropped.spoolFull).toBe(300);
	});

	it('gives the newest their turn after the oldest, all in their order, while an outage is made up for', async () => {
		let isDown = true;
		sink.writing = async () => {
			if (isDown) throw new Error('down');
			await new Promise<void>((resolve) => clock.after(50, resolve));
		};
		start();
		for (let step = 0; step < 200; step += 5) {
			accept(results(5, 'a', step));
			await pass(500);
			if (step === 100) isDown = false;
		}
		await pass(60_000);
		expect(sink.all).toEqual(range(0, 200));
		expect(courier.stats()).toMatchObject({ queued: 0, spooledBytes: 0, lagSeconds: 0 });
	});

	it('leaves what it cannot hold to the memory, which is bounded, and what is dropped is counted', async () => {
		mountSmall(join(dir, 'spool'), 64);
		sink.opening = () => failure();
		start(sinkEntry({ limits: { queueMax: 200 } }));
		for (let step = 0; step < 2000; step += 50) {
			accept(results(50, 'a', step));
			await pass(500);
		}
		const { spooled, queued, dropped } = courier.stats();
		expect(spooled).toBeGreaterThan(0);
		expect(queued - spooled).toBe(200);
		expect(dropped.queueFull).toBe(2000 - queued);
		expect(log.lines.filter((line) => line.includes('no space left'))).toHaveLength(1);
		expect(log.lines.filter((line) => line.includes('the queue is full'))).toHaveLength(1);
		sink.opening = async () => {};
		await pass(90_000);
		expect(sink.all).toEqual([...range(0, spooled), ...range(1800, 2000)]);
	});

	it('that takes only a part of what is on its way: nothing is lost and counted as sent too', async () => {
		mountSmall(join(dir, 'spool'), 32);
		const slow = gate();
		sink.writing = () => slow.opened;
		start(sinkEntry({ limits: { queueMax: 400, batchMax: 400 } }));
		accept(results(400));
		await pass(5000);
		const { spooled } = courier.stats();
		expect(spooled).toBeGreaterThan(0);
		expect(spooled).toBeLessThan(400);
		// The queue overflows with results that are on their way, as the disk has no room.
		accept(results(600, 'a', 400));
		await pass(100);
		slow.open();
		await pass(90_000);
		const { sent, queued, dropped } = courier.stats();
		expect(queued).toBe(0);
		expect(sent + dropped.queueFull).toBe(1000);
		const arrived = new Set(sink.all);
		expect(arrived.size).toBe(sink.all.length);
		// Those that the sink had been given arrived; of the others the newest.
		expect(sink.all).toEqual([...range(0, 400), ...range(1000 - 400, 1000)]);
	});

	it('with a poisoned file sends all others', async () => {
		sink.opening = () => failure();
		start();
		accept(results(25));
		await pass(1000);
		writeFileSync(join(dir, 'spool/main/000000000000.jsonl'), Buffer.alloc(100));
		sink = new ScriptedSink();
		start();
		await pass(2000);
		expect(sink.all).toEqual(range(0, 25));
		expect(log.lines.join('\n')).toMatch(
			/error: sink main: .*000000000000\.jsonl cannot be read, and is kept/,
		);
	});
});
