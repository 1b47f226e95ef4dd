import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excerpt, withoutPasswords } from '../../src/model/printable.ts';

test.each([
	['http://joe:secret@host/', 'http://***@host/'],
	['http://joe@host/', 'http://***@host/'],
	['http://@host/', 'http://***@host/'],
	['joe:secret@host', '***@host'],
	['at http://a:b@c and d:e@f', 'at http://***@c and ***@f'],
	['joe@host', 'joe@host'],
	['joe:@host', 'joe:@host'],
	[':secret@host', ':secret@host'],
	['a:b:c@d@e', '***@d@e'],
	['http://host/joe:secret@x', 'http://host/***@x'],
])('%s is shown as %s', (text, shown) => {
	expect(withoutPasswords(text)).toBe(shown);
	expect(excerpt(text)).toBe(shown);
});

/** What is meant, in a pattern that takes the square of the length of the text. */
function byPattern(text: string): string {
	return text.replaceAll(/(:\/\/)[^/\s@]*@|[^\s/@:]+:[^\s/@]+@/g, '$1***@');
}

test('all passwords are found, and nothing else', () => {
	const unit = fc.constantFrom('a', ':', '/', '@', ' ', '://', 'b', '\n', '\u2028');
	fc.assert(
		fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
			expect(withoutPasswords(text)).toBe(byPattern(text));
		}),
		{ numRuns: 3000 },
	);
});
