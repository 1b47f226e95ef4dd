import { expect, test, vi } from 'vitest';
import type { Clock } from '../../src/model/clock.ts';
import { race } from '../../src/model/race.ts';
import { FakeClock } from '../support/fake-clock.ts';

const never = new Promise<never>(() => {});

test('what comes in time counts, whatever it is', async () => {
	const clock = new FakeClock(0);
	const limit = { ms: 1000, clock, signal: new AbortController().signal };
	expect(await race(Promise.resolve(7), limit, () => 'late')).toBe(7);
	expect(await race(Promise.resolve(undefined), limit, () => 'late')).toBeUndefined();
	await expect(race(Promise.reject(new Error('no')), limit, () => 'late')).rejects.toThrow('no');
});

test('after the time, or when the signal fires, the other thing does', async () => {
	const clock = new FakeClock(0);
	const timed = race(never, { ms: 1000, clock }, () => 'late');
	await clock.pass(1000);
	expect(await timed).toBe('late');
	const controller = new AbortController();
	const stopped = race(never, { ms: 1000, clock, signal: controller.signal }, () => {
		throw new Error('stopped');
	});
	controller.abort();
	await expect(stopped).rejects.toThrow('stopped');
	expect(await race(never, { signal: AbortSignal.abort() }, () => 'at once')).toBe('at once');
});

test('a grace begins when the signal fires', async () => {
	const clock = new FakeClock(0);
	const controller = new AbortController();
	let outcome = '';
	const run = race(never, { signal: controller.signal, graceMs: 3000, clock }, () => 'given up');
	void run.then((text) => {
		outcome = text;
	});
	await clock.pass(10_000);
	controller.abort();
	await clock.pass(2999);
	expect(outcome).toBe('');
	await clock.pass(1);
	expect(await run).toBe('given up');
});

test('work that fails later disturbs nobody, and nothing is left behind', async () => {
	const clock = new FakeClock(0);
	const cancel = vi.fn();
	const counted: Clock = {
		wallMs: () => clock.wallMs(),
		monotonicMs: () => clock.monotonicMs(),
		after(ms, action) {
			clock.after(ms, action);
			return cancel;
		},
	};
	const { signal } = new AbortController();
	const removed = vi.spyOn(signal, 'removeEventListener');
	let fail: (error: Error) => void = () => {};
	const work = new Promise<never>((_resolve, reject) => {
		fail = reject;
	});
	const late = race(work, { ms: 10, clock: counted, signal }, () => 'late');
	await clock.pass(10);
	expect(await late).toBe('late');
	fail(new Error('too late to matter'));
	expect(cancel).toHaveBeenCalledOnce();
	expect(removed).toHaveBeenCalledOnce();
});
