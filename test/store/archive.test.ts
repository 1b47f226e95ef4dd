import { execFileSync } from 'node:child_process';
import {
	lstatSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { base, lastUpdate, measure, problems, useTreeAndMounts } from './support/archive-rig.ts';
import { mountSmall } from './support/mount.ts';
import { order, startSeconds, startStamp } from './support/tree-fixture.ts';

useTreeAndMounts();

describe('archive', () => {
	it('moves the folder, without its error file, and removes empty ones above it', () => {
		measure('office/floor/router');
		base.tree.fail(['office/floor/router'], 'no fping', 'no_program', startSeconds);
		const before = readFileSync(base.path('output/office/floor/router/main.rrd'));
		base.tree.archive('office/floor/router');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive/office/floor/router')).toEqual(['last_result', 'main.rrd']);
		expect(readFileSync(base.path('archive/office/floor/router/main.rrd')).equals(before)).toBe(true);
		expect(base.toldOf('archived')).toEqual(['office/floor/router']);
		expect(problems()).toEqual([]);
	});

	it('leaves nothing of an order that was only ever rejected', () => {
		base.tree.reject('a/b', 'no');
		base.tree.archive('a/b');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive')).toEqual([]);
	});

	it('of an order that nobody knows does nothing', () => {
		base.tree.archive('a/b');
		expect(base.toldOf('archived')).toEqual(['a/b']);
		expect(base.list('')).toEqual(['archive/', 'orders/', 'output/']);
	});

	it('takes what else the user put there along', () => {
		measure('a');
		base.write('output/a/notes.txt', 'mine');
		symlinkSync('/dev/null', base.path('output/a/link'));
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual(['last_result', 'link', 'main.rrd', 'notes.txt']);
		expect(lstatSync(base.path('archive/a/link')).isSymbolicLink()).toBe(true);
	});

	it('moves only its own files where its id is the beginning of others', () => {
		measure('app1', 'app1/target1', 'app1/target1/deep', 'app1/target2');
		base.tree.archive('app1');
		expect(base.list('archive')).toEqual(['app1/', 'app1/last_result', 'app1/main.rrd']);
		base.tree.archive('app1/target1');
		expect(base.list('output').filter((path) => path.endsWith('main.rrd'))).toEqual([
			'app1/target1/deep/main.rrd',
			'app1/target2/main.rrd',
		]);
		base.tree.archive('app1/target2');
		base.tree.archive('app1/target1/deep');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive').filter((path) => path.endsWith('last_result'))).toEqual([
			'app1/last_result',
			'app1/target1/deep/last_result',
			'app1/target1/last_result',
			'app1/target2/last_result',
		]);
	});

	it('sets leftovers aside, and overwrites nothing', () => {
		measure('a');
		base.write('archive/a/main.rrd', 'older');
		base.write(`archive/a/main.${startStamp}.rrd`, 'oldest');
		base.write('archive/a/last_result', 'time: 1');
		base.write('archive/a/notes', 'mine');
		base.tree.archive('a');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive/a')).toEqual([
			'last_result',
			`last_result.${startStamp}`,
			`main.${startStamp}.2.rrd`,
			`main.${startStamp}.rrd`,
			'main.rrd',
			'notes',
		]);
		expect(base.read(`archive/a/main.${startStamp}.2.rrd`)).toBe('older');
		expect(base.read(`archive/a/main.${startStamp}.rrd`)).toBe('oldest');
		expect(base.read(`archive/a/last_result.${startStamp}`)).toBe('time: 1');
		expect(lastUpdate('archive/a/main.rrd')).toBe(startSeconds + 60);
	});

	it('leaves the folder of another order alone though it has the name of a file', () => {
		measure('a');
		base.write('archive/a/last_result/main.rrd', 'of a/last_result');
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual([
			`last_result.${startStamp}`,
			'last_result/',
			'last_result/main.rrd',
			'main.rrd',
		]);
	});

	it('does not write through a symbolic link in archive', () => {
		measure('a');
		mkdirSync(base.path('elsewhere'));
		symlinkSync(base.path('elsewhere'), base.path('archive/a'));
		base.tree.archive('a');
		base.tree.archive('a');
		expect(base.list('elsewhere')).toEqual([]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual([]);
		expect(problems()[0]).toMatch(/cannot archive .*output\/a: /);
		rmSync(base.path('archive/a'));
		base.tree.retry();
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a']);
		base.tree.retry();
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('is not tried again when the order has come back meanwhile', () => {
		measure('a');
		base.write('archive/a', 'in the way');
		base.tree.archive('a');
		expect(problems()).toHaveLength(1);
		base.enrol(order('a'));
		rmSync(base.path('archive/a'));
		base.tree.retry();
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('archive')).toEqual([]);
	});

	it('works across file systems', () => {
		mountSmall(base.path('archive'), 4096);
		measure('a', 'a/b');
		symlinkSync('main.rrd', base.path('output/a/link'));
		utimesSync(base.path('output/a/last_result'), 1000, 1000);
		const before = readFileSync(base.path('output/a/main.rrd'));
		base.write('archive/a/main.rrd', 'older');
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual(['last_result', 'link', `main.${startStamp}.rrd`, 'main.rrd']);
		expect(base.list('output')).toEqual(['a/', 'a/b/', 'a/b/last_result', 'a/b/main.rrd']);
		expect(readFileSync(base.path('archive/a/main.rrd')).equals(before)).toBe(true);
		expect(statSync(base.path('archive/a/last_result')).mtimeMs).toBe(1000_000);
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual([
			'b/',
			'b/last_result',
			'b/main.rrd',
			'last_result',
			'link',
			`main.${startStamp}.rrd`,
			'main.rrd',
		]);
		expect(base.list('archive')).toEqual([]);
		expect(problems()).toEqual([]);
	});

	it('keeps everything where it is when the other file system is full, and goes on when it is not', () => {
		mountSmall(base.path('archive'), 64);
		measure('a');
		base.tree.archive('a');
		expect(base.list('output/a')).toContain('main.rrd');
		expect(base.list('archive').filter((path) => path.includes('/.'))).toEqual([]);
		expect(problems()[0]).toMatch(/cannot archive .*no space left/);
		execFileSync('mount', ['-o', 'remount,size=4m', base.path('archive')]);
		base.tree.retry();
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('output')).toEqual([]);
	});
});

describe('keepOnly', () => {
	it('archives what has no order any more, and nothing else', () => {
		measure('gone', 'gone/too', 'stays', 'stays/gone', 'deep/er/gone');
		base.write('output/README', 'mine');
		base.write('output/notes/of-mine.txt', 'mine');
		mkdirSync(base.path('output/empty/folder'), { recursive: true });
		base.write('output/only-error/error', 'time: 1\n');
		base.write('output/old/main.20250101T000000Z.rrd', 'rrd');
		base.restart();
		base.enrol(order('stays'));
		base.tree.reject('rejected', 'no');
		base.tree.keepOnly(['not-yet-enrolled']);
		expect(base.list('output')).toEqual([
			'README',
			'notes/',
			'notes/of-mine.txt',
			'rejected/',
			'rejected/error',
			'stays/',
			'stays/last_result',
			'stays/main.rrd',
		]);
		expect(base.list('archive').filter((path) => !path.endsWith('/'))).toEqual([
			'deep/er/gone/last_result',
			'deep/er/gone/main.rrd',
			'gone/last_result',
			'gone/main.rrd',
			'gone/too/last_result',
			'gone/too/main.rrd',
			'old/main.20250101T000000Z.rrd',
			'stays/gone/last_result',
			'stays/gone/main.rrd',
		]);
		expect(problems()).toEqual([]);
	});

	it('keeps those whose files were found though they are not enrolled yet', () => {
		measure('a', 'b/c');
		base.restart();
		base.tree.keepOnly(['a', 'b/c']);
		expect(base.list('archive')).toEqual([]);
		base.enrol(order('a'));
		expect(base.told).toEqual([`enrolled: a ${startSeconds}`]);
	});

	it('does not follow links', () => {
		measure('a');
		mkdirSync(base.path('elsewhere'));
		renameSync(base.path('output/a'), base.path('elsewhere/a'));
		symlinkSync(base.path('elsewhere'), base.path('output/link'));
		base.restart();
		base.tree.keepOnly([]);
		expect(base.list('elsewhere')).toEqual(['a/', 'a/last_result', 'a/main.rrd']);
	});
});
