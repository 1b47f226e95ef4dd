import { beforeEach, describe, expect, test } from 'vitest';
import { allAnswer } from '../support/scripted-probe.ts';
import { gate, order, SchedulerRig, startSeconds } from './support/scheduler-rig.ts';

let rig: SchedulerRig;

beforeEach(() => {
	rig = new SchedulerRig();
});

describe('newcomers', () => {
	test('are measured within a second, in the rest of the slot, those that come together in one job', async () => {
		rig.scheduler.start();
		await rig.clock.pass(3000);
		rig.newcomer('a');
		await rig.clock.pass(50);
		rig.newcomer('b');
		await rig.clock.pass(900);
		expect(rig.probe.jobs).toHaveLength(1);
		expect(rig.probe.jobs[0]?.targets.toSorted()).toEqual(['host-a', 'host-b']);
		expect(rig.probe.jobs[0]?.windowMs).toBeLessThanOrEqual(7000);
		expect(rig.probe.jobs[0]?.windowMs).toBeGreaterThan(6000);
		expect(rig.times()).toEqual([startSeconds, startSeconds]);
		await rig.clock.pass(6_500);
		expect(rig.times()).toEqual([startSeconds, startSeconds, startSeconds + 10, startSeconds + 10]);
	});

	test('wait for the next slot when too little of this one is left', async () => {
		rig.scheduler.start();
		rig.probe.need = 5000;
		await rig.clock.pass(6000);
		rig.newcomer('a');
		await rig.clock.pass(3900);
		expect(rig.probe.jobs).toHaveLength(0);
		await rig.clock.pass(200);
		expect(rig.times()).toEqual([startSeconds + 10]);
		expect(rig.scheduler.counters.skipped).toBe(0);
	});

	test('are not measured twice in a slot', async () => {
		rig.scheduler.start();
		rig.newcomer('a', {}, startSeconds);
		await rig.clock.pass(2000);
		expect(rig.batches.newcomers.size).toBe(0);
		await rig.clock.pass(7000);
		expect(rig.probe.jobs).toHaveLength(0);
		await rig.clock.pass(2000);
		expect(rig.times()).toEqual([startSeconds + 10]);
	});

	test('join a batch without being measured twice by it', async () => {
		rig.settledOrder('o0');
		const { batch } = rig.settledOrder('o1', { pings: 3 }); // this batch starts later in the slot
		rig.scheduler.start();
		await rig.clock.pass(50);
		expect(rig.probe.jobs).toHaveLength(1);
		expect(rig.newcomer('o2', { pings: 3 }).batch).toBe(batch);
		await rig.clock.pass(9_900);
		const ofSecond = rig.recorded.filter((measurement) => measurement.pings === 3);
		expect(ofSecond.map((measurement) => measurement.orderId).toSorted()).toEqual(['o1', 'o2']);
	});

	test('wait while all lanes are taken', async () => {
		rig.probe.lanes = 1;
		rig.probe.max = 1;
		const first = gate();
		rig.probe.script = async (job) => {
			if (job.targets[0] === 'host-a') await first.opened;
			return allAnswer(job);
		};
		rig.scheduler.start();
		rig.newcomer('a');
		await rig.clock.pass(1000);
		rig.newcomer('b');
		await rig.clock.pass(2000);
		expect(rig.probe.jobs).toHaveLength(1);
		first.open();
		await rig.clock.pass(1000);
		expect(rig.probe.jobs).toHaveLength(2);
	});
});

test('an order that its last job still measures waits for the end of that job', async () => {
	const live = rig.settledOrder('a');
	let runs = 0;
	rig.probe.script = (job) => (runs++ === 0 ? new Promise(() => {}) : Promise.resolve(allAnswer(job)));
	rig.scheduler.start();
	await rig.clock.pass(10_500);
	rig.batches.enrolled(live, null);
	rig.scheduler.wake();
	await rig.clock.pass(1000);
	expect(rig.probe.jobs).toHaveLength(1);
	await rig.clock.pass(3000);
	expect(rig.probe.jobs).toHaveLength(2);
	expect(rig.times()).toEqual([startSeconds + 10]);
});

test('orders that change away leave no sparse batches behind', () => {
	rig.probe.max = 10;
	const lives = Array.from({ length: 100 }, (_, i) => rig.settledOrder(`o${i}`));
	for (const [i, live] of lives.entries()) {
		if (i % 10 > 0) rig.batches.change(live, order(live.order.id, { pings: 3 }));
	}
	expect([...rig.batches].filter((batch) => batch.pings === 5).length).toBeLessThanOrEqual(2);
});

test('batches that have become sparse are merged, and nobody misses or repeats a slot by it', async () => {
	rig.probe.max = 10;
	const lives = Array.from({ length: 40 }, (_, i) => rig.settledOrder(`o${i}`));
	rig.scheduler.start();
	await rig.clock.pass(9_999);
	expect(rig.recorded).toHaveLength(40);
	for (const live of lives) if (Number(live.order.id.slice(1)) % 10 > 1) rig.batches.leave(live);
	expect(rig.batches.size).toBeLessThan(3);
	rig.recorded.length = 0;
	await rig.clock.pass(10_000);
	expect(rig.recorded.map((measurement) => measurement.orderId).toSorted()).toEqual(
		[0, 1, 10, 11, 20, 21, 30, 31].map((i) => `o${i}`).toSorted(),
	);
});
