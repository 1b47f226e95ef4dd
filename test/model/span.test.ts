import { describe, expect, test } from 'vitest';
import { spanAsNumber, spanForms, spanSeconds, wholeSeconds } from '../../src/model/span.ts';

describe('a span of time', () => {
	test.each([
		['20ms', 0.02],
		['90s', 90],
		['15min', 900],
		['1.5h', 5400],
		['2 h', 7200],
		['30d', 2_592_000],
		['4w', 2_419_200],
		['1y', 31_536_000],
		[' 5s ', 5],
		['0s', 0],
	])('%s', (text, seconds) => {
		expect(spanSeconds(text)).toBe(seconds);
		// A unit that is written wins over that of the place.
		expect(spanSeconds(text, 'h')).toBe(seconds);
	});

	test('the forms that people are told are such spans', () => {
		const told = spanForms.match(/\d+[a-z]+/g) ?? [];
		expect(told.length).toBeGreaterThan(5);
		for (const text of told) expect(spanSeconds(text)).not.toBeNull();
	});

	test('a bare number has the unit of its place, as text too', () => {
		expect(spanSeconds(3660)).toBe(3660);
		expect(spanSeconds('3660')).toBe(3660);
		expect(spanSeconds(72, 'h')).toBe(259_200);
		expect(spanSeconds('250', 'ms')).toBe(0.25);
	});

	test.each([
		['5m'],
		['-1s'],
		['1e3'],
		['h'],
		[''],
		['1h30min'],
		['1 2s'],
		['9'.repeat(64_000)],
		[-1],
		[Number.NaN],
		[Number.POSITIVE_INFINITY],
		[null],
		[true],
		[['1h']],
	])('%j is none', (written) => {
		expect(spanSeconds(written)).toBeNull();
	});
});

test('a span where schemas want a number is one of the unit that bare numbers have there', () => {
	expect(['500ms', '0.3s', '7', ' 1e2 ', '1min'].map(spanAsNumber('ms'))).toEqual([500, 300, 7, 100, 60_000]);
	expect(['500ms', '2min', '1.5'].map(spanAsNumber('s'))).toEqual([0.5, 120, 1.5]);
	expect(['3d', '90min'].map(spanAsNumber('h'))).toEqual([72, 1.5]);
	for (const other of ['soon', '', ' ', '5 minutes', null, true, [1], 5])
		expect(spanAsNumber('s')(other)).toBe(other);
});

test('whole seconds', () => {
	expect([1, '60', '5min', '1.5min', '2h'].map(wholeSeconds)).toEqual([1, 60, 300, 90, 7200]);
	for (const other of [0, '0', 1.5, '1500ms', -1, 'never', null, 1e300])
		expect(wholeSeconds(other)).toBe(null);
});
