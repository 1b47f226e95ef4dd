import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measurementOf } from '../../src/model/measurement.ts';

const slot = { startSeconds: 1_795_240_000, stepSeconds: 10 };

function measure(rtts: (number | null)[]) {
	const samples = rtts.map((rttSeconds, i) => ({ sentAtSeconds: slot.startSeconds + i, rttSeconds }));
	return measurementOf({ id: 'a/b', pings: rtts.length }, slot, samples);
}

test('the example of the file format', () => {
	expect(measure([4.2e-5, 1.3e-5, 2.4e-5, 2.0e-5, 3.1e-5])).toMatchObject({
		loss: 0,
		minSeconds: 1.3e-5,
		medianSeconds: 2.4e-5,
		maxSeconds: 4.2e-5,
	});
});

test('the median of an even number is the upper one of the two in the middle', () => {
	expect(measure([0.4, 0.1, 0.3, 0.2]).medianSeconds).toBe(0.3);
	expect(measure([0.4, null, 0.1, null]).medianSeconds).toBe(0.4);
});

test('when every ping is lost there are no times', () => {
	expect(measure([null, null, null])).toMatchObject({
		loss: 3,
		minSeconds: null,
		medianSeconds: null,
		maxSeconds: null,
	});
});

test('samples stay in sending order, and loss and times agree with them', () => {
	const rtt = fc.option(fc.double({ min: 1e-6, max: 100, noNaN: true }), { nil: null });
	fc.assert(
		fc.property(fc.array(rtt, { minLength: 1, maxLength: 50 }), (rtts) => {
			const result = measure(rtts);
			expect(result.samples.map((sample) => sample.rttSeconds)).toEqual(rtts);
			const received = rtts.filter((value) => value !== null);
			expect(result.loss).toBe(rtts.length - received.length);
			if (received.length === 0) return;
			expect(result.minSeconds).toBe(Math.min(...received));
			expect(result.maxSeconds).toBe(Math.max(...received));
			const median = result.medianSeconds as number;
			const below = received.filter((value) => value < median).length;
			const above = received.filter((value) => value > median).length;
			expect(below).toBeLessThanOrEqual(Math.floor(received.length / 2));
			expect(above).toBeLessThan(received.length - Math.floor(received.length / 2));
		}),
	);
});
