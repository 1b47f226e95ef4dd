import { beforeEach, describe, expect, test } from 'vitest';
import type { ProbeResults } from '../../src/model/probe.ts';
import { allAnswer } from '../support/scripted-probe.ts';
import { SchedulerRig, startSeconds } from './support/scheduler-rig.ts';

let rig: SchedulerRig;

beforeEach(() => {
	rig = new SchedulerRig();
});

describe('failures', () => {
	test('a probe that returns rubbish, or has a fault, costs its own orders only', async () => {
		rig.settledOrder('a');
		rig.probe.script = async () => new Map([['host-a', { samples: undefined as never }]]);
		rig.scheduler.start();
		await rig.clock.pass(100);
		expect(rig.failed).toEqual([{ ids: ['a'], reason: 'the probe gave no result for host-a' }]);
		const { needMs } = rig.probe;
		rig.probe.needMs = () => {
			throw new Error('no idea');
		};
		await rig.clock.pass(10_000);
		expect(rig.failed[1]).toEqual({ ids: ['a'], reason: 'the probe scripted has a fault: no idea' });
		rig.probe.needMs = needMs;
		rig.probe.script = async (job) => allAnswer(job);
		await rig.clock.pass(10_000);
		expect(rig.times()).toEqual([startSeconds + 20]);
	});

	test('a probe that throws makes the slot unknown, with the reason, and goes on in the next slot', async () => {
		rig.settledOrder('a');
		rig.settledOrder('b');
		rig.probe.script = () => Promise.reject(new Error('scripted is not installed'));
		rig.scheduler.start();
		await rig.clock.pass(5000);
		expect(rig.recorded).toEqual([]);
		expect(rig.failed).toEqual([{ ids: ['a', 'b'], reason: 'scripted is not installed' }]);
		expect(rig.scheduler.counters.failed).toBe(2);
		rig.probe.script = async (job) => allAnswer(job);
		await rig.clock.pass(6000);
		expect(rig.times()).toEqual([startSeconds + 10, startSeconds + 10]);
	});

	test('a failed target costs the others nothing; a missing one has rig.failed, not lost', async () => {
		for (const id of ['a', 'b', 'c']) rig.settledOrder(id);
		rig.probe.script = async (job) => {
			const results = allAnswer(job);
			results.set('host-b', { failure: 'unknown name host-b' });
			results.delete('host-c');
			return results;
		};
		rig.scheduler.start();
		await rig.clock.pass(100);
		expect(rig.recorded.map((measurement) => measurement.orderId)).toEqual(['a']);
		expect(rig.failed.toSorted((x, y) => (x.reason < y.reason ? -1 : 1))).toEqual([
			{ ids: ['c'], reason: 'the probe gave no result for host-c' },
			{ ids: ['b'], reason: 'unknown name host-b' },
		]);
	});

	test('results that throw when they are asked for cost their own order only', async () => {
		for (const id of ['a', 'b']) rig.settledOrder(id);
		rig.probe.script = async (job) => {
			const results = allAnswer(job);
			const get = results.get.bind(results);
			results.get = (target) => {
				if (target === 'host-a') throw new Error('nothing is left of it');
				return get(target);
			};
			return results;
		};
		rig.scheduler.start();
		await rig.clock.pass(100);
		expect(rig.recorded.map((measurement) => measurement.orderId)).toEqual(['b']);
		expect(rig.failed).toEqual([{ ids: ['a'], reason: 'nothing is left of it' }]);
	});

	test('many outcomes are told in lots, and those of failures all together', async () => {
		for (let order = 0; order < 250; order++) rig.settledOrder(`${order}`);
		rig.probe.script = async (job) => {
			const results = allAnswer(job);
			for (let order = 0; order < 40; order++) results.set(`host-${order}`, { failure: 'no way' });
			return results;
		};
		rig.scheduler.start();
		await rig.clock.pass(100);
		expect(rig.lots.map(({ allMeasured }) => allMeasured)).toEqual([true, true, false]);
		expect(Math.max(...rig.lots.map(({ outcomes }) => outcomes))).toBeLessThanOrEqual(100);
		expect(rig.recorded).toHaveLength(210);
		expect(rig.failed.map(({ ids }) => ids.length)).toEqual([40]);
		expect(rig.scheduler.counters).toMatchObject({ measured: 210, failed: 40 });
	});

	test('a probe that throws something odd, or at once, harms nobody', async () => {
		rig.settledOrder('a');
		rig.probe.script = () => {
			throw 'odd';
		};
		rig.scheduler.start();
		await rig.clock.pass(10_100);
		expect(rig.failed.map((failure) => failure.reason)).toEqual(['odd', 'odd']);
	});
});

describe('overrun', () => {
	/** Ends only when it is told to, and then with what it has. */
	function untilAborted(signal: AbortSignal, results: ProbeResults): Promise<ProbeResults> {
		return new Promise((resolve) => signal.addEventListener('abort', () => resolve(results)));
	}

	test('a job that still runs at the end of its slot is ended; its answers are used; the next slot is measured', async () => {
		rig.settledOrder('a');
		let runs = 0;
		rig.probe.script = (job, tools) =>
			runs++ === 0
				? untilAborted(tools.signal, allAnswer({ ...job, pings: 3 }))
				: Promise.resolve(allAnswer(job));
		rig.scheduler.start();
		await rig.clock.pass(9_999);
		expect(rig.recorded).toEqual([]);
		await rig.clock.pass(500);
		expect(rig.times()).toEqual([startSeconds, startSeconds + 10]);
		expect(rig.recorded[0]?.samples).toHaveLength(3);
		expect(rig.scheduler.counters).toMatchObject({ measured: 2, overrun: 1, skipped: 0 });
		expect(rig.log.lines.join()).toContain('overrun');
	});

	test('a job that cannot be ended is given up, and the batch goes on', async () => {
		rig.settledOrder('a');
		let runs = 0;
		rig.probe.script = (job) => (runs++ === 0 ? new Promise(() => {}) : Promise.resolve(allAnswer(job)));
		rig.scheduler.start();
		await rig.clock.pass(14_000);
		expect(rig.failed).toEqual([{ ids: ['a'], reason: 'scripted could not be ended' }]);
		expect(rig.times()).toEqual([startSeconds + 10]);
		expect(rig.scheduler.jobsRunning).toBe(0);
	});

	test('stop ends all jobs and drops what they have: the slot is measured anew after a restart', async () => {
		rig.settledOrder('a');
		rig.probe.script = (job, tools) => untilAborted(tools.signal, allAnswer(job));
		rig.scheduler.start();
		await rig.clock.pass(100);
		expect(rig.scheduler.jobsRunning).toBe(1);
		await rig.scheduler.stop();
		expect(rig.scheduler.jobsRunning).toBe(0);
		expect(rig.recorded).toEqual([]);
		await rig.clock.pass(60_000);
		expect(rig.probe.jobs).toHaveLength(1);
	});

	test('a batch whose jobs do not end is named as stuck', async () => {
		rig.settledOrder('a');
		expect(rig.scheduler.stuck()).toBeNull();
		await rig.clock.pass(89_000);
		expect(rig.scheduler.stuck()).toBeNull();
		await rig.clock.pass(2_000);
		expect(rig.scheduler.stuck()).toBe('no job of step 10 has ended for 91 s');
		rig.scheduler.start();
		await rig.clock.pass(10_000);
		expect(rig.scheduler.stuck()).toBeNull();
	});
});
