import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchMax, needMs, paceOf } from '../../../probes/icmp/pace.ts';

test('pings go over 80 % of the window, or as much as the last timeout leaves', () => {
	expect(paceOf({ windowMs: 60_000, pings: 5 })).toEqual({
		intervalMs: 9600,
		roundMs: 9600,
		timeoutMs: 3000,
	});
	expect(paceOf({ windowMs: 300_000, pings: 20, timeoutMs: 20_000 })).toEqual({
		intervalMs: 11_750,
		roundMs: 11_750,
		timeoutMs: 20_000,
	});
});

test('an order may say how long to wait from one ping to the next', () => {
	expect(paceOf({ windowMs: 60_000, pings: 5, intervalMs: 100 })).toEqual({
		intervalMs: 100,
		roundMs: 100,
		timeoutMs: 3000,
	});
});

test('a step of one second has room for one ping', () => {
	expect(paceOf({ windowMs: 1000, pings: 1 })).toEqual({ intervalMs: 200, roundMs: 200, timeoutMs: 650 });
});

test('whatever is asked for, the last timeout ends within the window', () => {
	const optional = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: undefined });
	const run = fc
		.record({ step: fc.integer({ min: 1, max: 600 }), pings: fc.integer({ min: 1, max: 600 }) })
		.filter(({ step, pings }) => pings <= step)
		.chain(({ step, pings }) =>
			fc.record({
				windowMs: fc.double({ min: needMs(1, { stepSeconds: step, pings }), max: step * 1000, noNaN: true }),
				pings: fc.constant(pings),
				intervalMs: optional(fc.double({ min: 10, max: (step * 1000) / pings, noNaN: true })),
				timeoutMs: optional(fc.double({ min: 10, max: step * 400, noNaN: true })),
			}),
		);
	fc.assert(
		fc.property(run, (one) => {
			const { intervalMs, roundMs, timeoutMs } = paceOf(one);
			expect(intervalMs).toBeGreaterThan(0);
			expect(roundMs).toBeLessThanOrEqual(intervalMs);
			expect((one.pings - 1) * intervalMs + roundMs + timeoutMs).toBeLessThanOrEqual(one.windowMs * 0.851);
		}),
	);
});

test('a batch is no larger than the main thread can take apart in passing', () => {
	expect(batchMax({ stepSeconds: 60, pings: 5 })).toBe(1000);
	expect(batchMax({ stepSeconds: 1000, pings: 1000 })).toBe(20);
});
