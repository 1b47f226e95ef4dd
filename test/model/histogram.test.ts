import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketIndex, Histogram, upperBound } from '../../src/model/histogram.ts';

const seconds = fc.double({ min: 1e-9, max: 200, noNaN: true });
const times = fc.array(seconds, { maxLength: 300 });

function histogramOf(list: readonly number[], schema = 4): Histogram {
	const histogram = new Histogram(schema);
	for (const rtt of list) histogram.add(rtt);
	return histogram;
}

describe('buckets', () => {
	test('bucket i holds what is above 2^((i-1)/16) and at most 2^(i/16)', () => {
		expect(bucketIndex(1)).toBe(0);
		expect(bucketIndex(1.0000001)).toBe(1);
		expect(bucketIndex(2)).toBe(16);
		expect(bucketIndex(0.5)).toBe(-16);
		expect(bucketIndex(0.0203)).toBe(-89);
		expect(bucketIndex(0.0001, 3)).toBe(-106);
	});

	test('every time lies between the bounds of its bucket', () => {
		fc.assert(
			fc.property(seconds, fc.integer({ min: -1, max: 4 }), (rtt, schema) => {
				const index = bucketIndex(rtt, schema);
				expect(rtt).toBeLessThanOrEqual(upperBound(index, schema));
				expect(rtt).toBeGreaterThan(upperBound(index - 1, schema));
			}),
		);
	});

	test('what is no time at all counts as the shortest', () => {
		expect(histogramOf([0, -1]).buckets()).toEqual([[-480, 2]]);
	});

	test('what no time can be counts as the longest', () => {
		expect(bucketIndex(Number.MAX_VALUE)).toBe(640);
		expect(bucketIndex(Number.POSITIVE_INFINITY)).toBe(640);
		const histogram = new Histogram();
		histogram.add(Number.POSITIVE_INFINITY);
		expect(histogram.countUpTo(Number.POSITIVE_INFINITY)).toBe(1);
	});
});

test('several bounds at once have the counts of each', () => {
	const bounds = [0.0005, 0.001, 0.002, 0.05, 0.2, 1, 2, 30];
	fc.assert(
		fc.property(times, fc.integer({ min: 0, max: 4 }), (list, schema) => {
			const histogram = histogramOf(list, schema);
			expect(histogram.countsUpTo(bounds)).toEqual(
				bounds.map((bound) => [bound, histogram.countUpTo(bound)]),
			);
		}),
	);
});

describe('merging and making coarser lose nothing', () => {
	test('two halves together are the whole, in any order', () => {
		fc.assert(
			fc.property(times, times, (some, others) => {
				const whole = histogramOf([...some, ...others]).buckets();
				const [a, b] = [histogramOf(some), histogramOf(others)];
				a.merge(histogramOf(others));
				b.merge(histogramOf(some));
				expect(a.buckets()).toEqual(whole);
				expect(b.buckets()).toEqual(whole);
			}),
		);
	});

	test('a coarser histogram is the one that was counted coarsely', () => {
		fc.assert(
			fc.property(times, fc.integer({ min: -2, max: 4 }), (list, schema) => {
				const histogram = histogramOf(list);
				histogram.coarsen(schema);
				expect(histogram.buckets()).toEqual(histogramOf(list, schema).buckets());
			}),
		);
	});

	test('of two schemas the lower holds', () => {
		const fine = histogramOf([0.1, 0.2]);
		fine.merge(histogramOf([0.3], 2));
		expect(fine.schema).toBe(2);
		expect(fine.buckets()).toEqual(histogramOf([0.1, 0.2, 0.3], 2).buckets());
		const coarse = histogramOf([0.3], 2);
		coarse.merge(histogramOf([0.1, 0.2]));
		expect(coarse.buckets()).toEqual(fine.buckets());
	});

	test('it fits into a number of buckets', () => {
		const histogram = histogramOf(Array.from({ length: 1000 }, (_, at) => 0.001 * 1.01 ** at));
		expect(histogram.size).toBeGreaterThan(200);
		histogram.fit(60);
		expect(histogram.size).toBeLessThanOrEqual(60);
		expect(histogram.schema).toBe(2);
		expect(histogram.count).toBe(1000);
	});

	test('a copy has a life of its own', () => {
		const histogram = histogramOf([1]);
		const copy = histogram.copy();
		copy.add(1);
		expect([histogram.count, copy.count]).toEqual([1, 2]);
	});
});

describe('what is asked of it', () => {
	test('counts up to a bound, at most one bucket too many', () => {
		fc.assert(
			fc.property(times, seconds, (list, bound) => {
				const counted = histogramOf(list).countUpTo(bound);
				expect(counted).toBeGreaterThanOrEqual(list.filter((rtt) => rtt <= bound).length);
				expect(counted).toBeLessThanOrEqual(list.filter((rtt) => rtt <= bound * 2 ** (1 / 16)).length);
			}),
		);
		expect(histogramOf([1, 2]).countUpTo(0)).toBe(0);
	});

	test('quantiles are within a bucket of the true ones', () => {
		fc.assert(
			fc.property(fc.array(seconds, { minLength: 1, maxLength: 100 }), (list) => {
				const sorted = list.toSorted((a, b) => a - b);
				const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
				const told = histogramOf(list).quantile(0.5) ?? 0;
				expect(Math.abs(Math.log2(told / median))).toBeLessThanOrEqual(1 / 16 + 1e-9);
			}),
		);
		expect(new Histogram().quantile(0.5)).toBeNull();
		const even = histogramOf([0.02, 0.02, 0.02, 0.02]);
		expect(even.quantile(1)).toBe(upperBound(bucketIndex(0.02), 4));
		expect(even.quantile(0)).toBe(upperBound(bucketIndex(0.02) - 1, 4));
	});
});
