import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packResults, unpackResults } from '../../src/delivery/packed-results.ts';
import { measurementOf } from '../../src/model/measurement.ts';
import type { DeliveredOrder } from '../../src/model/sink.ts';
import { deliveredOrder } from './support/results.ts';

it('gives back what was packed, but for those that have no number', () => {
	const sample = fc.record({
		sentAtSeconds: fc.double({ min: 0, max: 4e9, noNaN: true }),
		rttSeconds: fc.option(fc.double({ min: 0, max: 180, noNaN: true })),
	});
	const measurement = fc
		.record({
			id: fc.string(),
			pings: fc.integer({ min: 1, max: 30 }),
			startSeconds: fc.integer({ min: 0, max: 4e9 }),
			stepSeconds: fc.integer({ min: 1, max: 1e6 }),
			samples: fc.array(sample, { minLength: 1, maxLength: 30 }),
			isWanted: fc.boolean(),
		})
		.map(({ id, pings, startSeconds, stepSeconds, samples, isWanted }) => ({
			measurement: measurementOf({ id, pings }, { startSeconds, stepSeconds }, samples),
			isWanted,
		}));
	fc.assert(
		fc.property(fc.array(measurement), (all) => {
			const orders = all.map((one) => deliveredOrder(one.measurement.orderId));
			const { packed, count } = packResults(
				all.map((one) => one.measurement),
				(index) => (all[index]?.isWanted ? index : null),
			);
			const unpacked = [...unpackResults(packed, (number) => orders[number] as DeliveredOrder)];
			const wanted = all.flatMap((one, index) =>
				one.isWanted ? [{ order: orders[index], measurement: one.measurement }] : [],
			);
			expect(unpacked).toEqual(wanted);
			expect(count).toBe(wanted.length);
		}),
	);
});
