import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fping } from '../../../probes/fping/index.ts';
import { paceOf } from '../../../probes/shared/fping-pace.ts';
import type { Timing } from '../../../src/model/probe.ts';

/** Every pair of step and pings that an order may have, the short ones more often than they come up by chance. */
const timing: fc.Arbitrary<Timing> = fc
	.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 7 * 24 * 3600 }))
	.chain((stepSeconds) =>
		fc.record({
			stepSeconds: fc.constant(stepSeconds),
			pings: fc.oneof(
				fc.integer({ min: 1, max: Math.min(stepSeconds, 20) }),
				fc.integer({ min: 1, max: Math.min(stepSeconds, 1000) }),
			),
		}),
	);

/** A timing and a number of hosts that one batch of it may have. */
const batch = timing.chain((one) =>
	fc.record({ timing: fc.constant(one), hosts: fc.integer({ min: 1, max: fping.batchMax(one) }) }),
);

/** From the first packet to the end of the wait for the last answer; fping 5.1 sends one packet in 1.1 ms. */
function durationMs(pace: ReturnType<typeof paceOf>, hosts: number, pings: number): number {
	const roundMs = hosts * 1.1;
	return (pings - 1) * Math.max(pace.intervalMs, roundMs) + roundMs + pace.timeoutMs;
}

/** A window as the scheduler may give it: the whole step, a turn of it, or what is left when it is late. */
const window = fc
	.record({ batch, share: fc.double({ min: 0, max: 1, noNaN: true }) })
	.map(({ batch, share }) => {
		const { timing, hosts } = batch;
		const needMs = fping.needMs(hosts, timing);
		const leastMs = needMs * 0.9;
		return { ...batch, needMs, windowMs: leastMs + share * (timing.stepSeconds * 1000 - leastMs) };
	});

describe('the pace', () => {
	test.each([
		[300, 20, 1, 11849],
		[300, 20, 1000, 11800],
		[60, 5, 1, 8999],
		[60, 20, 400, 2230],
		[10, 5, 28, 994],
		[10, 1, 3, 4997],
		[3600, 10, 1000, 287600],
	])('is that of the contract: step %i, pings %i, %i hosts', (stepSeconds, pings, hosts, intervalMs) => {
		expect(paceOf({ windowMs: stepSeconds * 1000, hosts, pings })).toEqual({ intervalMs, timeoutMs: 3000 });
	});

	test('is that of the contract whenever that leaves decent intervals', () => {
		fc.assert(
			fc.property(batch, ({ timing: { stepSeconds, pings }, hosts }) => {
				const intervalMs = Math.floor((stepSeconds * 800 - hosts - 3000) / pings);
				fc.pre(intervalMs >= Math.max(200, hosts * 1.3));
				expect(paceOf({ windowMs: stepSeconds * 1000, hosts, pings })).toEqual({
					intervalMs,
					timeoutMs: 3000,
				});
			}),
		);
	});

	test.each([
		[1, 1, 1, { intervalMs: 200, timeoutMs: 848 }],
		[1, 1, 100, { intervalMs: 200, timeoutMs: 730 }],
		[1, 1, 400, { intervalMs: 480, timeoutMs: 370 }],
		[2, 2, 1, { intervalMs: 200, timeoutMs: 1498 }],
		[2, 2, 400, { intervalMs: 480, timeoutMs: 740 }],
		[5, 5, 400, { intervalMs: 480, timeoutMs: 1850 }],
		[5, 1, 1000, { intervalMs: 1200, timeoutMs: 3000 }],
		[5, 5, 1, { intervalMs: 312, timeoutMs: 3000 }],
	])(
		'of short steps leaves as much time for answers as there is: step %i, pings %i, %i hosts',
		(...values) => {
			const [stepSeconds, pings, hosts, pace] = values;
			expect(paceOf({ windowMs: stepSeconds * 1000, hosts, pings })).toEqual(pace);
		},
	);

	test('always fits into the window, with decent intervals and never less than fping takes', () => {
		fc.assert(
			fc.property(window, ({ timing: { pings }, hosts, windowMs }) => {
				const pace = paceOf({ windowMs, hosts, pings });
				expect(durationMs(pace, hosts, pings)).toBeLessThanOrEqual(windowMs * 0.85);
				expect(pace.intervalMs).toBeGreaterThanOrEqual(Math.max(200, hosts));
				expect(pace.timeoutMs).toBeGreaterThanOrEqual(Math.min(3000, windowMs * 0.29));
				expect(pace.timeoutMs).toBeLessThanOrEqual(3000);
			}),
			{ numRuns: 2000 },
		);
	});

	test('of any window at all is one that fping takes', () => {
		const any = fc.record({
			windowMs: fc.double({ min: -1000, max: 100_000, noNaN: true }),
			hosts: fc.integer({ min: 1, max: 1000 }),
			pings: fc.integer({ min: 1, max: 1000 }),
			intervalMs: fc.option(fc.double({ min: 10, max: 1e6, noNaN: true }), { nil: undefined }),
		});
		fc.assert(
			fc.property(any, (run) => {
				const { intervalMs, timeoutMs } = paceOf(run);
				expect(intervalMs).toBeGreaterThanOrEqual(10);
				expect(timeoutMs).toBeGreaterThanOrEqual(100);
				expect(Number.isInteger(timeoutMs)).toBe(true);
			}),
		);
	});
});

describe('an interval that the order asks for', () => {
	test.each([10, 50.5, 1000, 10_000])('of %d ms is kept', (intervalMs) => {
		const pace = paceOf({ windowMs: 300_000, hosts: 10, pings: 20, intervalMs });
		expect(pace).toEqual({ intervalMs, timeoutMs: 3000 });
	});

	test('is kept for a single ping, which has none', () => {
		expect(paceOf({ windowMs: 1000, hosts: 1, pings: 1, intervalMs: 5000 }).intervalMs).toBeGreaterThan(0);
	});

	test('shrinks when the pings would not fit into the window, and is never widened', () => {
		const wanted = fc.record({ window, intervalMs: fc.integer({ min: 10, max: 100_000 }) });
		fc.assert(
			fc.property(wanted, ({ window: { timing, hosts, windowMs }, intervalMs }) => {
				const pace = paceOf({ windowMs, hosts, pings: timing.pings, intervalMs });
				expect(durationMs(pace, hosts, timing.pings)).toBeLessThanOrEqual(windowMs * 0.85);
				expect(pace.intervalMs).toBeLessThanOrEqual(intervalMs);
				expect(pace.timeoutMs).toBeGreaterThanOrEqual(Math.min(3000, windowMs * 0.29));
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('a batch', () => {
	test.each([
		[300, 20, 1000],
		[60, 20, 1000],
		[10, 5, 800],
		[2, 2, 400],
		[1, 1, 400],
	])('of step %i, pings %i holds up to %i hosts', (stepSeconds, pings, hosts) => {
		expect(fping.batchMax({ stepSeconds, pings })).toBe(hosts);
	});

	test('needs no more than its step, and in what it needs it is not distorted', () => {
		fc.assert(
			fc.property(batch, ({ timing, hosts }) => {
				const stepMs = timing.stepSeconds * 1000;
				const needMs = fping.needMs(hosts, timing);
				expect(needMs).toBeLessThanOrEqual(stepMs);
				if (needMs === stepMs) return;
				// The scheduler may give a tenth less.
				const pace = paceOf({ windowMs: needMs * 0.9, hosts, pings: timing.pings });
				expect(pace.timeoutMs).toBe(3000);
				expect(pace.intervalMs).toBeGreaterThanOrEqual(Math.max(200, hosts));
			}),
			{ numRuns: 1000 },
		);
	});

	test('needs the time of its packets', () => {
		expect(fping.needMs(1, { stepSeconds: 300, pings: 20 })).toBe(9069);
		expect(fping.needMs(1000, { stepSeconds: 300, pings: 20 })).toBe(36_000);
		expect(fping.needMs(1, { stepSeconds: 1, pings: 1 })).toBe(1000);
	});
});
