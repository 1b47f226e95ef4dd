import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchMax, needMs, paceOf } from '../../../probes/ssh/pace.ts';

const timing = fc
	.record({ stepSeconds: fc.integer({ min: 1, max: 86_400 }), pings: fc.integer({ min: 1, max: 1000 }) })
	.filter(({ stepSeconds, pings }) => pings <= stepSeconds);

test.each([
	[60_000, 5, { intervalMs: 9000, timeoutMs: 3000 }],
	[300_000, 20, { intervalMs: 11_850, timeoutMs: 3000 }],
	[5000, 5, { intervalMs: 400, timeoutMs: 2000 }],
	[1000, 1, { intervalMs: 400, timeoutMs: 400 }],
])('in %i ms %i pings go at %j', (windowMs, pings, pace) => {
	expect(paceOf(windowMs, pings)).toEqual(pace);
});

test('the interval that is asked for is kept, if it fits', () => {
	expect(paceOf(60_000, 5, 200)).toEqual({ intervalMs: 200, timeoutMs: 3000 });
	expect(paceOf(5000, 5, 1000)).toEqual({ intervalMs: 400, timeoutMs: 2000 });
});

test.each([
	[1, 1, 40],
	[10, 5, 80],
	[60, 60, 40],
	[300, 20, 500],
])('step %i, pings %i: %i targets share a run', (stepSeconds, pings, targets) => {
	expect(batchMax({ stepSeconds, pings })).toBe(targets);
});

describe('whatever the step and the pings', () => {
	test('a full batch ends within its window, with some to spare', () => {
		fc.assert(
			fc.property(timing, ({ stepSeconds, pings }) => {
				const { intervalMs, timeoutMs } = paceOf(stepSeconds * 1000, pings);
				expect(intervalMs * pings + timeoutMs).toBeLessThanOrEqual(stepSeconds * 1000 * 0.8 + 1e-6);
			}),
		);
	});

	test('a batch makes at most 100 connections a second in a window that is long enough for it', () => {
		fc.assert(
			fc.property(timing, fc.double({ min: 0, max: 1, noNaN: true }), (one, share) => {
				const targets = Math.max(1, Math.floor(batchMax(one) * share));
				const windowMs = needMs(targets, one);
				expect(windowMs).toBeLessThanOrEqual(one.stepSeconds * 1000);
				const { intervalMs } = paceOf(windowMs, one.pings);
				expect(targets / intervalMs).toBeLessThanOrEqual(0.1 * 1.01);
			}),
		);
	});
});
