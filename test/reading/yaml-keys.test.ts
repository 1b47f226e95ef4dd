import fc from 'fast-check';
import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { readOrder } from '../../src/reading/order.ts';
import { readAsWritten, readMapping } from '../../src/reading/yaml-mapping.ts';

const good = 'user: tmon\nstep: 300\npings: 20\nprobe: fping\nfping: {host: 192.0.2.7}\n';
const message =
	'has lists of more than 65536 characters with their aliases (*name) filled in. Use fewer aliases';

test.each([
	['a list of aliases', `a: &a ${'x'.repeat(30_000)}\n? [${'*a,'.repeat(10_000)}]\n: 1\n`, 2],
	['the same in brackets', `a: &a ${'x'.repeat(30_000)}\nb: {\n? [${'*a,'.repeat(10_000)}] : 1}\n`, 3],
	['the same before a colon', `a: &a ${'x'.repeat(30_000)}\n[${'*a,'.repeat(10_000)}]: 1\n`, 2],
	['a thousand lists', `a: &a ${'x'.repeat(100)}\n${keys(1000, (index) => `[*a, ${index}]`)}`, 713],
	['a list a thousand times', `a: &a [${'x, '.repeat(100)}]\n${keys(1000, () => '*a', '- ')}`, 330],
])('%s as a key is refused before it is made', (_what, text, line) => {
	expect(readMapping(text)).toEqual({ finding: { line, message } });
	expect(readAsWritten(text)).toBeNull();
	const order = readOrder('x', good + text, builtInProbes);
	expect(order).toEqual({ findings: [{ line: line + 5, message }] });
});

function keys(count: number, keyOf: (index: number) => string, before = ''): string {
	const all = Array.from({ length: count }, (_, index) => `${before}? ${keyOf(index)}\n`);
	return `${before === '' ? '' : 'b:\n'}${all.join('')}`;
}

test('aliases that stand for little are filled in', () => {
	const text = 'a: &a [1, {b: &b two}]\nc: *a\nd: *b\n? [*b, 3]\n: &none\ne: *none\nf: !!str\ng: !!seq\n';
	const list = [1, { b: 'two' }];
	expect(readMapping(text)).toEqual({
		mapping: { a: list, c: list, d: 'two', 'two,3': null, e: null, f: '', g: [] },
	});
});

test('what has no aliases is read as it was', () => {
	const value = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
	fc.assert(
		fc.property(value, (written) => {
			expect(readMapping(dump(written))).toEqual({ mapping: written });
		}),
	);
});
