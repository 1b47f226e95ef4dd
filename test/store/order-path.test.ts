import { expect, it } from 'vitest';
import { isSafeOrderId, parentOf } from '../../src/store/order-path.ts';

it.each(['a', 'a/b', '...', 'a/..b', '9e107d9d372bb6826bd81d3542a419d6', 'büro/größe', 'a b', '-a'])(
	'%j is an id',
	(id) => {
		expect(isSafeOrderId(id)).toBe(true);
	},
);

it.each(['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a/..', 'a\0b'])(
	'%j is no id',
	(id) => {
		expect(isSafeOrderId(id)).toBe(false);
	},
);

it('knows the id one folder up', () => {
	expect(parentOf('a/b/c')).toBe('a/b');
	expect(parentOf('a')).toBe('');
});
