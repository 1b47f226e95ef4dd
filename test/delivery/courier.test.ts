import { describe, expect, it } from 'vitest';
import { noDrops } from '../../src/delivery/sink-stats.ts';
import { SinkBusy } from '../../src/model/sink.ts';
import {
	accept,
	clock,
	courier,
	failure,
	log,
	pass,
	range,
	replaceSink,
	sink,
	start,
	useCourier,
} from './support/courier-rig.ts';
import { result, results, sinkEntry } from './support/results.ts';
import { gate } from './support/scripted-sink.ts';

useCourier();

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
		replaceSink();
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
