import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nothingPacked, packedIn, withPacked } from '../../src/memory/packed-list.ts';

test('the last of any texts of bytes come back, newest first', () => {
	const text = fc.array(fc.integer({ min: 0, max: 255 })).map((codes) => String.fromCharCode(...codes));
	fc.assert(
		fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), (texts, most) => {
			let list = nothingPacked;
			for (const one of texts) list = withPacked(list, one, most);
			expect(packedIn(list)).toEqual(texts.slice(-most).reverse());
		}),
	);
	const long = 'x'.repeat(100_000);
	expect(packedIn(withPacked(withPacked(nothingPacked, long, 2), 'y', 2))).toEqual(['y', long]);
});
