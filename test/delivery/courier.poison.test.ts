import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noDrops } from '../../src/delivery/sink-stats.ts';
import type { Delivered } from '../../src/model/sink.ts';
import { SinkBusy, SinkTooLarge } from '../../src/model/sink.ts';
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
import { results, sinkEntry, stepOf } from './support/results.ts';

useCourier();

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
