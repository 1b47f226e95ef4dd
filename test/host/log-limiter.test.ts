/** Repeated messages. */
import { expect, test } from 'vitest';
import { RepeatLimiter } from '../../src/model/repeat-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLog } from '../support/fake-log.ts';

function limiterParts(intervalMs: number, kindsMax?: number) {
	const clock = new CountingClock(0);
	const log = new FakeLog();
	return { clock, lines: log.lines, limiter: new RepeatLimiter(log, clock, intervalMs, kindsMax) };
}

/** Knows how many timers are pending. */
class CountingClock extends FakeClock {
	readonly pending = new Set<object>();

	override after(delayMs: number, action: () => void): () => void {
		const timer = {};
		this.pending.add(timer);
		const cancel = super.after(delayMs, () => {
			this.pending.delete(timer);
			action();
		});
		return () => {
			this.pending.delete(timer);
			cancel();
		};
	}
}

test('the first of its kind is told at once, the latest with the number of the others later', async () => {
	const { clock, lines, limiter } = limiterParts(60_000);
	for (let i = 0; i < 125; i++) {
		limiter.limited('disk', 'error', `disk full ${i}`);
		await clock.pass(100);
	}
	expect(lines).toEqual(['error: disk full 0']);
	await clock.pass(47_500);
	expect(lines).toEqual(['error: disk full 0', 'error: disk full 124 (123 more like this in the last 60 s)']);
});

test('what happened once is told once', async () => {
	const { clock, lines, limiter } = limiterParts(60_000);
	limiter.limited('disk', 'warn', 'disk full');
	await clock.pass(60_000);
	limiter.limited('disk', 'warn', 'disk full again');
	expect(lines).toEqual(['warn: disk full', 'warn: disk full again']);
});

test('what happened twice is told twice, without a number', async () => {
	const { clock, lines, limiter } = limiterParts(60_000);
	limiter.limited('disk', 'warn', 'disk full');
	limiter.limited('disk', 'error', 'disk still full');
	await clock.pass(59_999);
	expect(lines).toEqual(['warn: disk full']);
	await clock.pass(1);
	expect(lines).toEqual(['warn: disk full', 'error: disk still full']);
});

test('what goes on is told once in each interval', async () => {
	const { clock, lines, limiter } = limiterParts(10_000);
	for (let second = 0; second < 60; second++) {
		limiter.limited('disk', 'warn', `second ${second}`);
		await clock.pass(1000);
	}
	expect(lines).toEqual([
		'warn: second 0',
		'warn: second 9 (8 more like this in the last 10 s)',
		'warn: second 19 (9 more like this in the last 10 s)',
		'warn: second 29 (9 more like this in the last 10 s)',
		'warn: second 39 (9 more like this in the last 10 s)',
		'warn: second 49 (9 more like this in the last 10 s)',
		'warn: second 59 (9 more like this in the last 10 s)',
	]);
});

test('different kinds do not limit each other', () => {
	const { lines, limiter } = limiterParts(60_000);
	limiter.limited('disk', 'warn', 'disk full');
	limiter.limited('fping', 'warn', 'fping missing');
	expect(lines).toEqual(['warn: disk full', 'warn: fping missing']);
});

test('nothing is lost at the end, and no timer is left', async () => {
	const { clock, lines, limiter } = limiterParts(60_000);
	for (let i = 0; i < 3; i++) limiter.limited('disk', 'warn', `disk full ${i}`);
	limiter.flush();
	const told = ['warn: disk full 0', 'warn: disk full 2 (1 more like this in the last 60 s)'];
	expect(lines).toEqual(told);
	expect(clock.pending.size).toBe(0);
});

test('of very many kinds the first are told early and forgotten', async () => {
	const { clock, lines, limiter } = limiterParts(60_000, 2);
	limiter.limited('a', 'warn', 'a1');
	limiter.limited('a', 'warn', 'a2');
	limiter.limited('b', 'warn', 'b1');
	limiter.limited('c', 'warn', 'c1');
	expect(lines).toEqual(['warn: a1', 'warn: b1', 'warn: c1', 'warn: a2']);
	limiter.limited('b', 'warn', 'b2');
	limiter.limited('a', 'warn', 'a3');
	expect(lines.slice(4)).toEqual(['warn: a3', 'warn: b2']);
	expect(clock.pending.size).toBe(2);
	await clock.pass(600_000);
	expect(lines).toHaveLength(6);
	expect(clock.pending.size).toBe(0);
});
