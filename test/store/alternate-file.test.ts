import {
	closeSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	watch,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type FileCalls, nodeFileCalls } from '../../src/host/file-calls.ts';
import { loadNativeFileCalls } from '../../src/host/native-file-calls.ts';
import { alternateFile } from '../../src/store/replace-file.ts';

const root = mkdtempSync(join(tmpdir(), 'pingmachine-alternate-'));
afterAll(() => rmSync(root, { recursive: true }));

const loaded = loadNativeFileCalls();
const temporary = '.last_result.pingmachine';
let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(root, 'a-'));
});

/** Long rested by default: the time that a file system puts down may be ahead of our clock, by parts of a ms. */
function write(text: string, calls: FileCalls | null = loaded, restMs = -1000): void {
	if (calls === null) throw new Error('there are no native calls here');
	const bytes = Buffer.from(text);
	alternateFile(folder, 'last_result', { bytes, length: bytes.length }, calls, restMs);
}

const read = (name = 'last_result') => readFileSync(join(folder, name), 'utf8');
const inode = () => statSync(join(folder, 'last_result')).ino;

test('two files take turns, and there is never a third', () => {
	const inodes: number[] = [];
	for (const text of ['one.', 'two.', 'tri.', 'four', 'five']) {
		write(text);
		expect(read()).toBe(text);
		inodes.push(inode());
	}
	expect(new Set(inodes).size).toBe(2);
	expect(readdirSync(folder).sort()).toEqual([temporary, 'last_result']);
	expect(read(temporary)).toBe('four');
});

test('who opened last_result a moment ago reads the text that it had then', () => {
	write('one.', loaded, 500);
	const fd = openSync(join(folder, 'last_result'), 'r');
	try {
		for (const text of ['two.', 'tri.', 'four']) write(text, loaded, 500);
		expect(readFileSync(fd, 'utf8')).toBe('one.');
		expect(read()).toBe('four');
	} finally {
		closeSync(fd);
	}
});

test('a text of another length gets a new file', () => {
	for (const text of ['long text', 'short', 'a longer text', '']) {
		write(text);
		expect(read()).toBe(text);
	}
});

test('where names cannot be exchanged, files are renamed', () => {
	for (const text of ['one', 'two', 'tri']) {
		write(text, nodeFileCalls);
		expect(read()).toBe(text);
		expect(readdirSync(folder)).toEqual(['last_result']);
	}
});

test('a copy that somebody made by linking stays as it is', () => {
	write('one');
	linkSync(join(folder, 'last_result'), join(folder, 'backup'));
	for (const text of ['two', 'tri', 'for']) write(text);
	expect(read('backup')).toBe('one');
	expect(read()).toBe('for');
});

test.each([
	['a folder', (path: string) => mkdirSync(join(path, 'x'), { recursive: true })],
	['a link to a file elsewhere', (path: string) => symlinkSync(join(root, 'elsewhere'), path)],
	['a file that may not be written', (path: string) => writeFileSync(path, 'own', { mode: 0o444 })],
])('%s under the name of the second file is in nobody’s way', (_what, put) => {
	writeFileSync(join(root, 'elsewhere'), 'own');
	put(join(folder, temporary));
	write('one');
	write('two');
	expect(read()).toBe('two');
	expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('own');
});

test('a folder that has the name of last_result stays as it is', () => {
	mkdirSync(join(folder, 'last_result'));
	writeFileSync(join(folder, 'last_result/own'), 'own');
	for (const text of ['one', 'two']) expect(() => write(text)).toThrow('EISDIR');
	expect(read('last_result/own')).toBe('own');
	expect(readdirSync(folder)).toEqual(['last_result']);
});

test('a link that has the name of last_result gives way, and what it leads to stays', () => {
	writeFileSync(join(root, 'elsewhere'), 'own');
	symlinkSync(join(root, 'elsewhere'), join(folder, 'last_result'));
	for (const text of ['one', 'two', 'tri']) {
		write(text);
		expect(read()).toBe(text);
	}
	expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('own');
	expect(lstatSync(join(folder, temporary)).isFile()).toBe(true);
});

test('watchers are told that last_result was moved into place, every time', async () => {
	write('one');
	write('two');
	let told = 0;
	const watcher = watch(folder, (event, name) => {
		if (event === 'rename' && name === 'last_result') told++;
	});
	try {
		for (let written = 1; written <= 3; written++) {
			write(`${written}  `);
			await expect.poll(() => told).toBeGreaterThanOrEqual(written);
		}
	} finally {
		watcher.close();
	}
});

test('a reader never finds anything but a whole text', async () => {
	write('0'.repeat(150));
	const reader = new Worker(
		`const { parentPort, workerData } = require('node:worker_threads');
		const { readFileSync } = require('node:fs');
		let running = true, reads = 0;
		const broken = new Set();
		parentPort.on('message', () => { running = false; });
		(function look() {
			for (let i = 0; i < 200; i++) {
				const text = readFileSync(workerData, 'utf8');
				reads++;
				if (!/^(.)\\1{149}$/.test(text)) broken.add(text);
			}
			if (running) setImmediate(look);
			else parentPort.postMessage({ reads, broken: [...broken] });
		})();`,
		{ eval: true, workerData: join(folder, 'last_result') },
	);
	await new Promise((resolve) => reader.once('online', resolve));
	for (let count = 0; count < 5000; count++) {
		write(String(count % 10).repeat(150), loaded, 500);
		if (count % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	}
	const result = new Promise<{ reads: number; broken: string[] }>((resolve) =>
		reader.once('message', resolve),
	);
	reader.postMessage('end');
	const { reads, broken } = await result;
	await reader.terminate();
	expect(reads).toBeGreaterThan(200);
	expect(broken).toEqual([]);
});
