/** Users share the lanes of a probe: what one has too much of is no other's trouble. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { shareOut } from '../../src/engine/shares.ts';
import { allAnswer } from '../support/scripted-probe.ts';
import { SchedulerRig, startSeconds } from './support/scheduler-rig.ts';

let rig: SchedulerRig;

const [heavy, other, light] = [1001, 1002, 1003];

beforeEach(() => {
	rig = new SchedulerRig();
	rig.probe.max = 1;
	rig.probe.lanes = 4;
	// Most of its window, as real probes.
	rig.probe.script = async (job) => {
		await new Promise<void>((resolve) => rig.clock.after(job.windowMs * 0.8, resolve));
		return allAnswer(job);
	};
});

/** How often the orders were measured whose names begin so. */
function measuredOf(prefix: string): number {
	return rig.recorded.filter(({ orderId }) => orderId.startsWith(prefix)).length;
}

function add(prefix: string, count: number, uid: number): void {
	for (let i = 0; i < count; i++)
		rig.settledOrder(`${prefix}${i}`, { options: { via: `${prefix}${i}` } }, uid);
}

describe('a user with far more than there are lanes for', () => {
	test('lets another measure in every slot, in all of it', async () => {
		add('heavy', 200, heavy);
		add('light', 1, light);
		rig.scheduler.start();
		await rig.clock.pass(99_000);
		const slots = rig.recorded
			.filter(({ orderId }) => orderId === 'light0')
			.map(({ slot }) => slot.startSeconds);
		expect(slots.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => startSeconds + 10 * i));
		const windows = rig.probe.jobs.filter(({ targets }) => targets[0] === 'host-light0');
		expect(windows.every(({ windowMs }) => windowMs === 10_000)).toBe(true);
		expect(rig.skipped().filter(([id]) => id === 'light0')).toEqual([]);
		expect(measuredOf('heavy')).toBeGreaterThan(100);
	});

	test('shares what is left with another like it', async () => {
		rig.probe.lanes = 20;
		add('heavy', 600, heavy);
		add('other', 300, other);
		rig.scheduler.start();
		await rig.clock.pass(100_000);
		const ratio = measuredOf('heavy') / measuredOf('other');
		expect(ratio).toBeGreaterThan(0.7);
		expect(ratio).toBeLessThan(1.4);
	});

	test('does not keep newcomers of others waiting', async () => {
		add('heavy', 200, heavy);
		rig.scheduler.start();
		await rig.clock.pass(12_000);
		rig.newcomer('light', {}, null, light);
		await rig.clock.pass(18_000);
		expect(measuredOf('light')).toBeGreaterThan(0);
	});

	test('gains nothing by sharing batches with others, and harms nobody by it', async () => {
		rig.probe.max = 10;
		add('heavy', 200, heavy);
		// Its targets come first into the batch that others use.
		rig.settledOrder('heavy-first', { options: { via: 'usual' } }, heavy);
		rig.settledOrder('light', { options: { via: 'usual' } }, light);
		rig.scheduler.start();
		await rig.clock.pass(59_000);
		expect(rig.skipped().filter(([id]) => id === 'light')).toEqual([]);
		expect(measuredOf('light')).toBe(6);
	});
});

test('lanes are shared out wholly, and nobody who wants a fair share gets less', () => {
	const weights = fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
	fc.assert(
		fc.property(weights, fc.integer({ min: 1, max: 50 }), (all, lanes) => {
			const { fair, rounds } = shareOut(new Map(all.map((weight, uid) => [uid, weight])), lanes);
			expect(fair).toBeLessThanOrEqual(lanes);
			expect(fair).toBeGreaterThanOrEqual((lanes / all.length) * 0.999);
			let used = 0;
			for (const [uid, weight] of all.entries()) {
				const turns = rounds.get(uid) ?? 0;
				if (weight <= fair) expect(turns).toBe(1);
				used += weight / turns;
			}
			expect(used).toBeLessThanOrEqual(lanes * 1.000001);
		}),
	);
});
