import { expect, test } from 'vitest';
import { matches } from '../../../probes/shared/pattern.ts';

test('patterns are those of JavaScript, with (?i) for any case', () => {
	expect(matches('^a\\d$', 'a1')).toBe(true);
	expect(matches('^a\\d$', 'A1')).toBe(false);
	expect(matches('(?i)^a\\d$', 'A1')).toBe(true);
	expect(matches('this.constructor', 'x')).toBe(false);
});

test.each(['(a+)+$', '(a|a)*$', '(.*)*c', '(a*)*b\\1'])(
	'%s is stopped, rests after that, and harms no other',
	(pattern) => {
		const text = `${'a'.repeat(3000)}b`;
		const tooLong = { tooLong: expect.stringContaining('takes too long') };
		for (let round = 0; round < 2; round++) expect(matches(pattern, text)).toEqual(tooLong);
		const startedMs = performance.now();
		for (let round = 0; round < 100; round++) expect(matches(pattern, text)).toEqual(tooLong);
		// A hundred times the limit, if it were tried.
		expect(performance.now() - startedMs).toBeLessThan(5000);
		expect(matches('b$', text)).toBe(true);
	},
);

test('a pattern that grows too large is told so', () => {
	expect(matches('(?:(?:(?:a{1000}){1000}){1000}){1000}$', 'a'.repeat(10))).toSatisfy(
		(found) => found === false || (typeof found === 'object' && 'tooLong' in (found as object)),
	);
});
