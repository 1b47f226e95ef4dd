import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Couriers } from '../../src/delivery/couriers.ts';
import type { SinkStats } from '../../src/delivery/sink-stats.ts';
import type { Delivered } from '../../src/model/sink.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';
import { deliveredOrder, result, results, sinkEntry } from './support/results.ts';
import { ScriptedSink } from './support/scripted-sink.ts';

let dir: string;
let clock: FakeClock;
let log: FakeLog;
let one: ScriptedSink;
let two: ScriptedSink;
let couriers: Couriers;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'pingmachine-couriers-'));
	clock = new FakeClock(1_795_240_000_000);
	log = new FakeLog();
	one = new ScriptedSink('one');
	two = new ScriptedSink('two');
	couriers = new Couriers({
		facts: new Map(),
		sinks: new Map([one, two].map((sink) => [sink.name, sink])),
		spoolFolder: dir,
		version: 'test',
		clock,
		log,
		random: () => 0,
	});
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const first = sinkEntry({ name: 'first', type: 'one' });
const second = sinkEntry({ name: 'second', type: 'two' });

function accept(some: readonly Delivered[]): void {
	for (const delivered of some) couriers.accept(delivered);
}

async function pass(ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 100) {
		await clock.pass(100);
		await new Promise(setImmediate);
		if ((passed + 100) % 500 === 0) couriers.tick();
	}
}

function statsOf(name: string): SinkStats | undefined {
	return couriers.stats().find((stats) => stats.name === name);
}

const range = (from: number, end: number) => Array.from({ length: end - from }, (_, index) => from + index);

it('a sink that hangs and one that fails do not delay the others', async () => {
	one.writing = () => new Promise(() => {});
	const third = sinkEntry({ name: 'third', type: 'one', settings: { to: 'nowhere' } });
	couriers.configure([first, second, third]);
	accept(results(100));
	await pass(1100);
	expect(two.all).toEqual(range(0, 100));
	expect(statsOf('first')).toMatchObject({ sent: 0, queued: 100 });
	expect(statsOf('third')).toMatchObject({ sent: 0, queued: 100 });
});

it('orders go by glob on id, user and probe, and as the sink itself says', async () => {
	two.takes = ({ measurementName }) => measurementName !== undefined;
	couriers.configure([
		sinkEntry({
			name: 'first',
			type: 'one',
			filter: { ids: ['core/**', 'x'], users: ['m?'], probes: ['fping'] },
		}),
		second,
	]);
	accept([
		result('core/a/b', 1),
		result('edge', 2),
		result('x', 3, { user: 'mee' }),
		result('x', 4, { probe: 'ssh' }),
		result('edge', 5, { measurementName: 'tunnel' }),
		result('x', 6),
	]);
	await pass(1100);
	expect(one.all).toEqual([1, 6]);
	expect(two.all).toEqual([5]);
	expect(couriers.isWanted(deliveredOrder('edge'))).toBe(false);
	expect(couriers.isWanted(deliveredOrder('core/c'))).toBe(true);
});

it('a sink that cannot tell whether it takes an order does not get it, and the others do', async () => {
	one.takes = () => {
		throw new Error('odd order');
	};
	couriers.configure([first, second]);
	accept(results(1));
	await pass(1100);
	expect(one.all).toEqual([]);
	expect(two.all).toEqual([0]);
	expect(log.lines).toContain('error: sink first: cannot tell whether it takes a: odd order');
});

it('a change of the config opens what changed anew and leaves the rest alone', async () => {
	couriers.configure([first, second]);
	accept(results(5));
	await pass(1100);
	couriers.configure([{ ...first, settings: { to: 'elsewhere' } }, { ...second }]);
	accept(results(5, 'a', 5));
	await pass(1100);
	expect([one.opened, one.closed]).toEqual([2, 1]);
	expect([two.opened, two.closed]).toEqual([1, 0]);
	expect(one.all).toEqual(range(0, 10));
	expect(two.all).toEqual(range(0, 10));
	expect(statsOf('first')?.destination).toBe('test://elsewhere');
});

it('what waits for a sink whose settings change goes to where it is then', async () => {
	one.opening = () => Promise.reject(new Error('no route'));
	couriers.configure([first]);
	accept(results(25));
	await pass(1100);
	one.opening = async () => {};
	couriers.configure([{ ...first, settings: { to: 'elsewhere' } }]);
	accept(results(5, 'a', 25));
	await pass(2000);
	expect(one.all).toEqual(range(0, 30));
	expect(statsOf('first')).toMatchObject({ queued: 0, spooledBytes: 0 });
});

it('a sink that is taken out is closed, and what it had not sent stays for when it comes back', async () => {
	one.opening = () => Promise.reject(new Error('no route'));
	couriers.configure([first, second]);
	accept(results(25));
	await pass(1100);
	couriers.configure([second]);
	await pass(1100);
	expect(log.lines).toContain('info: sink first: closed; 25 results stay in its spool');
	accept(results(5, 'a', 25));
	await pass(1100);
	one.opening = async () => {};
	couriers.configure([first, second]);
	await pass(1100);
	expect(one.all).toEqual(range(0, 25));
	expect(two.all).toEqual(range(0, 30));
});

it('a sink that goes and comes quickly waits for the latest of its name that is still being closed', async () => {
	one.writing = () => new Promise(() => {});
	couriers.configure([first]);
	accept(results(10));
	await pass(200);
	couriers.configure([]);
	couriers.configure([first]);
	await pass(600);
	couriers.configure([]);
	// The first has closed, the second has just begun to send what that left.
	await pass(600);
	expect([one.opened, one.closed]).toEqual([2, 1]);
	couriers.configure([first]);
	await pass(100);
	expect(one.opened).toBe(2);
	one.writing = async () => {};
	await pass(3000);
	expect([one.opened, one.closed]).toEqual([3, 2]);
	expect(one.all).toEqual(range(0, 10));
});

it('a sink that cannot be set up is told, and the others work', async () => {
	couriers.configure([
		sinkEntry({ name: 'bad', type: 'three' }),
		{ ...first, settings: { too: 'here' } },
		second,
	]);
	accept(results(1));
	await pass(1100);
	expect(two.all).toEqual([0]);
	expect(log.lines).toEqual(
		expect.arrayContaining([
			'error: sink bad: cannot be set up: there is no sink of the type three',
			'error: sink first: cannot be set up: too: unknown option. Did you mean to?',
		]),
	);
});

it('counters go on when a sink is changed, and begin anew with one that was away', async () => {
	couriers.configure([first]);
	accept(results(5));
	await pass(1100);
	expect(statsOf('first')).toMatchObject({ sent: 5 });
	one.writing = async () => {
		throw new Error('down');
	};
	accept(results(3));
	await pass(1100);
	const { failed = 0 } = statsOf('first') ?? {};
	expect(failed).toBeGreaterThan(0);
	for (const size of [7, 8]) {
		couriers.configure([{ ...first, limits: { ...first.limits, batchMax: size } }]);
		expect(statsOf('first')?.sent).toBe(5);
		expect(statsOf('first')?.failed).toBeGreaterThanOrEqual(failed);
		await pass(2100);
		expect(statsOf('first')?.sent).toBe(5);
	}
	one.writing = async () => {};
	accept(results(2));
	await pass(60_000);
	expect(statsOf('first')?.sent).toBeGreaterThanOrEqual(7);
	couriers.configure([]);
	await pass(2100);
	couriers.configure([first]);
	expect(statsOf('first')).toMatchObject({ sent: 0, failed: 0 });
});

it('a sink takes what a pattern of points of presence names, and with an order all that is measured of it', () => {
	const filterOf = (id: string) => ({ filter: { ids: [id], users: null, probes: null } });
	couriers.configure([
		{ ...first, ...filterOf('core/**/@z*') },
		{ ...second, ...filterOf('core/**') },
	]);
	const order = deliveredOrder('core/a');
	const from = (pop?: string, id = 'core/a') => ({ ...result(id), ...(pop === undefined ? {} : { pop }) });
	accept([from(), from('zrh'), from('fra'), from('zrh', 'other')]);
	expect(couriers.isWanted(order)).toBe(true);
	expect([statsOf('first')?.queued, statsOf('second')?.queued]).toEqual([1, 3]);
});
