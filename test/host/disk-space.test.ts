import type { StatsFs } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { DiskSpace } from '../../src/host/disk-space.ts';
import { gigabytes } from '../../src/model/gigabytes.ts';
import { FakeLog } from '../support/fake-log.ts';

let log: FakeLog;
let disk: Partial<StatsFs>;
let space: DiskSpace;

beforeEach(() => {
	log = new FakeLog();
	disk = { bsize: 4096, blocks: 10e6, bavail: 10e6, files: 1e6, ffree: 1e6 };
	space = new DiskSpace('/base', log, async () => disk as StatsFs);
});

/** What is told when so much of the disk is free. */
async function told(change: Partial<StatsFs>): Promise<readonly string[]> {
	const before = log.lines.length;
	disk = { ...disk, ...change };
	await space.check();
	return log.lines.slice(before);
}

test('a disk with room is nothing to speak of', async () => {
	expect(await told({})).toEqual([]);
	expect(await told({ bavail: 0.5e6 })).toEqual([]);
});

test('a disk that is nearly full is told once, and that it has room again', async () => {
	const [line = '', ...others] = await told({ bavail: 0.1e6 });
	expect(line).toMatch(/^warn: the disk of \/base is nearly full: 0\.41 GB are free\. Make room, or /);
	expect(others).toEqual([]);
	expect(await told({ bavail: 0.05e6 })).toEqual([]);
	// Just above the mark is not enough for an all-clear.
	expect(await told({ bavail: 0.5e6 })).toEqual([]);
	expect(await told({ bavail: 5e6 })).toEqual(['info: the disk of /base has room again: 20.5 GB are free']);
});

test('a large disk is not nearly full with a twentieth of it free', async () => {
	expect(await told({ blocks: 10e9, bavail: 100e6 })).toEqual([]);
	expect(await told({ bavail: 0.4e6 })).toHaveLength(1);
});

test('files can run out too, where there is a limit', async () => {
	expect(await told({ files: 0, ffree: 0 })).toEqual([]);
	expect((await told({ files: 1e6, ffree: 100 }))[0]).toContain('100 inodes are free');
});

test('a disk that cannot be asked is left to those who write', async () => {
	space = new DiskSpace('/no/such/folder', log);
	await space.check();
	expect(log.lines).toEqual([]);
});

test('sizes are easy to read', () => {
	expect([0, 672_008, 99e6, 672e6, 1.5e9, 67.2e9].map(gigabytes)).toEqual([
		'0 MB',
		'1 MB',
		'99 MB',
		'0.67 GB',
		'1.5 GB',
		'67.2 GB',
	]);
});
