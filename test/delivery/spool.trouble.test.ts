import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { mountSmall, remount } from '../store/support/mount.ts';
import {
	dir,
	drain,
	dropped,
	files,
	folder,
	kinds,
	problems,
	range,
	reopen,
	spool,
	useSpool,
	waiting,
} from './support/spool-rig.ts';

useSpool();

describe('files that cannot be read', () => {
	const [first, second] = ['000000000001.jsonl', '000000000002.jsonl'];

	beforeEach(() => {
		spool.append(waiting(5));
		spool.close();
		reopen();
		spool.append(waiting(5, 5));
		spool.close();
		expect(files()).toEqual([first, second]);
	});

	it('are set aside with another beginning, and the others are sent', () => {
		writeFileSync(join(folder, first), 'rubbish');
		reopen();
		expect(drain(spool)).toEqual(range(5, 10));
		expect(problems).toEqual([
			`${folder}/${first} cannot be read, and is kept as ${folder}/${first}.poisoned: it does not begin as a file of the spool does`,
		]);
		expect(readFileSync(join(folder, `${first}.poisoned`), 'utf8')).toBe('rubbish');
		expect(spool.bytes).toBe(7);
		reopen();
		expect(spool.bytes).toBe(7);
		expect(problems).toEqual([]);
	});

	it('are sent but for the damaged lines, and kept', () => {
		const text = readFileSync(join(folder, first), 'utf8');
		const lines = text.split('\n');
		// The third line after the header.
		lines[3] = lines[3]?.replace('"user":"me"', '"user":"he"') ?? '';
		writeFileSync(join(folder, first), lines.join('\n'));
		reopen();
		expect(drain(spool)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
		expect(dropped).toEqual(['damaged: 1']);
		expect(problems[0]).toMatch(
			/000000000001\.jsonl has 1 damaged lines: the others are sent, and it is kept/,
		);
		expect(files()).toEqual([`${first}.poisoned`]);
	});

	it('are whole but for a last line that a crash has cut off', () => {
		const text = readFileSync(join(folder, second), 'utf8');
		writeFileSync(join(folder, second), text.slice(0, -20));
		reopen();
		expect(spool.count).toBe(9);
		expect(drain(spool)).toEqual(range(0, 9));
		expect(dropped).toEqual(['damaged: 1']);
		expect(problems).toEqual([]);
		expect(files()).toEqual([]);
	});

	it('do not hang it, be they pipes or folders', () => {
		rmSync(join(folder, first));
		execFileSync('mkfifo', [join(folder, first)]);
		mkdirSync(join(folder, '000000000003.jsonl'));
		reopen();
		expect(drain(spool)).toEqual(range(5, 10));
		expect(problems).toHaveLength(2);
		expect(files()).toEqual([`${first}.poisoned`, '000000000003.jsonl.poisoned']);
	});

	it('may become so while it runs', () => {
		reopen();
		appendFileSync(join(folder, second), 'x\ny\n');
		writeFileSync(join(folder, first), Buffer.alloc(3000, 255));
		expect(drain(spool)).toEqual(range(5, 10));
		expect(dropped).toEqual(['damaged: 5', 'damaged: 2']);
		expect(problems).toHaveLength(2);
	});

	it('do not take what follows with them when what was in them has been sent', () => {
		rmSync(folder, { recursive: true });
		reopen({ maxBytes: 300_000 });
		spool.append(waiting(300));
		spool.append(waiting(300, 300));
		writeFileSync(join(folder, first), 'rubbish');
		spool.remove(300);
		expect(dropped).toEqual(['damaged: 300']);
		expect(drain(spool)).toEqual(range(300, 600));
	});

	it('are nothing when a crash came before the first line', () => {
		writeFileSync(join(folder, '000000000003.jsonl'), '');
		reopen();
		expect(problems).toEqual([]);
		expect(drain(spool)).toEqual(range(0, 10));
		expect(files()).toEqual([]);
	});

	it('are left alone when they are not its own', () => {
		writeFileSync(join(folder, 'notes.txt'), 'mine');
		reopen();
		drain(spool);
		spool.close();
		expect(files()).toEqual(['notes.txt']);
	});
});

describe('trouble with the disk', () => {
	it('a full disk leaves the rest to the memory, is told once, and is over when there is space', () => {
		mountSmall(folder, 128);
		reopen();
		const written = spool.append(waiting(5000));
		expect(written).toBeGreaterThan(0);
		expect(written).toBeLessThan(1000);
		expect(spool.append(waiting(5000 - written, written))).toBe(0);
		expect(dropped).toEqual([]);
		expect(problems).toEqual([
			expect.stringMatching(
				/^cannot write to .*: no space left: free some space or inodes \(ENOSPC\)\. It is tried/,
			),
		]);
		expect(drain(spool)).toEqual(range(0, written));
		expect(spool.append(waiting(20, written))).toBe(20);
		expect(problems).toHaveLength(2);
		expect(problems[1]).toMatch(/can be written again$/);
		reopen();
		expect(drain(spool)).toEqual(range(written, written + 20));
		expect(problems).toEqual([]);
	});

	it('a full disk that takes a new file and nothing in it is told once, however long that lasts', () => {
		mountSmall(folder, 64);
		reopen();
		// The block that is left has room for the first line of a file only.
		writeFileSync(join(folder, 'other'), Buffer.alloc(60 * 1024));
		for (let tick = 0; tick < 20; tick++) {
			expect(spool.append(waiting(100, tick))).toBe(0);
			spool.expire(1_000_000 + 10 * 3600_000);
		}
		expect(files()).toEqual(['000000000001.jsonl', 'other']);
		expect(spool.oldest(10)).toEqual([]);
		expect(files()).toEqual(['other']);
		expect(problems).toEqual([expect.stringMatching(/^cannot write to .*no space left/)]);
		expect(dropped).toEqual([]);
	});

	it('is of few kinds, so that telling it can be limited, whatever the files are called', () => {
		mountSmall(folder, 256);
		reopen({ maxBytes: 20_000 });
		spool.append(waiting(20));
		spool.close();
		remount(folder, 'ro');
		for (let runs = 0; runs < 3; runs++) {
			reopen({ maxBytes: 20_000 });
			drain(spool, 2);
		}
		expect(problems.length).toBeGreaterThan(5);
		expect(kinds).toEqual(new Set(['cannot mark', 'cannot remove']));
	});

	it('a disk that becomes read-only sends what it has, and says that it may do so again', () => {
		mountSmall(folder, 256);
		reopen();
		spool.append(waiting(10));
		spool.close();
		remount(folder, 'ro');
		reopen();
		expect(spool.append(waiting(1, 10))).toBe(0);
		expect(drain(spool, 5)).toEqual(range(0, 10));
		expect(problems.join('\n')).toMatch(/it may be sent twice: the file system is read-only/);
		expect(problems.join('\n')).toMatch(/cannot remove/);
	});

	it('a folder that is removed is made again, with what was being written', () => {
		spool.append(waiting(10));
		rmSync(join(dir, 'spool'), { recursive: true });
		expect(spool.append(waiting(10, 10))).toBe(10);
		expect(problems).toEqual([]);
		reopen();
		expect(drain(spool)).toEqual(range(0, 20));
	});

	it('a file where its folder should be is told', () => {
		mkdirSync(join(dir, 'spool'));
		writeFileSync(folder, '');
		reopen();
		expect(spool.append(waiting(3))).toBe(0);
		expect(problems.join()).toMatch(/a file has the name of a folder that is needed/);
	});
});
