import fc from 'fast-check';
import { expect, test } from 'vitest';
import { putText } from '../../src/rrd/value-text.ts';

function textOf(value: number): string {
	const bytes = new Uint8Array(40);
	return Buffer.from(bytes.subarray(0, putText(bytes, 0, value))).toString('latin1');
}

test('a value is written as it is always written', () => {
	const billionths = fc.integer({ min: 0, max: 2_000_000_000 }).map((number) => number / 1e9);
	const milliseconds = fc.integer({ min: 0, max: 2 ** 31 }).map((number) => number / 1e3);
	const any = fc.oneof(fc.double({ noNaN: true }), fc.integer(), billionths, milliseconds);
	fc.assert(
		fc.property(any, (value) => {
			expect(textOf(value)).toBe(String(value));
		}),
		{ numRuns: 10_000 },
	);
	for (const value of [0, -0, 1e-6, 9.99999999e-7, 999_999.999999999, 1e6, 0.1, 12.5, 100, 1e-9])
		expect(textOf(value)).toBe(String(value));
});

test('what is unknown is a U', () => {
	expect(textOf(Number.NaN)).toBe('U');
});
