import { beforeEach, describe, expect, test, vi } from 'vitest';
import { allAnswer } from '../support/scripted-probe.ts';
import { SchedulerRig, startSeconds } from './support/scheduler-rig.ts';

let rig: SchedulerRig;

beforeEach(() => {
	rig = new SchedulerRig();
});

describe('the wall clock', () => {
	test('slots that a sleeping machine missed are skipped and counted, not run in a burst', async () => {
		rig.settledOrder('a');
		rig.settledOrder('b');
		rig.scheduler.start();
		await rig.clock.pass(5000);
		rig.clock.stepWall(3_600_000);
		await rig.clock.pass(10_000);
		const woken = startSeconds + 3600;
		expect(rig.times()).toEqual([startSeconds, startSeconds, woken, woken, woken + 10, woken + 10]);
		expect(rig.scheduler.counters).toMatchObject({ measured: 6, skipped: 2 * 359, late: 2 });
	});

	test('the slot in which the machine wakes is skipped too when too little of it is left', async () => {
		rig.settledOrder('a');
		rig.probe.need = 6000;
		rig.scheduler.start();
		await rig.clock.pass(5000);
		rig.clock.stepWall(3_600_000);
		await rig.clock.pass(10_000);
		expect(rig.times()).toEqual([startSeconds, startSeconds + 3610]);
		expect(rig.scheduler.counters).toMatchObject({ measured: 2, skipped: 360, late: 0 });
	});

	test('each cause of a gap is told, though another was just told, and one is the same for longer and shorter gaps', async () => {
		const warn = vi.spyOn(rig.log, 'warn');
		rig.settledOrder('a');
		rig.probe.need = 6000;
		rig.scheduler.start();
		for (const gapMs of [3_600_000, 45_000]) {
			await rig.clock.pass(15_000);
			rig.clock.stepWall(gapMs);
		}
		await rig.clock.pass(15_000);
		const calls = warn.mock.calls as [message: string, kind?: string][];
		const told = calls.map(([message, kind]) => [message.replace(/^skipped.*: /, ''), kind]);
		const ofSleep = told.filter(([message]) => /the clock was set|slept/.test(message ?? ''));
		expect(ofSleep).toHaveLength(2);
		expect(new Set(ofSleep.map(([, kind]) => kind)).size).toBe(1);
		const tooLate = told.filter(([message]) => message?.startsWith('too little'));
		expect(tooLate.length).toBeGreaterThan(0);
		expect(tooLate[0]?.[1]).not.toBe(ofSleep[0]?.[1]);
	});

	test('a job that is late but still fits runs in what is left of its window', async () => {
		rig.settledOrder('a');
		rig.scheduler.start();
		await rig.clock.pass(5000);
		rig.clock.stepWall(7000);
		await rig.clock.pass(1000);
		expect(rig.times()).toEqual([startSeconds, startSeconds + 10]);
		expect(rig.probe.jobs[1]?.windowMs).toBeLessThan(8000);
		expect(rig.scheduler.counters).toMatchObject({ late: 1, skipped: 0 });
	});

	test('a job that was running when the machine fell asleep is ended when it wakes', async () => {
		rig.settledOrder('a', { stepSeconds: 3600 });
		rig.probe.script = (job, tools) =>
			new Promise((resolve) => tools.signal.addEventListener('abort', () => resolve(allAnswer(job))));
		await rig.clock.pass(3_600_000 - (rig.clock.wallMs() % 3_600_000));
		rig.scheduler.start();
		await rig.clock.pass(1000);
		expect(rig.scheduler.jobsRunning).toBe(1);
		rig.clock.stepWall(3 * 3_600_000);
		await rig.clock.pass(2000);
		expect(rig.recorded).toHaveLength(1);
		expect(rig.scheduler.counters.overrun).toBe(1);
		expect(rig.probe.jobs).toHaveLength(2);
	});

	test('a clock that is corrected by less than a step does not measure a slot twice', async () => {
		rig.settledOrder('a');
		rig.scheduler.start();
		await rig.clock.pass(10_100);
		rig.clock.stepWall(-500);
		await rig.clock.pass(10_000);
		expect(rig.times()).toEqual([startSeconds, startSeconds + 10]);
		await rig.clock.pass(600);
		expect(rig.times()).toEqual([startSeconds, startSeconds + 10, startSeconds + 20]);
	});

	test('a clock that is set back by an hour does not stop the measuring', async () => {
		rig.settledOrder('a');
		rig.scheduler.start();
		await rig.clock.pass(100);
		rig.clock.stepWall(-3_600_000);
		await rig.clock.pass(10_100);
		expect(rig.times()).toEqual([startSeconds, startSeconds - 3600, startSeconds - 3590]);
		expect(rig.log.lines.join()).toContain('the clock went back');
	});
});
