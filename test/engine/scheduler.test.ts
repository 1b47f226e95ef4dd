import { beforeEach, describe, expect, test } from 'vitest';
import { Batches, type LiveOrder } from '../../src/engine/batches.ts';
import { Scheduler } from '../../src/engine/scheduler.ts';
import { batchKey } from '../../src/model/batch.ts';
import type { Measurement } from '../../src/model/measurement.ts';
import type { Order } from '../../src/model/order.ts';
import type { ProbeResults } from '../../src/model/probe.ts';
import { slotAt } from '../../src/model/slot.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';
import { probeTools } from '../support/probe-tools.ts';
import { allAnswer, ScriptedProbe } from '../support/scripted-probe.ts';

const start = 1_795_240_000_000; // a multiple of 10 s, not of 60 s
let clock: FakeClock;
let log: FakeLog;
let probe: ScriptedProbe;
let batches: Batches;
let scheduler: Scheduler;
let recorded: Measurement[];
let recordedOrders: Order[];
let failed: { ids: readonly string[]; reason: string }[];
let released: string[];

beforeEach(() => {
	clock = new FakeClock(start);
	log = new FakeLog();
	probe = new ScriptedProbe();
	batches = new Batches(new Map([[probe.name, probe]]), clock);
	recorded = [];
	recordedOrders = [];
	failed = [];
	released = [];
	scheduler = new Scheduler({
		batches,
		clock,
		log,
		toolsFor: () => ({
			...probeTools({}),
			runCommand: () => Promise.reject(new Error('no programs here')),
			resolve: () => Promise.reject(new Error('no names here')),
		}),
		record: (measurements, orders) => {
			recorded.push(...measurements);
			recordedOrders.push(...orders);
		},
		fail: (failures) => failed.push(...failures),
		released: (live) => released.push(live.order.id),
	});
});

function order(id: string, changes: Partial<Order> = {}): Order {
	const target = changes.target ?? `host-${id}`;
	const timing = { stepSeconds: changes.stepSeconds ?? 10, pings: changes.pings ?? 5 };
	const options = { host: target, ...changes.options };
	return {
		id,
		user: 'test',
		probe: 'scripted',
		...timing,
		options,
		target,
		rrdTemplate: 'smokeping',
		tags: {},
		batchKey: batchKey('scripted', timing, options, 'host'),
		...changes,
	};
}

/** An order that is there from before the current slot. */
function settledOrder(id: string, changes: Partial<Order> = {}): LiveOrder {
	const live = batches.join(order(id, changes));
	const { stepSeconds } = live.order;
	live.batch.lastSlotSeconds = slotAt(clock.wallMs(), stepSeconds).startSeconds - stepSeconds;
	return live;
}

function newcomer(id: string, changes: Partial<Order> = {}): LiveOrder {
	const live = batches.join(order(id, changes));
	batches.newcomers.add(live);
	scheduler.wake();
	return live;
}

/** Something that a script can wait for. */
function gate(): { opened: Promise<void>; open: () => void } {
	let open = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { opened, open };
}

const times = () => recorded.map((measurement) => measurement.slot.startSeconds);
const startSeconds = start / 1000;

describe('one job of each batch in each slot', () => {
	test('each slot is measured once, at the start of the slot for the first batch', async () => {
		settledOrder('a');
		settledOrder('b');
		scheduler.start();
		await clock.pass(25_000);
		expect(probe.jobs.map((job) => job.slot.startSeconds)).toEqual([
			startSeconds,
			startSeconds + 10,
			startSeconds + 20,
		]);
		expect(probe.jobs[0]?.targets.toSorted()).toEqual(['host-a', 'host-b']);
		expect(probe.jobs[0]?.windowMs).toBe(10_000);
		expect(recorded.filter((measurement) => measurement.orderId === 'a')).toHaveLength(3);
		expect(scheduler.counters).toEqual({ measured: 6, overrun: 0, late: 0, skipped: 0, failed: 0 });
	});

	test('with each measurement comes its order as it was measured', async () => {
		const { opened, open } = gate();
		probe.script = async (job) => {
			await opened;
			const results = allAnswer(job);
			results.delete('host-b');
			return results;
		};
		const lives = ['a', 'b', 'c'].map((id) => settledOrder(id, { tags: { site: id } }));
		const before = lives.map((live) => live.order);
		scheduler.start();
		await clock.pass(100);
		for (const live of lives) live.next = order(live.order.id, { tags: { site: 'new' } });
		open();
		await clock.pass(100);
		expect(recorded.map((measurement) => measurement.orderId).toSorted()).toEqual(['a', 'c']);
		expect(recordedOrders.map(({ id }) => id)).toEqual(recorded.map((measurement) => measurement.orderId));
		for (const measured of recordedOrders) expect(before).toContain(measured);
	});

	test('two orders with the same host share the ping', async () => {
		settledOrder('a', { target: 'same' });
		settledOrder('b', { target: 'same' });
		scheduler.start();
		await clock.pass(100);
		expect(probe.jobs[0]?.targets).toEqual(['same']);
		expect(recorded.map((measurement) => measurement.orderId).toSorted()).toEqual(['a', 'b']);
	});

	test('orders of other options, steps or pings have jobs of their own', async () => {
		settledOrder('a');
		settledOrder('b', { options: { host: 'host-b', via: 'eth1' } });
		settledOrder('c', { pings: 3 });
		scheduler.start();
		await clock.pass(9_999);
		expect(probe.jobs).toHaveLength(3);
		expect(probe.jobs.every((job) => job.targets.length === 1)).toBe(true);
	});

	test('more targets than a batch may hold make several batches, in other places of the slot', async () => {
		probe.max = 4;
		for (let i = 0; i < 10; i++) settledOrder(`o${i}`);
		scheduler.start();
		await clock.pass(0);
		expect(probe.jobs).toHaveLength(1);
		await clock.pass(9_999);
		expect(probe.jobs.map((job) => job.targets.length).toSorted()).toEqual([2, 4, 4]);
	});

	test('batches take turns when there are more of them than lanes', async () => {
		probe.max = 1;
		probe.lanes = 2;
		for (let i = 0; i < 6; i++) settledOrder(`o${i}`);
		scheduler.start();
		await clock.pass(9_999);
		expect(probe.jobs).toHaveLength(6);
		expect(probe.jobs.every((job) => Math.abs(job.windowMs - 10_000 / 3) < 1)).toBe(true);
	});

	test('batches that need all of a short step are measured in every slot on a busy machine too', async () => {
		probe.need = 1000;
		for (let i = 0; i < 13; i++) settledOrder(`${i}`, { stepSeconds: 1, pings: 1, options: { via: `${i}` } });
		clock.lagMs = 40;
		scheduler.start();
		await clock.pass(10_000);
		expect(scheduler.counters).toMatchObject({ skipped: 0, failed: 0, overrun: 0 });
		expect(scheduler.counters.measured).toBeGreaterThanOrEqual(13 * 9);
	});

	test('an order that is gone when its job ends gets no result', async () => {
		const live = settledOrder('a');
		settledOrder('b');
		const answer = gate();
		probe.script = async (job) => {
			await answer.opened;
			return allAnswer(job);
		};
		scheduler.start();
		await clock.pass(100);
		batches.leave(live);
		answer.open();
		await clock.pass(100);
		expect(recorded.map((measurement) => measurement.orderId)).toEqual(['b']);
		expect(released).toEqual(['b']);
	});
});

describe('newcomers', () => {
	test('are measured within a second, in the rest of the slot, those that come together in one job', async () => {
		scheduler.start();
		await clock.pass(3000);
		newcomer('a');
		await clock.pass(50);
		newcomer('b');
		await clock.pass(900);
		expect(probe.jobs).toHaveLength(1);
		expect(probe.jobs[0]?.targets.toSorted()).toEqual(['host-a', 'host-b']);
		expect(probe.jobs[0]?.windowMs).toBeLessThanOrEqual(7000);
		expect(probe.jobs[0]?.windowMs).toBeGreaterThan(6000);
		expect(times()).toEqual([startSeconds, startSeconds]);
		await clock.pass(6_500);
		expect(times()).toEqual([startSeconds, startSeconds, startSeconds + 10, startSeconds + 10]);
	});

	test('wait for the next slot when too little of this one is left', async () => {
		scheduler.start();
		probe.need = 5000;
		await clock.pass(6000);
		newcomer('a');
		await clock.pass(3900);
		expect(probe.jobs).toHaveLength(0);
		await clock.pass(200);
		expect(times()).toEqual([startSeconds + 10]);
		expect(scheduler.counters.skipped).toBe(0);
	});

	test('are not measured twice in a slot', async () => {
		scheduler.start();
		const live = newcomer('a');
		live.lastSlotSeconds = startSeconds;
		await clock.pass(2000);
		expect(batches.newcomers.size).toBe(0);
		await clock.pass(7000);
		expect(probe.jobs).toHaveLength(0);
		await clock.pass(2000);
		expect(times()).toEqual([startSeconds + 10]);
	});

	test('join a batch without being measured twice by it', async () => {
		settledOrder('o0');
		const { batch } = settledOrder('o1', { pings: 3 }); // this batch starts later in the slot
		scheduler.start();
		await clock.pass(50);
		expect(probe.jobs).toHaveLength(1);
		expect(newcomer('o2', { pings: 3 }).batch).toBe(batch);
		await clock.pass(9_900);
		const ofSecond = recorded.filter((measurement) => measurement.pings === 3);
		expect(ofSecond.map((measurement) => measurement.orderId).toSorted()).toEqual(['o1', 'o2']);
	});

	test('wait while all lanes are taken', async () => {
		probe.lanes = 1;
		probe.max = 1;
		const first = gate();
		probe.script = async (job) => {
			if (job.targets[0] === 'host-a') await first.opened;
			return allAnswer(job);
		};
		scheduler.start();
		newcomer('a');
		await clock.pass(1000);
		newcomer('b');
		await clock.pass(2000);
		expect(probe.jobs).toHaveLength(1);
		first.open();
		await clock.pass(1000);
		expect(probe.jobs).toHaveLength(2);
	});
});

describe('more to do than there are lanes for', () => {
	test('batches have their turns one after the other, over the slots; what is missed is counted and said', async () => {
		probe.max = 1;
		probe.lanes = 2;
		probe.script = async (job) => {
			await new Promise<void>((resolve) => clock.after(4000, resolve));
			return allAnswer(job);
		};
		for (let i = 0; i < 12; i++) settledOrder(`o${i}`);
		scheduler.start();
		await clock.pass(60_000);
		const measured = new Map<string, number>();
		for (const { orderId } of recorded) measured.set(orderId, (measured.get(orderId) ?? 0) + 1);
		expect([...measured.keys()]).toHaveLength(12);
		const counts = [...measured.values()];
		expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
		expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
		expect(scheduler.counters.skipped).toBeGreaterThan(12);
		expect(failed[0]?.reason).toMatch(/^too many jobs of scripted at a time/);
	});

	test('a job that waits for a lane runs as soon as there is one, with what is left of the slot', async () => {
		probe.max = 1;
		probe.lanes = 1;
		settledOrder('a');
		settledOrder('b');
		probe.script = async (job) => {
			if (job.targets[0] === 'host-a') await new Promise<void>((resolve) => clock.after(6000, resolve));
			return allAnswer(job);
		};
		scheduler.start();
		await clock.pass(9_900);
		expect(recorded.map((measurement) => measurement.orderId)).toEqual(['b', 'a']);
	});

	test('wakes in quick succession do not keep jobs from starting', async () => {
		settledOrder('a');
		scheduler.start();
		for (let i = 0; i < 2000; i++) {
			scheduler.wake();
			await clock.pass(5);
		}
		expect(times()).toEqual([startSeconds, startSeconds + 10]);
	});
});

describe('failures', () => {
	test('a probe that returns rubbish, or has a fault, costs its own orders only', async () => {
		settledOrder('a');
		probe.script = async () => new Map([['host-a', { samples: undefined as never }]]);
		scheduler.start();
		await clock.pass(100);
		expect(failed).toEqual([{ ids: ['a'], reason: 'the probe gave no result for host-a' }]);
		const { needMs } = probe;
		probe.needMs = () => {
			throw new Error('no idea');
		};
		await clock.pass(10_000);
		expect(failed[1]).toEqual({ ids: ['a'], reason: 'the probe scripted has a fault: no idea' });
		probe.needMs = needMs;
		probe.script = async (job) => allAnswer(job);
		await clock.pass(10_000);
		expect(times()).toEqual([startSeconds + 20]);
	});

	test('a probe that throws makes the slot unknown, with the reason, and goes on in the next slot', async () => {
		settledOrder('a');
		settledOrder('b');
		probe.script = () => Promise.reject(new Error('scripted is not installed'));
		scheduler.start();
		await clock.pass(5000);
		expect(recorded).toEqual([]);
		expect(failed).toEqual([{ ids: ['a', 'b'], reason: 'scripted is not installed' }]);
		expect(scheduler.counters.failed).toBe(2);
		probe.script = async (job) => allAnswer(job);
		await clock.pass(6000);
		expect(times()).toEqual([startSeconds + 10, startSeconds + 10]);
	});

	test('a failed target costs the others nothing; a missing one has failed, not lost', async () => {
		for (const id of ['a', 'b', 'c']) settledOrder(id);
		probe.script = async (job) => {
			const results = allAnswer(job);
			results.set('host-b', { failure: 'unknown name host-b' });
			results.delete('host-c');
			return results;
		};
		scheduler.start();
		await clock.pass(100);
		expect(recorded.map((measurement) => measurement.orderId)).toEqual(['a']);
		expect(failed.toSorted((x, y) => (x.reason < y.reason ? -1 : 1))).toEqual([
			{ ids: ['c'], reason: 'the probe gave no result for host-c' },
			{ ids: ['b'], reason: 'unknown name host-b' },
		]);
	});

	test('a probe that throws something odd, or at once, harms nobody', async () => {
		settledOrder('a');
		probe.script = () => {
			throw 'odd';
		};
		scheduler.start();
		await clock.pass(10_100);
		expect(failed.map((failure) => failure.reason)).toEqual(['odd', 'odd']);
	});
});

describe('overrun', () => {
	/** Ends only when it is told to, and then with what it has. */
	function untilAborted(signal: AbortSignal, results: ProbeResults): Promise<ProbeResults> {
		return new Promise((resolve) => signal.addEventListener('abort', () => resolve(results)));
	}

	test('a job that still runs at the end of its slot is ended; its answers are used; the next slot is measured', async () => {
		settledOrder('a');
		let runs = 0;
		probe.script = (job, tools) =>
			runs++ === 0
				? untilAborted(tools.signal, allAnswer({ ...job, pings: 3 }))
				: Promise.resolve(allAnswer(job));
		scheduler.start();
		await clock.pass(9_999);
		expect(recorded).toEqual([]);
		await clock.pass(500);
		expect(times()).toEqual([startSeconds, startSeconds + 10]);
		expect(recorded[0]?.samples).toHaveLength(3);
		expect(scheduler.counters).toMatchObject({ measured: 2, overrun: 1, skipped: 0 });
		expect(log.lines.join()).toContain('overrun');
	});

	test('a job that cannot be ended is given up, and the batch goes on', async () => {
		settledOrder('a');
		let runs = 0;
		probe.script = (job) => (runs++ === 0 ? new Promise(() => {}) : Promise.resolve(allAnswer(job)));
		scheduler.start();
		await clock.pass(14_000);
		expect(failed).toEqual([{ ids: ['a'], reason: 'scripted could not be ended' }]);
		expect(times()).toEqual([startSeconds + 10]);
		expect(scheduler.jobsRunning).toBe(0);
	});

	test('stop ends all jobs and drops what they have: the slot is measured anew after a restart', async () => {
		settledOrder('a');
		probe.script = (job, tools) => untilAborted(tools.signal, allAnswer(job));
		scheduler.start();
		await clock.pass(100);
		expect(scheduler.jobsRunning).toBe(1);
		await scheduler.stop();
		expect(scheduler.jobsRunning).toBe(0);
		expect(recorded).toEqual([]);
		await clock.pass(60_000);
		expect(probe.jobs).toHaveLength(1);
	});

	test('a batch whose jobs do not end is named as stuck', async () => {
		settledOrder('a');
		expect(scheduler.stuck()).toBeNull();
		await clock.pass(89_000);
		expect(scheduler.stuck()).toBeNull();
		await clock.pass(2_000);
		expect(scheduler.stuck()).toBe('no job of step 10 has ended for 91 s');
		scheduler.start();
		await clock.pass(10_000);
		expect(scheduler.stuck()).toBeNull();
	});
});

describe('the wall clock', () => {
	test('slots that a sleeping machine missed are skipped and counted, not run in a burst', async () => {
		settledOrder('a');
		settledOrder('b');
		scheduler.start();
		await clock.pass(5000);
		clock.stepWall(3_600_000);
		await clock.pass(10_000);
		const woken = startSeconds + 3600;
		expect(times()).toEqual([startSeconds, startSeconds, woken, woken, woken + 10, woken + 10]);
		expect(scheduler.counters).toMatchObject({ measured: 6, skipped: 2 * 359, late: 2 });
	});

	test('the slot in which the machine wakes is skipped too when too little of it is left', async () => {
		settledOrder('a');
		probe.need = 6000;
		scheduler.start();
		await clock.pass(5000);
		clock.stepWall(3_600_000);
		await clock.pass(10_000);
		expect(times()).toEqual([startSeconds, startSeconds + 3610]);
		expect(scheduler.counters).toMatchObject({ measured: 2, skipped: 360, late: 0 });
	});

	test('a job that is late but still fits runs in what is left of its window', async () => {
		settledOrder('a');
		scheduler.start();
		await clock.pass(5000);
		clock.stepWall(7000);
		await clock.pass(1000);
		expect(times()).toEqual([startSeconds, startSeconds + 10]);
		expect(probe.jobs[1]?.windowMs).toBeLessThan(8000);
		expect(scheduler.counters).toMatchObject({ late: 1, skipped: 0 });
	});

	test('a job that was running when the machine fell asleep is ended when it wakes', async () => {
		settledOrder('a', { stepSeconds: 3600 });
		probe.script = (job, tools) =>
			new Promise((resolve) => tools.signal.addEventListener('abort', () => resolve(allAnswer(job))));
		await clock.pass(3_600_000 - (clock.wallMs() % 3_600_000));
		scheduler.start();
		await clock.pass(1000);
		expect(scheduler.jobsRunning).toBe(1);
		clock.stepWall(3 * 3_600_000);
		await clock.pass(2000);
		expect(recorded).toHaveLength(1);
		expect(scheduler.counters.overrun).toBe(1);
		expect(probe.jobs).toHaveLength(2);
	});

	test('a clock that is corrected by less than a step does not measure a slot twice', async () => {
		settledOrder('a');
		scheduler.start();
		await clock.pass(10_100);
		clock.stepWall(-500);
		await clock.pass(10_000);
		expect(times()).toEqual([startSeconds, startSeconds + 10]);
		await clock.pass(600);
		expect(times()).toEqual([startSeconds, startSeconds + 10, startSeconds + 20]);
	});

	test('a clock that is set back by an hour does not stop the measuring', async () => {
		settledOrder('a');
		scheduler.start();
		await clock.pass(100);
		clock.stepWall(-3_600_000);
		await clock.pass(10_100);
		expect(times()).toEqual([startSeconds, startSeconds - 3600, startSeconds - 3590]);
		expect(log.lines.join()).toContain('the clock went back');
	});
});

test('an order that its last job still measures waits for the end of that job', async () => {
	const live = settledOrder('a');
	let runs = 0;
	probe.script = (job) => (runs++ === 0 ? new Promise(() => {}) : Promise.resolve(allAnswer(job)));
	scheduler.start();
	await clock.pass(10_500);
	batches.newcomers.add(live);
	scheduler.wake();
	await clock.pass(1000);
	expect(probe.jobs).toHaveLength(1);
	await clock.pass(3000);
	expect(probe.jobs).toHaveLength(2);
	expect(times()).toEqual([startSeconds + 10]);
});

test('orders that change away leave no sparse batches behind', () => {
	probe.max = 10;
	const lives = Array.from({ length: 100 }, (_, i) => settledOrder(`o${i}`));
	for (const [i, live] of lives.entries()) {
		if (i % 10 > 0) batches.change(live, order(live.order.id, { pings: 3 }));
	}
	expect([...batches].filter((batch) => batch.pings === 5).length).toBeLessThanOrEqual(2);
});

test('batches that have become sparse are merged, and nobody misses or repeats a slot by it', async () => {
	probe.max = 10;
	const lives = Array.from({ length: 40 }, (_, i) => settledOrder(`o${i}`));
	scheduler.start();
	await clock.pass(9_999);
	expect(recorded).toHaveLength(40);
	for (const live of lives) if (Number(live.order.id.slice(1)) % 10 > 1) batches.leave(live);
	expect(batches.size).toBeLessThan(3);
	recorded.length = 0;
	await clock.pass(10_000);
	expect(recorded.map((measurement) => measurement.orderId).toSorted()).toEqual(
		[0, 1, 10, 11, 20, 21, 30, 31].map((i) => `o${i}`).toSorted(),
	);
});
