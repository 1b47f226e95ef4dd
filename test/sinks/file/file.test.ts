/** The sink that writes a file: what is in it, and what becomes of it when it is full, old, moved, damaged. */
import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outcomeFromJson } from '../../../src/outcomes/outcome-json.ts';
import { file } from '../../../src/sinks/file/index.ts';
import { rotate } from '../../../src/sinks/file/rotation.ts';
import { mountSmall, unmountAll } from '../../store/support/mount.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openWith } from '../shared/open-sink.ts';

let folder: string;
let path: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-file-sink-'));
	path = join(folder, 'results');
});

afterEach(() => {
	unmountAll();
	rmSync(folder, { recursive: true });
});

const golden = (name: string) =>
	readFileSync(new URL(`../../../fixtures/sinks/file/${name}`, import.meta.url), 'utf8');
const lines = (of = path) => readFileSync(of, 'utf8').split('\n').slice(0, -1);
const numbered = (number: number) => delivered({ id: `o/${number}` });
const idsIn = (of = path) => lines(of).map((line) => JSON.parse(line).order.id as string);

/** A result with odd names, one that is lost, one without a measurement name. */
const results = [
	delivered({ id: 'odd', tags: { 'a b': 'c=d, e\u2028' }, rtts: [0.000013, null, 0.0249] }),
	delivered({ id: 'lost', rtts: [null, null], pings: 5 }),
	delivered({ id: 'unnamed', name: '', rtts: [1] }),
];

describe('what is in it', () => {
	test.each([['json'], ['influx']])('%s: the same as the golden file, batch after batch', async (format) => {
		const sink = await openWith(file, { path, format });
		await sink.write(results.slice(0, 1), never);
		await sink.write(results.slice(1), never);
		await sink.close();
		expect(readFileSync(path, 'utf8')).toBe(golden(`results.${format}`));
		expect(statSync(path).mode & 0o777).toBe(0o640);
	});

	test('each line of JSON is an outcome that our own codec reads, without odd characters', () => {
		for (const [index, line] of golden('results.json').trimEnd().split('\n').entries()) {
			expect(line).not.toMatch(/[\p{Cc}\u2028]/u);
			const outcome = outcomeFromJson(JSON.parse(line));
			expect(outcome).toMatchObject({ kind: 'measured', measurement: results[index]?.measurement });
		}
	});

	test('what stood there before stays, also after half a line that a crash has left', async () => {
		writeFileSync(path, '{"whole": 1}\n{"half": ');
		const sink = await openWith(file, { path });
		await sink.write([numbered(1)], never);
		await sink.close();
		expect(lines().slice(0, 2)).toEqual(['{"whole": 1}', '{"half": ']);
		expect(JSON.parse(lines()[2] ?? '').order.id).toBe('o/1');
	});
});

describe('a new file', () => {
	const rotated = () =>
		readdirSync(folder)
			.filter((name) => /^results\.\d{8}T\d{6}Z(-\d+)?$/.test(name))
			.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

	test('begins before one gets larger than max_size, and the oldest go: keep are left', async () => {
		const sink = await openWith(file, { path, max_size: 2000, keep: 3 });
		for (let number = 0; number < 40; number++) await sink.write([numbered(number)], never);
		await sink.close();
		expect(rotated()).toHaveLength(3);
		for (const name of rotated()) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(2000);
		const all = [...rotated().map((name) => join(folder, name)), path].flatMap(idsIn);
		expect(all).toEqual(Array.from({ length: all.length }, (_, i) => `o/${40 - all.length + i}`));
	});

	test('begins when one is older than max_age', async () => {
		const first = await openWith(file, { path, max_age: '1h' });
		await first.write([numbered(1)], never);
		await first.write([numbered(2)], never);
		expect(rotated()).toEqual([]);
		await first.close();
		const young = await openWith(file, { path, max_age: 0.001 });
		await new Promise((resolve) => setTimeout(resolve, 10));
		await young.write([numbered(3)], never);
		await young.close();
		expect(idsIn()).toEqual(['o/3']);
		expect(idsIn(join(folder, rotated()[0] ?? ''))).toEqual(['o/1', 'o/2']);
	});

	test('takes the name of no other: two in a second, and files of others, stay', async () => {
		const others = ['results.old', 'results.20260101T000000Z.gz', 'other.20260101T000000Z'];
		for (const name of others) writeFileSync(join(folder, name), name);
		for (const text of ['one', 'two', 'three']) {
			writeFileSync(path, text);
			await rotate(path, 2, Date.UTC(2026, 10, 30, 13, 30, 0, 5));
		}
		expect(readdirSync(folder).sort()).toEqual(
			[...others, 'results.20261130T133000Z-2', 'results.20261130T133000Z-3'].sort(),
		);
		expect(readFileSync(join(folder, 'results.20261130T133000Z-3'), 'utf8')).toBe('three');
	});

	test('is made when somebody has moved or removed the one there was', async () => {
		const sink = await openWith(file, { path });
		await sink.write([numbered(1)], never);
		renameSync(path, `${path}.moved`);
		await sink.write([numbered(2)], never);
		rmSync(path);
		await sink.write([numbered(3)], never);
		await sink.close();
		expect([idsIn(`${path}.moved`), idsIn()]).toEqual([['o/1'], ['o/3']]);
	});
});

describe('what goes wrong', () => {
	test('a disk that is full leaves no half batch, and the next try has room or fails again', async () => {
		const small = join(folder, 'small');
		mountSmall(small, 64);
		const at = join(small, 'results');
		const sink = await openWith(file, { path: at });
		await sink.write([numbered(0)], never);
		const before = readFileSync(at, 'utf8');
		const many = Array.from({ length: 1000 }, (_, i) => numbered(i + 1));
		await expect(sink.write(many, never)).rejects.toThrow(
			`${at}: no space left. Free some, or keep: fewer files`,
		);
		expect(readFileSync(at, 'utf8')).toBe(before);
		await sink.write(many.slice(0, 10), never);
		await sink.close();
		expect(idsIn(at)).toHaveLength(11);
	});

	test.each([
		['a folder that is missing', 'none/results', 'there is no such folder. Make it, or correct path:'],
		['a folder', 'folder', 'it is a folder. Name a file in it'],
		['a FIFO', 'fifo', 'it is no file. Correct path:'],
	])('%s is said when it is opened', async (_what, name, words) => {
		mkdirSync(join(folder, 'folder'));
		execFileSync('mkfifo', [join(folder, 'fifo')]);
		const at = join(folder, name);
		await expect(openWith(file, { path: at })).rejects.toThrow(`${at}: ${words}`);
		expect(existsSync(join(folder, 'none'))).toBe(false);
	});

	test.each([
		[{ path: 'here' }, 'sinks[0].path: must be a path from the root'],
		[{ path: '/x', max_size: 'big' }, 'sinks[0].max_size: must be a size such as 500MB or 20GB, not "big"'],
		[{ path: '/x', max_age: 'old' }, 'sinks[0].max_age: must be a span of time such as'],
		[{ path: '/x', format: 'xml' }, 'sinks[0].format: '],
	])('%j is wrong', (entry, message) => {
		expect(() => openWith(file, entry)).toThrow(message);
	});
});
