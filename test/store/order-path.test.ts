import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	findFolder,
	InTheWay,
	isSafeOrderId,
	makeFolder,
	parentOf,
	removeEmptyFolders,
} from '../../src/store/order-path.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'pingmachine-path-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

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

describe('folders', () => {
	it('are made as deep as needed, root included, and found', () => {
		const output = `${root}/base/output`;
		expect(findFolder(output, 'a/b/c')).toBeNull();
		expect(makeFolder(output, 'a/b/c')).toBe(`${output}/a/b/c`);
		expect(makeFolder(output, 'a/b/c')).toBe(`${output}/a/b/c`);
		expect(findFolder(output, 'a/b/c')).toBe(`${output}/a/b/c`);
	});

	it('are not made or found through a symbolic link below root', () => {
		mkdirSync(`${root}/elsewhere/b`, { recursive: true });
		mkdirSync(`${root}/output`);
		symlinkSync(`${root}/elsewhere`, `${root}/output/a`);
		for (const find of [makeFolder, findFolder]) {
			expect(() => find(`${root}/output`, 'a')).toThrow(InTheWay);
			expect(() => find(`${root}/output`, 'a/b')).toThrow(/output\/a is a symbolic link .* move it away/);
		}
		expect(() => makeFolder(`${root}/output`, 'a/new')).toThrow(InTheWay);
		expect(readdirSync(`${root}/elsewhere`)).toEqual(['b']);
	});

	it('may be below a root that is a symbolic link', () => {
		mkdirSync(`${root}/large-disk`);
		symlinkSync(`${root}/large-disk`, `${root}/output`);
		makeFolder(`${root}/output`, 'a');
		expect(existsSync(`${root}/large-disk/a`)).toBe(true);
	});

	it('are not made in the place of a file', () => {
		writeFileSync(`${root}/a`, '');
		expect(() => makeFolder(root, 'a/b')).toThrow(/a is not a folder and in the way/);
	});

	it('are removed upwards while empty and not in use', () => {
		makeFolder(root, 'a/b/c/d');
		removeEmptyFolders(root, 'a/b/c/d', (id) => id === 'a/b');
		expect(readdirSync(`${root}/a/b`)).toEqual([]);
		removeEmptyFolders(root, 'a/b/c', () => false);
		expect(readdirSync(root)).toEqual([]);
		makeFolder(root, 'x/y');
		writeFileSync(`${root}/x/file`, '');
		removeEmptyFolders(root, 'x/y', () => false);
		expect(readdirSync(`${root}/x`)).toEqual(['file']);
	});
});
