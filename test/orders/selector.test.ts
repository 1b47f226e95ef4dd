import { expect, test } from 'vitest';
import { orderPattern, selectOrders } from '../../src/orders/selector.ts';

const all = ['a', 'core/a', 'core/b', 'core/deep/a', 'corea', 'x*y', 'x1y'];

test.each([
	['core', ['core/a', 'core/b', 'core/deep/a']],
	['core/', ['core/a', 'core/b', 'core/deep/a']],
	['core/*', ['core/a', 'core/b']],
	['core/**', ['core/a', 'core/b', 'core/deep/a']],
	['core/?', ['core/a', 'core/b']],
	['c?re/*', ['core/a', 'core/b']],
	['*', ['a', 'corea', 'x*y', 'x1y']],
	['**', all],
	['**/a', ['core/a', 'core/deep/a']],
	['core/*/a', ['core/deep/a']],
	['core/d*/', ['core/deep/a']],
	['core?a', []],
	['x*y', ['x*y']],
	['x?y', ['x*y', 'x1y']],
])('%s', (word, ids) => {
	expect(selectOrders([word], all)).toEqual({
		ids,
		unselected: ids.length === 0 ? [{ word, why: 'pattern', near: null }] : [],
	});
});

test('words that ask for nothing are told, with what is near', () => {
	expect(selectOrders(['croe', 'core/deep/aa', 'zz*', 'core/x'], all).unselected).toEqual([
		{ word: 'croe', why: 'unknown', near: 'core' },
		{ word: 'core/deep/aa', why: 'unknown', near: 'core/deep/a' },
		{ word: 'zz*', why: 'pattern', near: null },
		{ word: 'core/x', why: 'unknown', near: expect.any(String) },
	]);
});

test.each(['core', 'core/', 'core/deep', 'cor*/'])('where folders are refused, %s is one', (word) => {
	const { ids, unselected } = selectOrders([word, 'core/a', 'core/**'], all, 'refused');
	expect(ids).toEqual(['core/a', 'core/b', 'core/deep/a']);
	expect(unselected).toMatchObject([{ word, why: word.includes('*') ? 'pattern' : 'folder' }]);
});

test('a pattern that is kept, a key of the config say, selects the same', () => {
	const { test: matches } = orderPattern('core');
	expect(all.filter(matches)).toEqual(['core/a', 'core/b', 'core/deep/a']);
	expect(orderPattern('core/a').test('core/a')).toBe(true);
	expect(orderPattern('core/a').test('core/ab')).toBe(false);
});

const places = [
	'core/a',
	'core/a/@fra',
	'core/a/@zrh',
	'core/a/b',
	'core/b/@zrh',
	'@canary/ping/x/@c.1',
	'r/@zrh',
];

test.each([
	['core/a/@zrh', ['core/a/@zrh']],
	['core/a/@*', ['core/a/@fra', 'core/a/@zrh']],
	['core/**/@*', ['core/a/@fra', 'core/a/@zrh', 'core/b/@zrh']],
	['*/@z?h', ['r/@zrh']],
	['@canary/**/@*', ['@canary/ping/x/@c.1']],
	['core/a', ['core/a']],
	['core', ['core/a', 'core/a/b']],
	['core/**', ['core/a', 'core/a/b']],
	['core/@zrh', []],
	['core/a/@', []],
])('of orders and points of presence %s names', (word, names) => {
	expect(selectOrders([word], places).ids).toEqual(names);
});

test.each([
	['core/**', 'core/a', undefined, true],
	['core/**', 'core/a', 'zrh', true],
	['core/**/@*', 'core/a', 'zrh', true],
	['core/**/@*', 'core/a', undefined, false],
	['core/a/@zrh', 'core/a', 'fra', false],
	['core/@zrh', 'core/a', 'zrh', false],
	['@hub/**', '@hub/core/a', undefined, true],
])('%s takes of %s what %s measures: %s', (word, id, pop, isTaken) => {
	const pattern = orderPattern(word);
	expect(pattern.takes(id, pop)).toBe(isTaken);
	expect(pattern.concerns(id)).toBe(word !== 'core/@zrh');
});
