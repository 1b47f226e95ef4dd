import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { base, problems, rows, rrdtool, useFreshTree } from './support/fresh-tree.ts';
import { order, startSeconds, startStamp } from './support/tree-fixture.ts';

useFreshTree();

describe('a link in the place of what a measured order has', () => {
	const one = order('a/b');
	beforeEach(() => {
		mkdirSync(base.path('elsewhere/b'), { recursive: true });
		base.enrol(one);
		base.record(one, startSeconds, [0.1, 0.2]);
	});

	it.each(['output/a', 'output/a/b'])('%s: nothing is written, read or removed where it leads', (folder) => {
		const victim = folder === 'output/a' ? 'elsewhere' : 'elsewhere/b';
		cpSync(base.path('output/a/b'), base.path('elsewhere/b'), { recursive: true, preserveTimestamps: true });
		base.write('elsewhere/b/error', 'somebody else’s');
		const before = base
			.list('elsewhere')
			.map((path) => [path, statSync(base.path(`elsewhere/${path}`)).mtimeMs]);
		renameSync(base.path(folder), base.path('moved'));
		symlinkSync(base.path(victim), base.path(folder));
		for (let slot = 1; slot < 4; slot++) base.record(one, startSeconds + 60 * slot, [0.1, 0.2]);
		base.tree.fail(['a/b'], 'no', 'no_program', startSeconds);
		base.tree.reject('a/b', 'no');
		base.tree.clear('a/b');
		base.tree.archive('a/b');
		base.tree.keepOnly([]);
		expect(problems()[0]).toMatch(/output\/a(\/b)? is a symbolic link and in the way .* move it away/);
		const after = base
			.list('elsewhere')
			.map((path) => [path, statSync(base.path(`elsewhere/${path}`)).mtimeMs]);
		expect(after).toEqual(before);
		rmSync(base.path(folder));
		renameSync(base.path('moved'), base.path(folder));
		base.enrol(one);
		base.record(one, startSeconds + 300, [0.1, 0.2]);
		expect(rows('output/a/b/main.rrd', 60, 6)).toContainEqual([360, 0, 0.2]);
	});

	it('main.rrd is set aside, and what it leads to is not written', () => {
		renameSync(base.path('output/a/b/main.rrd'), base.path('elsewhere/main.rrd'));
		symlinkSync(base.path('elsewhere/main.rrd'), base.path('output/a/b/main.rrd'));
		const before = readFileSync(base.path('elsewhere/main.rrd'));
		base.record(one, startSeconds + 60, [0.1, 0.2]);
		expect(readFileSync(base.path('elsewhere/main.rrd')).equals(before)).toBe(true);
		expect(base.list('output/a/b')).toEqual(['last_result', `main.corrupted.${startStamp}.rrd`, 'main.rrd']);
		expect(problems()[0]).toMatch(/it is a symbolic link, which is not followed/);
		expect(rows('output/a/b/main.rrd', 60, 2)).toContainEqual([120, 0, 0.2]);
	});
});

describe('a main.rrd that cannot be continued', () => {
	const path = () => base.path('output/a/main.rrd');
	const isRoot = process.geteuid?.() === 0;
	const damages: [string, () => void][] = [
		['is empty', () => base.write('output/a/main.rrd', '')],
		['is text', () => base.write('output/a/main.rrd', 'not an RRD')],
		['is all zeros', () => base.write('output/a/main.rrd', Buffer.alloc(statSync(path()).size))],
		['was cut off', () => base.write('output/a/main.rrd', readFileSync(path()).subarray(0, -8))],
		['has its header only', () => base.write('output/a/main.rrd', readFileSync(path()).subarray(0, 4000))],
		[
			'has a damaged head',
			() => {
				const bytes = readFileSync(path());
				bytes.writeDoubleLE(1, 16);
				base.write('output/a/main.rrd', bytes);
			},
		],
		[
			'was last updated at an impossible time',
			() => {
				const bytes = readFileSync(path());
				bytes.writeBigUInt64LE(2n ** 60n, 128 + 4 * 120 + 16 * 120);
				base.write('output/a/main.rrd', bytes);
			},
		],
		[
			'is somebody else’s RRD',
			() => {
				rmSync(path());
				rrdtool('create', path(), '--step', '60', 'DS:x:GAUGE:120:0:1', 'RRA:AVERAGE:0.5:1:10');
			},
		],
		[
			'is an RRD with one data source too many',
			() => {
				renameSync(path(), `${path()}.old`);
				rrdtool('create', path(), '--template', `${path()}.old`, '--step', '60', 'DS:more:GAUGE:120:0:1');
				rmSync(`${path()}.old`);
			},
		],
		[
			'is a folder',
			() => {
				rmSync(path());
				base.write('output/a/main.rrd/file', 'in it');
			},
		],
		[
			'is a link to another RRD',
			() => {
				renameSync(path(), base.path('other.rrd'));
				symlinkSync(base.path('other.rrd'), path());
			},
		],
		[
			'is a link that leads nowhere',
			() => {
				rmSync(path());
				symlinkSync('nowhere', path());
			},
		],
		[
			'is a link to itself',
			() => {
				rmSync(path());
				symlinkSync('main.rrd', path());
			},
		],
		[
			'is a FIFO',
			() => {
				rmSync(path());
				execFileSync('mkfifo', [path()]);
			},
		],
		...(isRoot
			? ([
					[
						'is a device',
						() => {
							rmSync(path());
							execFileSync('mknod', [path(), 'c', '1', '3']);
						},
					],
				] as [string, () => void][])
			: []),
	];

	it.each(damages)(
		'because it %s, is kept, a new one made, and the sample in hand is in it',
		(name, damage) => {
			for (const isAway of [false, true]) {
				const one = order('a');
				base.enrol(one);
				base.record(one, startSeconds, [0.5, 0.5]);
				damage();
				if (isAway) {
					base.restart();
					base.enrol(one);
				}
				base.record(one, startSeconds + 60, [0.25, 0.25]);
				expect(base.list('output/a').filter((file) => !file.includes('/f'))).toEqual([
					'last_result',
					name === 'is a folder' ? `main.corrupted.${startStamp}.rrd/` : `main.corrupted.${startStamp}.rrd`,
					'main.rrd',
				]);
				expect(rows('output/a/main.rrd', 60, 2).at(-1)).toEqual([120, 0, 0.25]);
				expect(problems()).toHaveLength(1);
				expect(problems()[0]).toMatch(
					/main.rrd cannot be continued: .+ kept as main.corrupted.20261121T080000Z.rrd/,
				);
				expect(base.counters.get('rrdErrors')).toBe(0);
				expect(base.counters.get('corrupted')).toBe(1);
				rmSync(base.path('output/a'), { recursive: true });
				base.restart();
			}
		},
	);

	it('of another order is kept as such when it is put there behind our back', () => {
		base.enrol(order('a'));
		base.enrol(order('b', { pings: 7 }));
		cpSync(base.path('output/b/main.rrd'), path());
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		expect(base.list('output/a')).toEqual(['last_result', `main.${startStamp}.rrd`, 'main.rrd']);
		expect(rows('output/a/main.rrd', 60, 1)).toEqual([[60, 0, 0.5]]);
	});
});
