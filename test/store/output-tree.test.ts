import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRrdHeader } from '../../src/rrd/index.ts';
import { base, problems, rrdtool, useFreshTree } from './support/fresh-tree.ts';
import { order, startSeconds, startStamp } from './support/tree-fixture.ts';

useFreshTree();

describe('start', () => {
	it('makes output and archive', () => {
		expect(base.list('')).toEqual(['archive/', 'orders/', 'output/']);
	});
});

describe('enrol', () => {
	it('makes a folder and a main.rrd that rrdtool accepts', () => {
		base.enrol(order('office/router', { pings: 5 }));
		expect(base.list('output')).toEqual(['office/', 'office/router/', 'office/router/main.rrd']);
		const info = rrdtool('info', base.path('output/office/router/main.rrd'));
		expect(info).toContain('step = 60\n');
		expect(info).toContain('ds[ping5].index = 6\n');
		expect(base.told).toEqual(['enrolled: office/router null']);
	});

	it('makes no main.rrd where none is wanted', () => {
		base.enrol(order('a', { rrdTemplate: 'norrd' }));
		base.record(order('a', { rrdTemplate: 'norrd' }), startSeconds, [0.1, null]);
		expect(base.list('output')).toEqual(['a/', 'a/last_result']);
		base.restart();
		base.enrol(order('a', { rrdTemplate: 'norrd' }));
		expect(base.told).toEqual([`enrolled: a ${startSeconds}`]);
	});

	it('changes nothing when all is there, before or after a restart', () => {
		const one = order('a/b');
		base.enrol(one);
		base.record(one, startSeconds, [0.1, 0.2]);
		base.record(one, startSeconds + 60, [0.1, 0.2]);
		const look = () =>
			['a', 'a/b', 'a/b/main.rrd', 'a/b/last_result'].map((path) => {
				const { ino, mtimeMs, ctimeMs } = statSync(base.path(`output/${path}`));
				return [path, ino, mtimeMs, ctimeMs];
			});
		const before = look();
		base.nowMs += 100_000;
		base.enrol(one);
		expect(base.told.at(-1)).toBe(`enrolled: a/b ${startSeconds + 60}`);
		base.restart();
		base.enrol(one);
		expect(base.told).toEqual([`enrolled: a/b ${startSeconds + 60}`]);
		expect(look()).toEqual(before);
	});

	it('removes the error file and what a crash left half written', () => {
		base.write('output/a/error', 'time: 1\nmessage: "old"\n');
		base.write('output/a/.last_result.pingmachine', 'time: 1');
		base.write('output/a/.main.rrd.new', 'RRD');
		base.write('output/a/.mine.new', 'mine');
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual(['.mine.new', 'main.rrd']);
	});

	it.each<[string, Parameters<typeof order>[1]]>([
		['pings', { pings: 3 }],
		['step', { stepSeconds: 300 }],
		['rrd_template', { rrdTemplate: 'norrd' }],
	])('keeps the old main.rrd when %s changed, also while the daemon was away', (_key, change) => {
		for (const isAway of [false, true]) {
			const id = isAway ? 'away' : 'here';
			base.enrol(order(id));
			base.record(order(id), startSeconds, [0.1, 0.2]);
			const before = readFileSync(base.path(`output/${id}/main.rrd`));
			if (isAway) base.restart();
			base.enrol(order(id, change));
			expect(readFileSync(base.path(`output/${id}/main.${startStamp}.rrd`)).equals(before)).toBe(true);
			expect(existsSync(base.path(`output/${id}/main.rrd`))).toBe(change?.rrdTemplate !== 'norrd');
			expect(problems()).toEqual([]);
		}
	});

	it('goes on with the main.rrd there is when another template is the usual one', () => {
		base.enrol(order('chosen'));
		base.enrol(order('usual', { rrdTemplate: null }));
		base.record(order('usual', { rrdTemplate: null }), startSeconds, [0.1, 0.2]);
		base.restart('short');
		base.enrol(order('chosen'));
		base.enrol(order('usual', { rrdTemplate: null }));
		base.enrol(order('new', { rrdTemplate: null }));
		base.record(order('usual', { rrdTemplate: null }), startSeconds + 60, [0.1, 0.2]);
		const bytes = (id: string) => statSync(base.path(`output/${id}/main.rrd`)).size;
		expect(bytes('usual')).toBe(bytes('chosen'));
		expect(bytes('new')).toBeLessThan(bytes('chosen') / 3);
		expect(readRrdHeader(base.path('output/usual/main.rrd')).lastUpdateSeconds).toBe(startSeconds + 120);
		expect(base.list('output')).toEqual([
			'chosen/',
			'chosen/main.rrd',
			'new/',
			'new/main.rrd',
			'usual/',
			'usual/last_result',
			'usual/main.rrd',
		]);
		expect(problems()).toEqual([]);
	});

	it('counts when two are kept in one second', () => {
		for (const pings of [1, 2, 3, 4]) {
			base.enrol(order('a', { pings }));
			base.record(order('a', { pings }), startSeconds, [0.5]);
		}
		expect(base.list('output/a')).toEqual([
			'last_result',
			`main.${startStamp}.2.rrd`,
			`main.${startStamp}.3.rrd`,
			`main.${startStamp}.rrd`,
			'main.rrd',
		]);
	});

	it('makes no main.rrd of gigabytes', () => {
		const one = order('a', { pings: 1e9, stepSeconds: 2e9 });
		base.enrol(one);
		base.record(one, 0, [0.5]);
		expect(base.list('output/a')).toEqual(['last_result']);
		expect(problems()).toEqual([
			'a gets no main.rrd, which holds 10000 pings at most: ask for fewer or write rrd_template: norrd',
		]);
	});

	it('refuses what is no id, and goes on', () => {
		for (const id of ['', '..', '../out', 'a/../../out', '/etc/x', 'a//b', 'a\0']) {
			base.enrol(order(id));
			base.tree.reject(id, 'no');
			base.tree.archive(id);
			base.tree.expire(id, base.path('orders/x'), 1);
			base.tree.clear(id);
		}
		expect(problems()).toHaveLength(1);
		expect(base.list('')).toEqual(['archive/', 'orders/', 'output/']);
	});

	it('does not follow a symbolic link, and goes on by itself when it is gone', () => {
		mkdirSync(base.path('elsewhere'));
		symlinkSync(base.path('elsewhere'), base.path('output/a'));
		for (const id of ['a', 'a/b']) {
			base.enrol(order(id));
			base.record(order(id), startSeconds, [0.1, 0.2]);
			base.tree.reject(id, 'no');
			base.tree.archive(id);
			base.enrol(order(id));
		}
		expect(base.list('elsewhere')).toEqual([]);
		expect(problems()[0]).toContain('output/a is a symbolic link');
		rmSync(base.path('output/a'));
		base.record(order('a/b'), startSeconds, [0.1, 0.2]);
		expect(base.list('output')).toEqual(['a/', 'a/b/', 'a/b/last_result', 'a/b/main.rrd']);
	});

	it('leaves the file of one order alone when another’s folder would have its name', () => {
		base.enrol(order('a'));
		base.record(order('a'), startSeconds, [0.1, 0.2]);
		base.tree.reject('a', 'no');
		const before = base.list('output');
		for (const id of ['a/last_result', 'a/error', 'a/main.rrd', 'a/main.rrd/b']) base.tree.reject(id, 'no');
		expect(base.list('output')).toEqual(before);
		expect(problems()).toEqual([]);
	});

	it('says what is in the way of a folder, and measures the others', () => {
		base.write('output/a', 'a file');
		base.enrol(order('a/b'));
		base.enrol(order('c'));
		base.record(order('a/b'), startSeconds, [0.1, 0.2]);
		base.record(order('c'), startSeconds, [0.1, 0.2]);
		expect(problems()[0]).toMatch(
			/output\/a is not a folder and in the way of a folder of that name: move it away/,
		);
		expect(base.read('output/a')).toBe('a file');
		expect(base.list('output/c')).toEqual(['last_result', 'main.rrd']);
		expect(base.told).toContain('enrolled: a/b null');
	});
});

describe('reject, fail and clear', () => {
	it('say why an order is not measured, and take it back', () => {
		base.tree.reject('deep/a', 'step: -1 is not possible, write 60');
		expect(base.read('output/deep/a/error')).toBe(
			`time: ${startSeconds}\nmessage: "step: -1 is not possible, write 60"\n`,
		);
		base.tree.clear('deep/a');
		expect(base.list('output')).toEqual([]);
	});

	it('write only what is new, also after a restart', () => {
		base.tree.reject('a', 'one');
		base.nowMs += 60_000;
		base.tree.reject('a', 'one');
		base.restart();
		base.tree.reject('a', 'one');
		base.tree.reject('a', 'one');
		expect(base.read('output/a/error')).toBe(`time: ${startSeconds}\nmessage: "one"\n`);
		base.tree.reject('a', 'two');
		expect(base.read('output/a/error')).toBe(`time: ${startSeconds + 60}\nmessage: "two"\n`);
		expect(base.list('output/a')).toEqual(['error']);
	});

	it('a mended order loses its error file', () => {
		base.tree.reject('a', 'no');
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual(['main.rrd']);
	});

	it('a failing order loses its error file with the next measurement', () => {
		const ids = ['a', 'b', 'c'];
		for (const id of ids) base.enrol(order(id));
		base.tree.fail([...ids, 'not-enrolled'], 'fping is not installed', 'no_program', startSeconds);
		for (const id of ids)
			expect(base.read(`output/${id}/error`)).toContain('message: "fping is not installed"');
		base.record(order('b'), startSeconds, [0.1, 0.2]);
		expect(base.list('output')).toEqual([
			'a/',
			'a/error',
			'a/main.rrd',
			'b/',
			'b/last_result',
			'b/main.rrd',
			'c/',
			'c/error',
			'c/main.rrd',
		]);
		base.tree.clear('a');
		expect(base.list('output/a')).toEqual(['main.rrd']);
	});

	it('a rejected order keeps its reason when something measured before comes late', () => {
		base.enrol(order('a'));
		base.tree.reject('a', 'no');
		base.record(order('a'), startSeconds, [0.1, 0.2]);
		base.tree.fail(['a'], 'overrun', 'no_program', startSeconds);
		expect(base.read('output/a/error')).toContain('message: "no"');
		expect(base.list('output/a')).toEqual(['error', 'last_result', 'main.rrd']);
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	});

	it('leave the empty folder of a live order alone', () => {
		base.enrol(order('a', { rrdTemplate: 'norrd' }));
		base.tree.clear('a');
		base.tree.reject('a/b', 'no');
		base.tree.clear('a/b');
		expect(base.list('output')).toEqual(['a/']);
	});

	it('do not wait for the writer of a FIFO', () => {
		mkdirSync(base.path('output/a'));
		execFileSync('mkfifo', [base.path('output/a/error')]);
		base.tree.reject('a', 'no');
		expect(base.read('output/a/error')).toContain('message: "no"');
	});

	it('an archived order that comes back broken is out of the archive', () => {
		base.enrol(order('a'));
		base.record(order('a'), startSeconds, [0.1, 0.2]);
		base.tree.archive('a');
		base.tree.reject('a', 'no');
		expect(base.list('archive')).toEqual([]);
		expect(base.list('output/a')).toEqual(['error', 'last_result', 'main.rrd']);
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('output')).toEqual([]);
	});
});
