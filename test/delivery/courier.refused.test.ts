import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noDrops } from '../../src/delivery/sink-stats.ts';
import type { Delivered } from '../../src/model/sink.ts';
import { SinkRefusal } from '../../src/model/sink.ts';
import {
	accept,
	courier,
	dir,
	failure,
	log,
	pass,
	range,
	sink,
	start,
	useCourier,
} from './support/courier-rig.ts';
import { result, results, sinkEntry, startSeconds, stepOf } from './support/results.ts';

useCourier();

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
