/** The facade and its worker thread: needs the compiled product, which `npm test` builds first. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Delivery, DeliveryOptions } from '../../src/delivery/delivery-parts.ts';
import { noDrops, type SinkStats } from '../../src/delivery/sink-stats.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Order } from '../../src/model/order.ts';
import { identityOf, measured } from '../../src/model/outcome.ts';
import type { SinkEntry } from '../../src/model/sink-entry.ts';
import { compileModule } from '../support/compiled-module.ts';
import { FakeLog } from '../support/fake-log.ts';
import { LineServer } from './support/line-server.ts';
import { fullOrder, sinkEntry, startSeconds } from './support/results.ts';

const compiled = new URL('../../dist/src/delivery/delivery.js', import.meta.url).href;
const { openDelivery } = (await import(compiled)) as typeof import('../../src/delivery/delivery.ts');

let sinks: ReturnType<typeof compileModule>;
let dir: string;
let log: FakeLog;
let server: LineServer;
let delivery: Delivery;

beforeAll(() => {
	sinks = compileModule('test/delivery/support/test-sinks.ts');
});

afterAll(() => sinks.remove());

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'pingmachine-delivery-'));
	log = new FakeLog();
	server = new LineServer();
	await server.start();
});

afterEach(async () => {
	await delivery.close(500);
	await server.stop();
	rmSync(dir, { recursive: true, force: true });
});

function open(entries: readonly SinkEntry[], options: Partial<DeliveryOptions> = {}): void {
	const sinkModule = pathToFileURL(sinks.module);
	delivery = openDelivery({
		baseDir: dir,
		sinkModule,
		entries,
		version: 'test',
		clock: systemClock,
		log,
		...options,
	});
}

const quick = { batchWaitMs: 50 };

function lines(changes: Parameters<typeof sinkEntry>[0] = {}): SinkEntry {
	const limits = { ...quick, ...changes.limits };
	return sinkEntry({ type: 'lines', settings: { port: server.port }, ...changes, limits });
}

/** Leaves those to `odd` that are for it. */
const linesOfA = () => lines({ filter: { ids: ['a'] } });
const odd = (how: string) => sinkEntry({ name: 'odd', type: 'odd', settings: { how }, limits: quick });

function deliver(order: Order, first: number, count = 1): void {
	const outcomes = Array.from({ length: count }, (_, index) => {
		const slot = { startSeconds: startSeconds + first + index, stepSeconds: 1 };
		return measured(identityOf(order), slot, order.pings, [
			{ sentAtSeconds: slot.startSeconds, rttSeconds: 0.01 },
		]);
	});
	delivery.take([{ about: 'outcomes', outcomes }]);
}

const line = (id: string, second: number, tags = '{}') => `${id} ${startSeconds + second} ${tags}`;
const manyLines = (count: number) => Array.from({ length: count }, (_, second) => line('a', second));

function statsOf(name = 'main'): SinkStats | undefined {
	return delivery.stats().find((stats) => stats.name === name);
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 20 });

it('everything arrives in its order, with the tags that the order had when it was measured', async () => {
	open([lines()]);
	const before = fullOrder('a', { tags: { site: 'x' } });
	const after = fullOrder('a', { tags: { site: 'y' } });
	deliver(before, 0);
	deliver(before, 1);
	deliver(after, 2);
	deliver(fullOrder('b'), 3);
	await eventually(() =>
		expect(server.lines).toEqual([
			line('a', 0, '{"site":"x"}'),
			line('a', 1, '{"site":"x"}'),
			line('a', 2, '{"site":"y"}'),
			line('b', 3),
		]),
	);
	await eventually(() => expect(statsOf()).toMatchObject({ state: 'working', sent: 4, queued: 0 }));
	expect(log.lines).toEqual([`info: sink main: sends to tcp://127.0.0.1:${server.port}`]);
});

it('an order that no sink takes is handed on as soon as one does', async () => {
	open([lines({ filter: { ids: ['b'] } })]);
	const [a, b] = [fullOrder('a'), fullOrder('b')];
	deliver(a, 0);
	deliver(b, 0);
	await eventually(() => expect(server.lines).toEqual([line('b', 0)]));
	deliver(a, 1);
	delivery.configure([lines({ filter: { ids: ['a'] } })]);
	deliver(a, 2);
	deliver(b, 2);
	await eventually(() => expect(server.lines).toEqual([line('b', 0), line('a', 2)]));
});

it('sinks can be added when there was none, and taken away', async () => {
	open([]);
	deliver(fullOrder('a'), 0);
	delivery.configure([lines()]);
	deliver(fullOrder('a'), 1);
	await eventually(() => expect(server.lines).toEqual([line('a', 1)]));
	delivery.configure([]);
	deliver(fullOrder('a'), 2);
	expect(delivery.stats()).toEqual([]);
	await eventually(() => expect(log.lines).toContain('info: sink main: closed'));
	expect(server.lines).toEqual([line('a', 1)]);
});

it('a port that is closed at first gets everything when it opens', async () => {
	await server.stop();
	open([lines()]);
	deliver(fullOrder('a'), 0, 25);
	await eventually(() => expect(statsOf()).toMatchObject({ state: 'failing', spooled: 25 }));
	expect(statsOf()?.lastError).toMatch(/ECONNREFUSED/);
	await server.start();
	await eventually(() => expect(server.lines).toEqual(manyLines(25)));
	await eventually(() => expect(statsOf()).toMatchObject({ state: 'working', queued: 0, spooledBytes: 0 }));
});

it('a peer that accepts and never reads stops nobody else, and closing is over in time', async () => {
	const deaf = new LineServer();
	deaf.isDeaf = true;
	await deaf.start();
	try {
		const limits = { ...quick, batchMax: 20_000, queueMax: 100_000, timeoutMs: 1000 };
		open([sinkEntry({ name: 'deaf', type: 'lines', settings: { port: deaf.port }, limits }), lines()]);
		const order = fullOrder('a', { tags: { long: 'x'.repeat(500) } });
		for (let first = 0; first < 20_000; first += 1000) deliver(order, first, 1000);
		await eventually(() => expect(server.lines.length).toBe(20_000));
		await eventually(() => expect(statsOf('deaf')).toMatchObject({ state: 'failing', spooled: 20_000 }));
		// It would wait for ever.
		await delivery.close(3000);
		expect(readdirSync(join(dir, 'spool'))).toEqual(['deaf']);
	} finally {
		await deaf.stop();
	}
});

it('a restart in the middle of a batch sends that batch, once', async () => {
	server.answer = () => 'nothing';
	open([lines()]);
	deliver(fullOrder('a'), 0, 10);
	await eventually(() => expect(server.received).toHaveLength(1));
	await delivery.close(2000);
	server.answer = () => 'ok';
	open([lines()]);
	deliver(fullOrder('a'), 10, 5);
	await eventually(() => expect(server.lines).toEqual(manyLines(15)));
	expect(server.received).toHaveLength(3);
});

it('a thread that ends is started again, and the counters go on', async () => {
	open([linesOfA(), odd('exit')]);
	deliver(fullOrder('a'), 0, 3);
	await eventually(() => expect(statsOf()).toMatchObject({ sent: 3 }));
	deliver(fullOrder('odd/a'), 3);
	await eventually(() =>
		expect(log.lines.join('\n')).toMatch(/the thread of the sinks ended; starting another in/),
	);
	expect(statsOf()).toMatchObject({ state: 'failing', lastError: 'the thread of the sinks ended' });
	// Nobody is there to take these.
	deliver(fullOrder('a'), 4, 2);
	await eventually(() => expect(server.lines).toContain(line('a', 5)));
	expect(server.lines).toContain(line('a', 4));
	await eventually(() => expect(statsOf()).toMatchObject({ state: 'working', dropped: noDrops() }));
	expect(statsOf()?.sent).toBeGreaterThanOrEqual(5);
});

it('a thread that hangs is ended and started again; until then its results wait', async () => {
	open([linesOfA(), odd('spin')], { hungMs: 2000 });
	deliver(fullOrder('odd/a'), 0);
	await eventually(() => expect(log.lines.join('\n')).toMatch(/silent for \d s: it is ended/));
	deliver(fullOrder('a'), 1);
	await eventually(() => expect(server.lines).toEqual([line('a', 1)]));
});

it('a thread that waits for the disk is not ended, and nothing is lost', async () => {
	const { port } = server;
	await server.stop();
	open([lines({ filter: { ids: ['a'] }, settings: { port } }), odd('hang disk')], { hungMs: 500 });
	deliver(fullOrder('odd/a'), 0);
	await eventually(() => expect(statsOf('odd')?.sent).toBe(1));
	deliver(fullOrder('a'), 0);
	let count = 1;
	await eventually(() => {
		deliver(fullOrder('a'), count++);
		expect(log.lines.join('\n')).toMatch(
			/the disk of the spool has not answered for \d s: results wait in memory/,
		);
	});
	deliver(fullOrder('a'), count++);
	await server.start();
	await eventually(() => expect(server.lines).toEqual(manyLines(count)));
	expect(statsOf()?.dropped).toEqual(noDrops());
	expect(log.lines.join('\n')).not.toMatch(/it is ended/);
});

it('while the thread hangs, what waits for it is bounded, and what is dropped is counted', async () => {
	open([linesOfA(), odd('spin')], { maxQueued: 100 });
	deliver(fullOrder('odd/a'), 0);
	// It has begun to hang when nothing is taken any more.
	await eventually(() => {
		deliver(fullOrder('a'), 1, 20);
		expect(log.lines.join('\n')).toMatch(
			/100 results wait for the thread of the sinks, new ones do not go there/,
		);
	});
	expect(statsOf()?.dropped.overload).toBe(20);
	expect(log.lines.filter((text) => text.includes('wait for the thread'))).toHaveLength(1);
});

it('an error that a sink throws where nobody can catch it is told, and all goes on', async () => {
	open([linesOfA(), odd('throw later')]);
	deliver(fullOrder('odd/a'), 0);
	await eventually(() =>
		expect(log.lines.join('\n')).toMatch(/a fault in a sink, please report it: .*nobody listens/),
	);
	deliver(fullOrder('a'), 1);
	await eventually(() => expect(server.lines).toContain(line('a', 1)));
	expect(log.lines.join('\n')).not.toMatch(/thread/);
});

it('a sink module that cannot be loaded is told; nothing else happens', async () => {
	const broken = join(dir, 'broken.mjs');
	writeFileSync(broken, 'throw new Error("no sinks today");');
	open([lines()], { sinkModule: pathToFileURL(broken) });
	deliver(fullOrder('a'), 0);
	await eventually(() =>
		expect(log.lines.join('\n')).toMatch(/the thread of the sinks ended: Error: no sinks today/),
	);
	expect(statsOf()).toMatchObject({ state: 'failing' });
});

it('a spool that belongs to no sink is kept and told', async () => {
	mkdirSync(join(dir, 'spool/old-sink'), { recursive: true });
	writeFileSync(join(dir, 'spool/old-sink/000000000001.jsonl'), 'something');
	open([]);
	await delivery.close();
	expect(log.lines).toEqual([
		expect.stringMatching(
			/^warn: .*spool\/old-sink holds results for a sink that is not configured any more: they are/,
		),
	]);
	expect(readdirSync(join(dir, 'spool/old-sink'))).toEqual(['000000000001.jsonl']);
});

it('after it was closed nothing is taken, and closing again does nothing', async () => {
	open([lines()]);
	await delivery.close();
	await delivery.close();
	deliver(fullOrder('a'), 0);
	delivery.configure([lines({ name: 'other' })]);
	expect(server.lines).toEqual([]);
});
