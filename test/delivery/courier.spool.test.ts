import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SinkBusy } from '../../src/model/sink.ts';
import { mountSmall } from '../store/support/mount.ts';
import {
	accept,
	clock,
	courier,
	dir,
	failure,
	log,
	pass,
	range,
	replaceSink,
	sink,
	start,
	useCourier,
} from './support/courier-rig.ts';
import { results, sinkEntry } from './support/results.ts';
import { gate } from './support/scripted-sink.ts';

const datagrams = sinkEntry({ settings: { datagrams: true } });

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

useCourier();

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
		replaceSink();
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
		replaceSink();
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
		replaceSink();
		start();
		await pass(2000);
		expect(sink.all).toEqual(range(0, 25));
		expect(log.lines.join('\n')).toMatch(
			/error: sink main: .*000000000000\.jsonl cannot be read, and is kept/,
		);
	});
});
