import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextBytes } from '../../src/store/text-bytes.ts';

function textOf(put: (text: TextBytes) => void): string {
	const text = new TextBytes();
	text.put('before ');
	put(text);
	return text.toString();
}

test('numbers are as String writes them', () => {
	const nanos = fc.integer({ min: 0, max: 2 ** 31 }).map((count) => count / 1e9);
	const number = fc.oneof(fc.double(), fc.integer(), nanos, fc.constantFrom(-0, 2 ** 31, 2 ** 31 - 1, 1e21));
	fc.assert(
		fc.property(number, (value) => {
			expect(textOf((text) => text.putNumber(value))).toBe(`before ${value}`);
		}),
	);
});

test('texts are as Buffer writes them, however long, with half characters too', () => {
	const part = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('\ud800', 'ü€😀'));
	fc.assert(
		fc.property(fc.array(part), fc.integer({ min: 0, max: 40 }), (parts, times) => {
			const long = parts.join('').repeat(times);
			const found = textOf((text) => {
				for (const one of [...parts, long]) text.put(one);
			});
			expect(found).toBe(`before ${parts.map((one) => Buffer.from(one)).join('')}${Buffer.from(long)}`);
		}),
	);
});

test('a text is begun anew', () => {
	const text = new TextBytes();
	text.put('one');
	text.clear();
	text.putDigits(7, 3);
	text.putBlanks(2);
	expect(`${text}|`).toBe('007  |');
});
