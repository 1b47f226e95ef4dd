import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LastResult, lastResultText, readLastResult } from '../../src/store/last-result.ts';

const golden = `time: 1795240000
updated: 1795240017
step: 10
pings: 5
loss: 0
min: 1.300000e-05
median: 2.400000e-05
max: 4.200000e-05
`;
const result: LastResult = {
	time: 1795240000,
	updated: 1795240017,
	step: 10,
	pings: 5,
	loss: 0,
	min: 0.000013,
	median: 0.000024,
	max: 0.000042,
};
const lost = { ...result, loss: 5, min: null, median: null, max: null };

describe('lastResultText', () => {
	it('is what applications have always read, byte for byte', () => {
		expect(lastResultText(result)).toBe(golden);
	});

	it('has ~ for the RTTs when every ping was lost', () => {
		const text = lastResultText(lost);
		expect(text.split('\n').slice(4)).toEqual(['loss: 5', 'min: ~', 'median: ~', 'max: ~', '']);
	});

	it('writes RTTs as printf does', () => {
		const decades = fc.integer({ min: -12, max: 2 });
		const rtt = fc
			.tuple(fc.double({ min: 1, max: 9.99, noNaN: true }), decades)
			.map(([mantissa, exponent]) => mantissa * 10 ** exponent);
		fc.assert(
			fc.property(fc.array(rtt, { minLength: 200, maxLength: 200 }), (rtts) => {
				const script = 'BEGIN { for (i = 1; i < ARGC; i++) printf "%.6e\\n", ARGV[i] }';
				const printed = execFileSync('awk', [script, ...rtts.map(String)], { encoding: 'utf8' });
				const written = rtts.map((min) => /min: (.*)/.exec(lastResultText({ ...result, min }))?.[1]);
				expect(written.join('\n')).toBe(printed.trimEnd());
			}),
			{ numRuns: 20 },
		);
	});

	it('takes whatever number a plug-in may give', () => {
		for (const min of [Number.POSITIVE_INFINITY, Number.NaN, 1e300, -1, -0, 0, 5e-324])
			expect(lastResultText({ ...result, min })).toContain(
				`\nmin: ${min.toExponential(6).replace(/e([+-])(\d)$/, 'e$10$2')}\n`,
			);
	});

	it('writes whole nanoseconds as JavaScript does, ties of the last digit too', () => {
		const nanos = fc.oneof(
			fc.integer({ min: 1, max: 2e9 }),
			fc.integer({ min: 1e6, max: 1e7 - 1 }).map((digits) => digits * 10 + 5),
			fc.integer({ min: 1e6, max: 1e7 - 1 }).map((digits) => digits * 100 + 50),
			fc.constantFrom(9_999_999, 99_999_995, 99_999_999, 999_999_950, 999_999_949, 1e9),
		);
		fc.assert(
			fc.property(nanos, (count) => {
				const exact = (count / 1e9).toExponential(6).replace(/e([+-])(\d)$/, 'e$10$2');
				expect(lastResultText({ ...result, min: count / 1e9 })).toContain(`\nmin: ${exact}\n`);
			}),
			{ numRuns: 20_000 },
		);
	});

	it.each([
		[0, '0.000000e+00'],
		[1, '1.000000e+00'],
		[123.4567891, '1.234568e+02'],
		[1e-10, '1.000000e-10'],
	])('%d is %s', (median, text) => {
		expect(lastResultText({ ...result, median })).toContain(`\nmedian: ${text}\n`);
	});
});

describe('readLastResult', () => {
	it('reads what was written', () => {
		expect(readLastResult(golden)).toEqual(result);
		expect(readLastResult(lastResultText(lost))).toEqual(lost);
	});

	it.each([
		['', 'time is missing'],
		['hello', 'time is missing'],
		[golden.replace('step: 10\n', ''), 'step is missing'],
		[golden.replace('loss: 0', 'loss: ~'), 'loss is not a number: ~'],
		[golden.replace('loss: 0', 'loss:'), 'loss is not a number: '],
		[golden.replace('2.400000e-05', 'fast'), 'median is not a number: fast'],
	])('says what is wrong with %j', (text, reason) => {
		expect(readLastResult(text)).toEqual({ reason });
	});

	it('never throws', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				expect(readLastResult(text)).toHaveProperty('reason');
			}),
		);
	});
});
