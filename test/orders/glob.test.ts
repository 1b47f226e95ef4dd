import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globPattern } from '../../src/orders/glob.ts';

/** What is meant, in a pattern that may try billions of ways. */
function byPattern(glob: string): RegExp {
	const parts = glob.split(/(\*{2,}|\*|\?)/).map((part) => {
		if (part.startsWith('**')) return '.*';
		if (part === '*') return '[^/]*';
		return part === '?' ? '[^/]' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
	});
	return new RegExp(`^${parts.join('')}$`, 'su');
}

test('a star stays within a part of a path, two go across parts', () => {
	const unit = fc.constantFrom('a', 'b', '/', '\n', '.', '🙂', '*', '?', '**');
	const glob = fc.string({ unit, maxLength: 8 });
	const text = fc.string({ unit, maxLength: 10 });
	fc.assert(
		fc.property(glob, text, (pattern, id) => {
			expect(globPattern(pattern).test(id)).toBe(byPattern(pattern).test(id));
		}),
		{ numRuns: 5000 },
	);
});

test('many stars do not make it slow', () => {
	const pattern = globPattern('*a'.repeat(500));
	expect(pattern.test('a'.repeat(2000))).toBe(true);
	expect(pattern.test(`${'a'.repeat(2000)}b`)).toBe(false);
	expect(globPattern('**a'.repeat(500)).test(`${'a'.repeat(2000)}b`)).toBe(false);
});
