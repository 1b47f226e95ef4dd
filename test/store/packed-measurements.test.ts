import fc from 'fast-check';
import { expect, it } from 'vitest';
import { measurementOf } from '../../src/model/measurement.ts';
import { packMeasurements, unpackMeasurements } from '../../src/store/packed-measurements.ts';

it('gives back what the store needs', () => {
	const sample = fc.record({
		sentAtSeconds: fc.constant(0),
		rttSeconds: fc.option(fc.double({ min: 0, max: 180, noNaN: true })),
	});
	const measurement = fc
		.record({
			id: fc.string(),
			pings: fc.integer({ min: 1, max: 30 }),
			startSeconds: fc.integer({ min: 0, max: 4e9 }),
			stepSeconds: fc.integer({ min: 1, max: 1e6 }),
			samples: fc.array(sample, { minLength: 1, maxLength: 30 }),
		})
		.map(({ id, pings, startSeconds, stepSeconds, samples }) =>
			measurementOf({ id, pings }, { startSeconds, stepSeconds }, samples),
		);
	fc.assert(
		fc.property(fc.array(measurement), (measurements) => {
			const unpacked = [...unpackMeasurements(packMeasurements(measurements))];
			expect(unpacked.map((one) => ({ ...one, received: [...one.received] }))).toEqual(
				measurements.map(
					({ orderId, slot, pings, samples, loss, minSeconds, medianSeconds, maxSeconds }) => ({
						orderId,
						...slot,
						pings,
						sent: samples.length,
						loss,
						minSeconds,
						medianSeconds,
						maxSeconds,
						received: samples
							.flatMap(({ rttSeconds }) => (rttSeconds === null ? [] : [rttSeconds]))
							.sort((a, b) => a - b),
					}),
				),
			);
		}),
	);
});
