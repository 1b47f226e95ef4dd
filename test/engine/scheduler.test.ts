import { beforeEach, describe, expect, test } from 'vitest';
import { identityOf } from '../../src/model/outcome.ts';
import { allAnswer } from '../support/scripted-probe.ts';
import { gate, order, SchedulerRig, startSeconds } from './support/scheduler-rig.ts';

let rig: SchedulerRig;

beforeEach(() => {
	rig = new SchedulerRig();
});

describe('one job of each batch in each slot', () => {
	test('each slot is measured once, at the start of the slot for the first batch', async () => {
		rig.settledOrder('a');
		rig.settledOrder('b');
		rig.scheduler.start();
		await rig.clock.pass(25_000);
		expect(rig.probe.jobs.map((job) => job.slot.startSeconds)).toEqual([
			startSeconds,
			startSeconds + 10,
			startSeconds + 20,
		]);
		expect(rig.probe.jobs[0]?.targets.toSorted()).toEqual(['host-a', 'host-b']);
		expect(rig.probe.jobs[0]?.windowMs).toBe(10_000);
		expect(rig.recorded.filter((measurement) => measurement.orderId === 'a')).toHaveLength(3);
		expect(rig.scheduler.counters).toEqual({ measured: 6, overrun: 0, late: 0, skipped: 0, failed: 0 });
	});

	test('with each measurement comes its order as it was measured', async () => {
		const { opened, open } = gate();
		rig.probe.script = async (job) => {
			await opened;
			const results = allAnswer(job);
			results.delete('host-b');
			return results;
		};
		const lives = ['a', 'b', 'c'].map((id) => rig.settledOrder(id, { tags: { site: id } }));
		const before = lives.map((live) => identityOf(live.order));
		rig.scheduler.start();
		await rig.clock.pass(100);
		for (const live of lives)
			rig.batches.change(live, order(live.order.id, { tags: { site: 'new' }, pings: 3 }));
		open();
		await rig.clock.pass(100);
		expect(rig.recorded.map((measurement) => measurement.orderId).toSorted()).toEqual(['a', 'c']);
		expect(rig.recordedOrders.map(({ id }) => id)).toEqual(
			rig.recorded.map((measurement) => measurement.orderId),
		);
		for (const measured of rig.recordedOrders) expect(before).toContain(measured);
	});

	test('two orders with the same host share the ping', async () => {
		rig.settledOrder('a', { target: 'same' });
		rig.settledOrder('b', { target: 'same' });
		rig.scheduler.start();
		await rig.clock.pass(100);
		expect(rig.probe.jobs[0]?.targets).toEqual(['same']);
		expect(rig.recorded.map((measurement) => measurement.orderId).toSorted()).toEqual(['a', 'b']);
	});

	test('orders of other options, steps or pings have jobs of their own', async () => {
		rig.settledOrder('a');
		rig.settledOrder('b', { options: { host: 'host-b', via: 'eth1' } });
		rig.settledOrder('c', { pings: 3 });
		rig.scheduler.start();
		await rig.clock.pass(9_999);
		expect(rig.probe.jobs).toHaveLength(3);
		expect(rig.probe.jobs.every((job) => job.targets.length === 1)).toBe(true);
	});

	test('more targets than a batch may hold make several rig.batches, in other places of the slot', async () => {
		rig.probe.max = 4;
		for (let i = 0; i < 10; i++) rig.settledOrder(`o${i}`);
		rig.scheduler.start();
		await rig.clock.pass(0);
		expect(rig.probe.jobs).toHaveLength(1);
		await rig.clock.pass(9_999);
		expect(rig.probe.jobs.map((job) => job.targets.length).toSorted()).toEqual([2, 4, 4]);
	});

	test('batches take turns when there are more of them than lanes', async () => {
		rig.probe.max = 1;
		rig.probe.lanes = 2;
		for (let i = 0; i < 6; i++) rig.settledOrder(`o${i}`);
		rig.scheduler.start();
		await rig.clock.pass(9_999);
		expect(rig.probe.jobs).toHaveLength(6);
		expect(rig.probe.jobs.every((job) => Math.abs(job.windowMs - 10_000 / 3) < 1)).toBe(true);
	});

	test('batches that need all of a short step are measured in every slot on a busy machine too', async () => {
		rig.probe.need = 1000;
		for (let i = 0; i < 13; i++)
			rig.settledOrder(`${i}`, { stepSeconds: 1, pings: 1, options: { via: `${i}` } });
		rig.clock.lagMs = 40;
		rig.scheduler.start();
		await rig.clock.pass(10_000);
		expect(rig.scheduler.counters).toMatchObject({ skipped: 0, failed: 0, overrun: 0 });
		expect(rig.scheduler.counters.measured).toBeGreaterThanOrEqual(13 * 9);
	});

	test('an order that is gone when its job ends gets no result', async () => {
		const live = rig.settledOrder('a');
		rig.settledOrder('b');
		const answer = gate();
		rig.probe.script = async (job) => {
			await answer.opened;
			return allAnswer(job);
		};
		rig.scheduler.start();
		await rig.clock.pass(100);
		rig.batches.leave(live);
		answer.open();
		await rig.clock.pass(100);
		expect(rig.recorded.map((measurement) => measurement.orderId)).toEqual(['b']);
		expect(rig.released).toEqual(['b']);
	});
});

describe('more to do than there are lanes for', () => {
	test('batches have their turns one after the other, over the slots; what is missed is counted and said', async () => {
		rig.probe.max = 1;
		rig.probe.lanes = 2;
		rig.probe.script = async (job) => {
			await new Promise<void>((resolve) => rig.clock.after(4000, resolve));
			return allAnswer(job);
		};
		for (let i = 0; i < 12; i++) rig.settledOrder(`o${i}`);
		rig.scheduler.start();
		await rig.clock.pass(60_000);
		const measured = new Map<string, number>();
		for (const { orderId } of rig.recorded) measured.set(orderId, (measured.get(orderId) ?? 0) + 1);
		expect([...measured.keys()]).toHaveLength(12);
		const counts = [...measured.values()];
		expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
		expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
		expect(rig.scheduler.counters.skipped).toBeGreaterThan(12);
		// Each batch is full, so having the same options as others would not help.
		expect(rig.failed[0]?.reason).toBe(
			'too many jobs of scripted at a time: give some of its orders a longer step',
		);
	});

	test('a job that waits for a lane runs as soon as there is one, with what is left of the slot', async () => {
		rig.probe.max = 1;
		rig.probe.lanes = 1;
		rig.settledOrder('a');
		rig.settledOrder('b');
		rig.probe.script = async (job) => {
			if (job.targets[0] === 'host-a') await new Promise<void>((resolve) => rig.clock.after(6000, resolve));
			return allAnswer(job);
		};
		rig.scheduler.start();
		await rig.clock.pass(9_900);
		expect(rig.recorded.map((measurement) => measurement.orderId)).toEqual(['b', 'a']);
	});

	test('wakes in quick succession do not keep jobs from starting', async () => {
		rig.settledOrder('a');
		rig.scheduler.start();
		for (let i = 0; i < 2020; i++) {
			rig.scheduler.wake();
			await rig.clock.pass(5);
		}
		expect(rig.times()).toEqual([startSeconds, startSeconds + 10]);
	});
});
