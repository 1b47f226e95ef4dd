import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { every, SystemClock } from '../../src/model/clock.ts';

let delays: number[];
let clock: SystemClock;
let done: string[];
const does = (what: string) => () =>
	void done.push(`${what} at ${Math.round(clock.monotonicMs() - startMs)}`);
let startMs: number;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
	delays = [];
	done = [];
	clock = new SystemClock((ms) => delays.push(Math.round(ms)));
	startMs = clock.monotonicMs();
});
afterEach(() => {
	vi.useRealTimers();
});

describe('what may wait', () => {
	test('is done with what is due, once it may be done', () => {
		clock.after(300, does('patient'), 1000);
		clock.after(100, does('first'));
		clock.after(500, does('second'));
		vi.advanceTimersByTime(2000);
		expect(done).toEqual(['first at 100', 'second at 500', 'patient at 500']);
	});

	test('is done when its patience ends, and takes along what is patient longer', () => {
		clock.after(100, does('a'), 1000);
		clock.after(200, does('b'), 5000);
		clock.after(2000, does('c'), 5000);
		vi.advanceTimersByTime(3000);
		expect(done).toEqual(['a at 1100', 'b at 1100']);
		vi.advanceTimersByTime(10_000);
		expect(done).toEqual(['a at 1100', 'b at 1100', 'c at 7000']);
	});

	test('wakes the thread once for all that comes again and again', () => {
		every(clock, 500, 300, does('look'));
		every(clock, 200, 800, does('title'));
		every(clock, 4000, 1000, does('expiry'));
		vi.advanceTimersByTime(60_000);
		const times = new Set(done.map((line) => line.split(' at ')[1]));
		expect(times.size).toBe(60_000 / 800);
		expect(delays).toHaveLength(times.size);
		expect(done.filter((line) => line.startsWith('title')).length).toBe(times.size);
		expect(done.filter((line) => line.startsWith('expiry')).length).toBe(60 / 4);
	});

	test('is not done when it was cancelled, and nobody is woken for it', () => {
		const cancel = clock.after(100, does('a'), 1000);
		const cancelAgain = every(clock, 100, 100, does('b'));
		clock.after(5000, does('c'))();
		cancel();
		cancelAgain();
		vi.advanceTimersByTime(10_000);
		expect(done).toEqual([]);
		expect(delays).toEqual([]);
	});

	test('is done after the fault of something else', () => {
		const fault = () => {
			throw new Error('a fault');
		};
		clock.after(100, fault, 1000);
		clock.after(200, does('a'), 1000);
		clock.after(100, fault);
		expect(() => vi.advanceTimersByTime(100)).toThrow('a fault');
		vi.advanceTimersByTime(5000);
		expect(done).toEqual(['a at 1200']);
	});
});

test('how late the thread is is told for each timer that wakes it', async () => {
	vi.useRealTimers();
	const busyMs = 60;
	clock.after(0, () => {
		const untilMs = performance.now() + busyMs;
		while (performance.now() < untilMs);
	});
	await new Promise<void>((resolve) => void clock.after(5, resolve));
	expect(delays).toHaveLength(2);
	expect(delays[1]).toBeGreaterThan(busyMs / 2);
});

test('what is due at once is never asked for in less than nothing, of which Node.js warns', () => {
	vi.useRealTimers();
	const asked = vi.spyOn(globalThis, 'setTimeout');
	try {
		const real = new SystemClock();
		for (const delayMs of [0, -5, 0.001]) real.after(delayMs, () => {})();
		for (const delayMs of [0, -5]) real.after(delayMs, () => {}, 0.000_001)();
		const waits = asked.mock.calls.map(([, waitMs]) => waitMs);
		expect(waits).toHaveLength(5);
		expect(waits.filter((waitMs) => waitMs === undefined || waitMs < 0)).toEqual([]);
	} finally {
		asked.mockRestore();
	}
});
