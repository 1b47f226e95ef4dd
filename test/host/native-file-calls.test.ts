import {
	closeSync,
	constants,
	linkSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FileCalls, nodeFileCalls } from '../../src/host/file-calls.ts';
import { loadNativeFileCalls } from '../../src/host/native-file-calls.ts';

const native = loadNativeFileCalls();
if (native === null) throw new Error('there are no native calls here');

let root = '';
let held = '';
let heldFd = -1;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'pingmachine-calls-'));
	heldFd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
	held = `/proc/self/fd/${heldFd}`;
});
afterEach(() => {
	closeSync(heldFd);
	rmSync(root, { recursive: true });
});

const { O_RDWR, O_NOFOLLOW } = constants;
const longName = 'ü'.repeat(127);

function codeOf(action: () => unknown): unknown {
	try {
		return action();
	} catch (error) {
		return (error as NodeJS.ErrnoException).code;
	}
}

describe.each([
	['native calls', native],
	['those of Node', nodeFileCalls],
] as [string, FileCalls][])('by %s', (_which, calls) => {
	test.each(['a', 'größe', '\u{1f4c8}', longName, 'a b\n'])('a file is read and written: %j', (name) => {
		writeFileSync(join(root, name), '0123456789');
		for (const folder of [root, held]) {
			const fd = calls.open(`${folder}/${name}`, O_RDWR);
			const bytes = Buffer.alloc(20);
			expect(calls.read(fd, bytes, 1, 10, 8)).toBe(2);
			expect(bytes.toString('latin1', 0, 4)).toBe('\0' + '89\0');
			expect(calls.write(fd, Buffer.from('xyz'), 1, 2, 0)).toBe(2);
			calls.close(fd);
			expect(readFileSync(join(root, name), 'utf8')).toBe('yz23456789');
			writeFileSync(join(root, name), '0123456789');
		}
	});

	test('a file in the folder that is held is meant, wherever that was moved', () => {
		mkdirSync(join(root, 'folder'));
		writeFileSync(join(root, 'folder/file'), 'right');
		const folder = openSync(join(root, 'folder'), 'r');
		renameSync(join(root, 'folder'), join(root, 'moved'));
		mkdirSync(join(root, 'folder'));
		writeFileSync(join(root, 'folder/file'), 'wrong');
		const fd = calls.open(`/proc/self/fd/${folder}/file`, O_RDWR);
		expect(readFileSync(fd, 'utf8')).toBe('right');
		calls.close(fd);
		closeSync(folder);
	});

	test('what cannot be is told with the code of the system', () => {
		writeFileSync(join(root, 'file'), '');
		symlinkSync('file', join(root, 'link'));
		expect(codeOf(() => calls.open(`${held}/none`, O_RDWR))).toBe('ENOENT');
		expect(codeOf(() => calls.open(`${held}/link`, O_RDWR | O_NOFOLLOW))).toBe('ELOOP');
		expect(codeOf(() => calls.open(root, O_RDWR))).toBe('EISDIR');
		expect(codeOf(() => calls.open(`${held}/a\0b`, O_RDWR))).toBe('ERR_INVALID_ARG_VALUE');
		expect(codeOf(() => calls.open(`${held}/${'a'.repeat(5000)}`, O_RDWR))).toBe('ENAMETOOLONG');
		const fd = openSync(join(root, 'file'), 'r');
		expect(codeOf(() => calls.write(fd, Buffer.alloc(4), 0, 4, 0))).toBe('EBADF');
		calls.close(fd);
		expect(codeOf(() => calls.read(fd, Buffer.alloc(4), 0, 4, 0))).toBe('EBADF');
		expect(codeOf(() => calls.stateOf(fd))).toBe('EBADF');
		expect(codeOf(() => calls.close(fd))).toBe('EBADF');
	});

	test('nothing is read or written beyond the bytes that were given', () => {
		writeFileSync(join(root, 'file'), '0123456789');
		const fd = openSync(join(root, 'file'), 'r+');
		expect(codeOf(() => calls.read(fd, Buffer.alloc(4), 2, 3, 0))).toBe('ERR_OUT_OF_RANGE');
		expect(codeOf(() => calls.write(fd, Buffer.alloc(4), 2, 3, 0))).toBe('ERR_OUT_OF_RANGE');
		closeSync(fd);
	});

	test('what is known of a file is what Node says', () => {
		writeFileSync(join(root, 'file'), 'x'.repeat(5000));
		linkSync(join(root, 'file'), join(root, 'second'));
		const stats = statSync(join(root, 'file'));
		const state = { isFile: true, links: 2, bytes: 5000, changedMs: stats.ctimeMs };
		const fd = openSync(join(root, 'file'), 'r');
		expect(calls.stateOf(fd)).toEqual({ ...state, changedMs: expect.closeTo(stats.ctimeMs, 3) });
		closeSync(fd);
		expect(calls.stateAt(`${held}/second`)).toMatchObject({ isFile: true, links: 2, bytes: 5000 });
		expect(calls.stateAt(`${held}/none`)).toBeNull();
		symlinkSync('file', join(root, 'link'));
		mkdirSync(join(root, 'folder'));
		for (const name of ['link', 'folder']) expect(calls.stateAt(`${held}/${name}`)?.isFile).toBe(false);
		expect(calls.stateOf(heldFd).isFile).toBe(false);
	});
});

test('two files exchange their names, and none is lost where one is missing', () => {
	writeFileSync(join(root, 'one'), '1');
	writeFileSync(join(root, 'two'), '2');
	expect(native.exchange(`${held}/one`, `${held}/two`)).toBe(true);
	expect(native.exchange(`${held}/one`, join(root, 'two'))).toBe(true);
	expect(native.exchange(`${held}/two`, `${held}/one`)).toBe(true);
	expect(readFileSync(join(root, 'one'), 'utf8')).toBe('2');
	expect(readFileSync(join(root, 'two'), 'utf8')).toBe('1');
	expect(native.exchange(`${held}/one`, `${held}/none`)).toBe(false);
	expect(readdirSync(root).sort()).toEqual(['one', 'two']);
	expect(nodeFileCalls.exchange(`${held}/one`, `${held}/two`)).toBe(false);
});

test('a folder is opened where no link leads to it, and nothing else', () => {
	mkdirSync(join(root, 'a/größe'), { recursive: true });
	symlinkSync('a', join(root, 'link'));
	symlinkSync('größe', join(root, 'a/last'));
	writeFileSync(join(root, 'file'), '');
	const fd = native.openFolder(join(root, 'a/größe'));
	expect(statSync(`/proc/self/fd/${fd}`).ino).toBe(statSync(join(root, 'a/größe')).ino);
	closeSync(Number(fd));
	symlinkSync('nowhere', join(root, 'dangling'));
	for (const path of ['link', 'link/größe', 'link/none', 'a/last', 'file', 'file/none', 'dangling', 'a\0'])
		expect(native.openFolder(join(root, path)), path).toBeNull();
	for (const path of ['none', 'none/none', 'a/none'])
		expect(native.openFolder(join(root, path)), path).toBe('none');
	expect(native.openFolder(held)).toBeNull();
	expect(native.openFolder('')).toBeNull();
});
