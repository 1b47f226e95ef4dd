import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileCalls, nodeFileCalls } from '../../src/host/file-calls.ts';
import { loadNativeFileCalls } from '../../src/host/native-file-calls.ts';
import * as held from '../../src/store/held-folder.ts';
import { InTheWay } from '../../src/store/order-path.ts';
import { justBefore } from './support/failing-fs.ts';

const native = loadNativeFileCalls();
if (native === null) throw new Error('there are no native calls here');

let root: string;
let output: string;
let calls: FileCalls = native;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'pingmachine-held-'));
	output = `${root}/base/output`;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function openFiles(): number {
	return readdirSync('/proc/self/fd').length;
}

function inFolder<T>(folder: string, id: string, action: (heldPath: string) => T): T | null {
	return held.inFolder(folder, id, action, calls);
}

function inMadeFolder<T>(folder: string, id: string, action: (heldPath: string) => T): T {
	return held.inMadeFolder(folder, id, action, calls);
}

function make(id: string): void {
	inMadeFolder(output, id, () => {});
}

describe.each([
	['native calls', native],
	['those of Node', nodeFileCalls],
])('the folder of an order, by %s,', (_which, some) => {
	beforeEach(() => {
		calls = some;
	});

	it('is made as deep as needed, root included, and found', () => {
		expect(inFolder(output, 'a/b/c', () => 'found')).toBeNull();
		inMadeFolder(output, 'a/b/c', (folder) => writeFileSync(`${folder}/file`, 'text'));
		expect(readFileSync(`${output}/a/b/c/file`, 'utf8')).toBe('text');
		expect(inFolder(output, 'a/b/c', (folder) => readdirSync(folder))).toEqual(['file']);
		expect(inMadeFolder(output, 'a/b/c', (folder) => readdirSync(folder))).toEqual(['file']);
	});

	it('may have any name', () => {
		for (const id of ['a\nb', 'x (deleted)', 'größe/naïve', '%2e%2e', 'a\\b', `${'n'.repeat(255)}`]) {
			expect(inMadeFolder(output, id, () => 'made')).toBe('made');
			expect(inFolder(output, id, () => 'found')).toBe('found');
		}
	});

	it('is not made or found through a symbolic link below root', () => {
		mkdirSync(`${root}/elsewhere/b`, { recursive: true });
		mkdirSync(output, { recursive: true });
		symlinkSync(`${root}/elsewhere`, `${output}/a`);
		for (const enter of [inFolder, inMadeFolder]) {
			expect(() => enter(output, 'a', () => {})).toThrow(InTheWay);
			expect(() => enter(output, 'a/b', () => {})).toThrow(/output\/a is a symbolic link .* move it away/);
		}
		expect(() => inMadeFolder(output, 'a/new', () => {})).toThrow(InTheWay);
		expect(readdirSync(`${root}/elsewhere`)).toEqual(['b']);
	});

	it('may be below a root that is a symbolic link, also one that comes to lead elsewhere', () => {
		for (const disk of ['disk1', 'disk2']) mkdirSync(`${root}/${disk}`);
		mkdirSync(`${root}/base`);
		symlinkSync(`${root}/disk1`, output);
		make('a');
		rmSync(output);
		symlinkSync(`${root}/disk2`, output);
		expect(inFolder(output, 'a', () => {})).toBeNull();
		make('b');
		expect(readdirSync(`${root}/disk1`)).toEqual(['a']);
		expect(readdirSync(`${root}/disk2`)).toEqual(['b']);
	});

	it('is not made in the place of a file', () => {
		make('');
		writeFileSync(`${output}/a`, '');
		expect(() => make('a/b')).toThrow(/a is not a folder and in the way/);
		rmSync(output, { recursive: true });
		writeFileSync(output, '');
		expect(() => make('a')).toThrow(/output is not a folder and in the way/);
	});

	it('is the one that was opened, whatever takes its place meanwhile', () => {
		make('a/b');
		mkdirSync(`${root}/elsewhere/b`, { recursive: true });
		inFolder(output, 'a/b', (folder) => {
			renameSync(`${output}/a`, `${output}/moved`);
			symlinkSync(`${root}/elsewhere`, `${output}/a`);
			writeFileSync(`${folder}/file`, '');
		});
		expect(readdirSync(`${root}/elsewhere/b`)).toEqual([]);
		expect(readdirSync(`${output}/moved/b`)).toEqual(['file']);
	});

	it('is not entered when a link takes its place at the very moment it is opened', () => {
		make('a/b');
		mkdirSync(`${root}/elsewhere/b`, { recursive: true });
		const openFolder = (path: string) => {
			renameSync(`${output}/a`, `${output}/moved`);
			symlinkSync(`${root}/elsewhere`, `${output}/a`);
			return some.openFolder(path);
		};
		calls = { ...nodeFileCalls, openFolder };
		expect(() => inFolder(output, 'a/b', () => {})).toThrow(InTheWay);
		expect(() => held.removeEmptyFolders(output, 'a/b', () => false)).not.toThrow();
		expect(existsSync(`${root}/elsewhere/b`)).toBe(true);
	});

	it('is not made elsewhere when a link takes the place of the one above at the very moment', () => {
		make('a');
		mkdirSync(`${root}/elsewhere`);
		justBefore('mkdirSync', () => {
			renameSync(`${output}/a`, `${output}/moved`);
			symlinkSync(`${root}/elsewhere`, `${output}/a`);
		});
		expect(() => make('a/b')).toThrow(InTheWay);
		expect(readdirSync(`${root}/elsewhere`)).toEqual([]);
		expect(readdirSync(`${output}/moved`)).toEqual(['b']);
	});

	it('is closed again, come what may', () => {
		make('a');
		symlinkSync(root, `${output}/link`);
		const before = openFiles();
		inFolder(output, 'a', () => {});
		expect(() => inFolder(output, 'link', () => {})).toThrow();
		expect(() => inFolder(output, 'link/base', () => {})).toThrow();
		expect(() =>
			inFolder(output, 'a', () => {
				throw new Error('no');
			}),
		).toThrow('no');
		expect(openFiles()).toBe(before);
	});
});

it('empty folders are removed upwards while they are empty and not in use', () => {
	make('a/b/c/d');
	held.removeEmptyFolders(output, 'a/b/c/d', (id) => id === 'a/b');
	expect(readdirSync(`${output}/a/b`)).toEqual([]);
	held.removeEmptyFolders(output, 'a/b/c', () => false);
	expect(readdirSync(output)).toEqual([]);
	make('x/y');
	writeFileSync(`${output}/x/file`, '');
	held.removeEmptyFolders(output, 'x/y', () => false);
	expect(readdirSync(`${output}/x`)).toEqual(['file']);
});
