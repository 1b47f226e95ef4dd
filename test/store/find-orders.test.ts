import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findOrder, findOrders, listOrders, OrderProblem, popsIn } from '../../src/store/find-orders.ts';

let base: string;
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});
afterEach(() => rmSync(base, { recursive: true }));

function put(path: string): void {
	mkdirSync(join(base, path, '..'), { recursive: true });
	writeFileSync(join(base, path), '');
}

function problemOf(word: string): string {
	try {
		findOrder(base, word);
	} catch (error) {
		if (error instanceof OrderProblem) return error.message;
		throw error;
	}
	throw new Error(`${word} was found`);
}

test('orders are found in output/ and in archive/, sorted by id', () => {
	put('output/me/b/main.rrd');
	put('output/me/a/error');
	put('output/me/a/deeper/last_result');
	put('archive/me/a/main.rrd');
	put('archive/old/order');
	put('output/notes/readme.txt');
	symlinkSync(join(base, 'output/me'), join(base, 'output/link'));
	expect(listOrders(base)).toEqual([
		{ id: 'me/a', folder: join(base, 'output/me/a'), isArchived: false },
		{ id: 'me/a/deeper', folder: join(base, 'output/me/a/deeper'), isArchived: false },
		{ id: 'me/b', folder: join(base, 'output/me/b'), isArchived: false },
		{ id: 'old', folder: join(base, 'archive/old'), isArchived: true },
	]);
});

test('the beginning of an id is enough, a whole id is always meant', () => {
	put('output/me/router/main.rrd');
	put('output/me/router-2/main.rrd');
	put('archive/you/main.rrd');
	expect(findOrder(base, 'me/router').id).toBe('me/router');
	expect(findOrder(base, 'me/router-').id).toBe('me/router-2');
	expect(findOrder(base, 'y')).toMatchObject({ id: 'you', isArchived: true });
	expect(problemOf('me/r')).toBe('me/r: more than one order begins so: me/router, me/router-2');
});

test('of many candidates ten are named', () => {
	for (let index = 10; index < 25; index++) put(`output/order-${index}/main.rrd`);
	expect(problemOf('order')).toMatch(/: order-10, .*, order-19 and 5 more$/);
});

test('an unknown id suggests the nearest', () => {
	put('output/me/localhost/main.rrd');
	expect(problemOf('me/lcoalhost')).toBe('me/lcoalhost: there is no such order. Did you mean me/localhost?');
	expect(problemOf('zzz')).toBe(`zzz: there is no such order. There are 1 in ${base}`);
	expect(problemOf('')).toBe('the id is empty. Name an order');
	expect(problemOf('a\nb\x1b')).toBe(`a\\x0ab\\x1b: there is no such order. There are 1 in ${base}`);
	expect(problemOf('x'.repeat(5000))).toMatch(/^x+: there is no such order/);
});

test('an id never leads out of the folders', () => {
	put('output/me/main.rrd');
	put('orders/secret/main.rrd');
	expect(problemOf('../orders/secret')).toMatch(/there is no such order/);
	expect(problemOf('me\0')).toMatch(/there is no such order/);
});

test('an order that has no result yet is told from one that does not exist', () => {
	put('output/me/main.rrd');
	put('orders/new/one');
	expect(problemOf('new/one')).toBe('new/one: has not been measured yet');
});

test('a folder that is no base directory is said to be none', () => {
	expect(problemOf('me')).toBe(
		`${base}: has no output/ and no archive/. Name the base directory of the daemon with --basedir`,
	);
});

test('what points of presence measured belongs to its order, and is found by its own name', () => {
	put('output/core/a/@zrh/last_result');
	put('output/core/a/@fra/error');
	put('output/core/b/last_result');
	put('archive/core/a/@old/main.rrd');
	mkdirSync(join(base, 'output/core/b/@Not a name'), { recursive: true });
	expect(listOrders(base).map(({ id }) => id)).toEqual(['core/a', 'core/b']);
	expect(popsIn(base, 'core/a')).toEqual(['fra', 'zrh']);
	expect(popsIn(base, '../x')).toEqual([]);
	const found = (word: string) => findOrders(base, [word]).map(({ id }) => id);
	expect(found('core/**')).toEqual(['core/a', 'core/b']);
	expect(found('core/**/@*')).toEqual(['core/a/@fra', 'core/a/@old', 'core/a/@zrh']);
	expect(found('core/a/@z')).toEqual(['core/a/@zrh']);
	expect(findOrder(base, 'core/a/@old')).toMatchObject({ isArchived: true });
	expect(problemOf('core/a/@x')).toContain('there is no such order');
	expect(() => found('**/@x*')).toThrow('no order matches');
});
