import fc from 'fast-check';
import { expect, test } from 'vitest';
import { needMs, paceOf } from '../../../../probes/shared/timing/pace.ts';

test.each([
	[60, 5, undefined, { intervalMs: 7600, timeoutMs: 10_000 }],
	[10, 5, undefined, { intervalMs: 800, timeoutMs: 4000 }],
	[1, 1, undefined, { intervalMs: 400, timeoutMs: 400 }],
	[10, 5, 200, { intervalMs: 200, timeoutMs: 7000 }],
	[10, 5, 2000, { intervalMs: 800, timeoutMs: 4000 }],
])('step %i, %i pings, interval %s', (stepSeconds, pings, intervalMs, expected) => {
	expect(paceOf({ windowMs: stepSeconds * 1000, pings, intervalMs, timeoutMs: 10_000 })).toEqual(expected);
});

test('the last timeout ends within the window, whatever is asked', () => {
	const span = fc.integer({ min: 1, max: 100_000 });
	fc.assert(
		fc.property(
			fc.integer({ min: 1000, max: 1e7 }),
			span,
			fc.option(span),
			span,
			(windowMs, pings, wanted, timeoutMs) => {
				const pace = paceOf({ windowMs, pings, intervalMs: wanted ?? undefined, timeoutMs });
				expect(pace.intervalMs).toBeGreaterThan(0);
				expect(pings * pace.intervalMs + pace.timeoutMs).toBeLessThanOrEqual(windowMs * 0.8 + 0.001);
			},
		),
	);
});

test('the shortest window has the full timeout', () => {
	const timing = { stepSeconds: 60, pings: 5 };
	const windowMs = needMs(timing, 10_000);
	expect(windowMs).toBe(25_000);
	expect(paceOf({ windowMs, pings: 5, timeoutMs: 10_000 }).timeoutMs).toBe(10_000);
	expect(needMs({ stepSeconds: 5, pings: 5 }, 10_000)).toBe(5000);
});
