import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measurementsIn, nothingPacked, withMeasurement } from '../../src/memory/packed-samples.ts';
import { type Measurement, measurementOf, type Sample } from '../../src/model/measurement.ts';

const slot = { startSeconds: 1_795_240_200, stepSeconds: 300 };

function measured(samples: readonly Sample[], changes: Partial<Measurement> = {}): Measurement {
	return { ...measurementOf({ id: 'a', pings: samples.length }, slot, samples), ...changes };
}

function roundTrip(samples: readonly Sample[]): { sent: number; rtt: number | null }[] {
	return measurementsIn(withMeasurement(nothingPacked, measured(samples), 10))[0]?.samples ?? [];
}

/** RTTs are nanoseconds at the finest: no clock gives more. */
const sample = fc.record({
	sentAtSeconds: fc.double({ min: -2, max: 604_800, noNaN: true }).map((s) => slot.startSeconds + s),
	rttSeconds: fc.option(
		fc.oneof(
			fc.integer({ min: 0, max: 2_000_000 }).map((ns) => ns / 1e9),
			fc.integer({ min: 1, max: 999 }).map((digits) => digits / 1e4),
			fc.integer({ min: 0, max: 180_000_000_000 }).map((ns) => ns / 1e9),
		),
	),
});

test('sending times come back to 10 us, RTTs with the digits of last_result, lost pings as lost', () => {
	fc.assert(
		fc.property(fc.array(sample, { minLength: 1, maxLength: 1000 }), (samples) => {
			const back = roundTrip(samples);
			expect(back).toHaveLength(samples.length);
			for (const [index, { sentAtSeconds, rttSeconds }] of samples.entries()) {
				expect(Math.abs((back[index]?.sent ?? 0) - sentAtSeconds)).toBeLessThan(6e-6);
				const rtt = back[index]?.rtt;
				if (rttSeconds === null) expect(rtt).toBeNull();
				else expect(Math.abs((rtt ?? -1) - rttSeconds)).toBeLessThanOrEqual(rttSeconds * 5.1e-7);
			}
		}),
		{ numRuns: 60 },
	);
});

test('what fping prints comes back as the very number', () => {
	const rtts = [0.000024, 0.00123, 0.0123, 0.123, 1.23, 0.000013, 0, 2.5];
	const samples = rtts.map((rttSeconds, index) => ({ sentAtSeconds: slot.startSeconds + index, rttSeconds }));
	expect(roundTrip(samples).map(({ rtt }) => rtt)).toEqual(rtts);
});

test('what no probe should say does no harm', () => {
	const odd = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300];
	const samples = odd.map((value) => ({ sentAtSeconds: slot.startSeconds, rttSeconds: value }));
	expect(roundTrip(samples).map(({ rtt }) => rtt)).toEqual([0, 1e6, 0, 1e6]);
	expect(roundTrip([{ sentAtSeconds: Number.NaN, rttSeconds: 1 }])).toEqual([
		{ sent: slot.startSeconds, rtt: 1 },
	]);
	const many = Array.from({ length: 9000 }, () => ({ sentAtSeconds: slot.startSeconds, rttSeconds: 1 }));
	expect(roundTrip(many)).toHaveLength(4000);
});

describe('several', () => {
	const one = (number: number) =>
		measured([{ sentAtSeconds: slot.startSeconds + 10 * number, rttSeconds: number / 1000 }], {
			slot: { startSeconds: slot.startSeconds + 10 * number, stepSeconds: 10 + number },
			pings: number,
		});

	test('come back newest first, each with its own step and pings', () => {
		let packed = nothingPacked;
		for (const number of [1, 2, 3]) packed = withMeasurement(packed, one(number), 10);
		expect(measurementsIn(packed)).toEqual(
			[3, 2, 1].map((number) => ({
				time: slot.startSeconds + 10 * number,
				step: 10 + number,
				pings: number,
				samples: [{ sent: slot.startSeconds + 10 * number, rtt: number / 1000 }],
			})),
		);
	});

	test('the oldest goes when there are too many, also when they differ in length', () => {
		let packed = nothingPacked;
		for (let number = 1; number <= 25; number++) {
			const samples = Array.from({ length: number * 7 }, (_, index) => ({
				sentAtSeconds: slot.startSeconds + index,
				rttSeconds: index % 3 === 0 ? null : 0.02,
			}));
			packed = withMeasurement(packed, measured(samples), 10);
		}
		const lengths = measurementsIn(packed).map(({ samples }) => samples.length / 7);
		expect(lengths).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16]);
	});

	test('nothing packed is no measurement', () => {
		expect(measurementsIn(nothingPacked)).toEqual([]);
	});
});
