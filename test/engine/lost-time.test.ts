import { expect, test } from 'vitest';
import { LostTime } from '../../src/engine/lost-time.ts';
import { FakeClock } from '../support/fake-clock.ts';

const start = Date.UTC(2026, 10, 30);

/** A machine, at which somebody looks every second while all is well. */
function machine() {
	const clock = new FakeClock(start);
	let sleptMs = 0;
	let cpuMs = 0;
	const lost = new LostTime(clock, {
		sinceBootMs: () => clock.monotonicMs() + sleptMs,
		cpuMs: () => cpuMs,
	});
	lost.look();
	const passes = async (seconds: number) => {
		for (let second = 0; second < seconds; second++) {
			await clock.pass(1000);
			lost.look();
		}
	};
	const why = (fromSeconds: number, toSeconds: number) =>
		lost.why(start + fromSeconds * 1000, start + toSeconds * 1000).reason;
	return {
		...{ clock, lost, passes, why },
		async sleeps(seconds: number) {
			sleptMs += seconds * 1000;
			clock.stepWall(seconds * 1000);
			await passes(1);
		},
		async isHeldUp(seconds: number, computing = 0) {
			cpuMs += computing * 1000;
			await clock.pass(seconds * 1000);
			lost.look();
		},
	};
}

test('only sleep and a clock that is set are the fault of clocks', async () => {
	const slept = machine();
	await slept.sleeps(60);
	expect(slept.lost.why(start, start + 60_000).code).toBe('clock');
	const held = machine();
	await held.isHeldUp(13);
	expect(held.lost.why(start, start + 10_000).code).toBe('overrun');
});

test('sleep, a clock that is set, and being held up are told apart', async () => {
	const one = machine();
	await one.passes(5);
	await one.sleeps(3600);
	expect(one.why(10, 3000)).toBe('the machine slept for 3600 s');
	const two = machine();
	two.clock.stepWall(7200_000);
	await two.passes(1);
	expect(two.why(10, 7000)).toBe('the clock was set ahead by 7200 s');
	two.clock.stepWall(-3600_000);
	await two.passes(1);
	expect(two.why(3700, 3800)).toMatch(/the clock was set/);
	const three = machine();
	await three.isHeldUp(13);
	expect(three.why(5, 10)).toBe(
		'pingmachine itself was held up for 12 s: it was stopped, had no processor, or waited for a file system',
	);
	const four = machine();
	await four.isHeldUp(5, 4.5);
	expect(four.why(1, 4)).toBe(
		'pingmachine itself was held up for 4.0 s: it computed for 4.5 s of that, in all threads',
	);
});

test('of what happened, that counts which cost the time that is asked for', async () => {
	const { sleeps, isHeldUp, passes, why } = machine();
	await passes(10);
	await isHeldUp(5);
	await passes(10);
	await sleeps(60);
	await passes(100);
	expect(why(11, 14)).toMatch(/held up for 4.0 s/);
	expect(why(30, 80)).toBe('the machine slept for 60 s');
	expect(why(0, 300)).toBe('the machine slept for 60 s');
});

test('nothing is made up when nothing happened', async () => {
	const { passes, why } = machine();
	await passes(60);
	expect(why(10, 50)).toBe('no job was started in time, and it is not known why');
});
