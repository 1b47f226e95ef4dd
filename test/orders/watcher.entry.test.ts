import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileEntry, isSameFile } from '../../src/orders/entry.ts';

let folder: string;
let path: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-entry-'));
	path = join(folder, 'order');
	writeFileSync(path, 'step: 60\n');
});

afterEach(() => rmSync(folder, { recursive: true }));

it('a file looked at well after it changed is the same as long as its times, size and inode are', () => {
	const stats = statSync(path);
	const entry = fileEntry(stats, stats.ctimeMs + 20);
	expect(isSameFile(entry, statSync(path))).toBe(true);
	utimesSync(path, stats.atime, stats.mtime);
	expect(isSameFile(entry, statSync(path))).toBe(false);
});

it.each(['mtimeMs', 'ctimeMs', 'size', 'ino'] as const)('a file whose %s differs is another', (key) => {
	const stats = statSync(path);
	const entry = fileEntry(stats, stats.ctimeMs + 20);
	stats[key] += 0.25;
	expect(isSameFile(entry, stats)).toBe(false);
});

it.each([-10, 0, 10])(
	'a file looked at %i ms after it changed may have changed again within the tick',
	(ageMs) => {
		const stats = statSync(path);
		expect(isSameFile(fileEntry(stats, stats.ctimeMs + ageMs), stats)).toBe(false);
	},
);

it('a file from a machine whose clock is ahead is not suspected for ever', () => {
	const stats = statSync(path);
	expect(isSameFile(fileEntry(stats, stats.ctimeMs - 60_000), stats)).toBe(true);
});
