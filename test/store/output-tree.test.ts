import { execFileSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
} from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRrdHeader } from '../../src/rrd/index.ts';
import { readLastResult } from '../../src/store/last-result.ts';
import { order, startSeconds, startStamp, TreeFixture } from './support/tree-fixture.ts';

let base: TreeFixture;
beforeEach(() => {
	base = new TreeFixture();
});
afterEach(() => base.remove());

function rrdtool(...args: string[]): string {
	return execFileSync('rrdtool', args, { encoding: 'utf8' });
}

/** Loss and median of each row of main.rrd from the start on: `[seconds after the start, loss, median]`. */
function rows(rrd: string, step: number, count: number): [number, number, number][] {
	const range = ['-s', `${startSeconds}`, '-e', `${startSeconds + (count - 1) * step}`];
	return rrdtool('fetch', base.path(rrd), 'AVERAGE', '-r', `${step}`, ...range)
		.split('\n')
		.filter((line) => /^\d+:/.test(line))
		.map((line) => line.split(/:? /).map(Number))
		.map(([time = 0, loss = 0, median = 0]): [number, number, number] => [time - startSeconds, loss, median])
		.filter(([time]) => time <= count * step);
}

function problems(): string[] {
	return base.toldOf('problem');
}

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

describe('record', () => {
	it('writes last_result as it has always been', () => {
		const one = order('a', { stepSeconds: 10, pings: 5 });
		base.nowMs = 1_795_240_017_999;
		base.enrol(one);
		base.record(one, 1_795_240_000, [0.000042, 0.000013, 0.00002, 0.000024, 0.00003]);
		expect(base.read('output/a/last_result')).toBe(
			'time: 1795240000\nupdated: 1795240017\nstep: 10\npings: 5\nloss: 0\n' +
				'min: 1.300000e-05\nmedian: 2.400000e-05\nmax: 4.200000e-05\n',
		);
		base.record(one, 1_795_240_010, [null, null, null, null, null]);
		expect(base.read('output/a/last_result')).toBe(
			'time: 1795240010\nupdated: 1795240017\nstep: 10\npings: 5\nloss: 5\nmin: ~\nmedian: ~\nmax: ~\n',
		);
	});

	it('keeps the first sample, names rows by the end of their slot, and leaves no temporary files', () => {
		base.nowMs += 59_000;
		const one = order('a');
		base.enrol(one);
		base.record(one, startSeconds, [0.25, null]);
		base.record(one, startSeconds + 60, [0.5, 0.75]);
		expect(rows('output/a/main.rrd', 60, 2)).toEqual([
			[60, 1, 0.25],
			[120, 0, 0.75],
		]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	});

	it('agrees with rrdtool, whatever is measured, lost, cut short or not measured at all', () => {
		const rtt = fc.option(
			fc.integer({ min: 1, max: 5_000_000 }).map((microseconds) => microseconds / 1e6),
			{ freq: 3 },
		);
		const slots = fc.array(fc.option(fc.array(rtt, { minLength: 1, maxLength: 4 })), {
			minLength: 1,
			maxLength: 12,
		});
		let count = 0;
		fc.assert(
			fc.property(slots, fc.constantFrom(1, 37, 60, 300, 600), (measured, step) => {
				const one = order(`property/${count++}`, { pings: 4, stepSeconds: step });
				// The first slot of the order is not that of its arrival.
				const first = Math.ceil(startSeconds / step) * step;
				base.nowMs = first * 1000;
				base.enrol(one);
				const expected: [number, string, string][] = [];
				let last = Number.NaN;
				for (const [index, rtts] of measured.entries()) {
					const start = first + index * step;
					const received = (rtts ?? [])
						.flatMap((seconds) => (seconds === null ? [] : [seconds]))
						.sort((a, b) => a - b);
					if (rtts !== null) {
						base.record(one, start, rtts);
						last = start;
					}
					const loss = rtts === null ? Number.NaN : rtts.length - received.length;
					const median = received[Math.floor(received.length / 2)] ?? Number.NaN;
					expected.push([start + step, loss.toExponential(5), median.toExponential(5)]);
				}
				if (Number.isNaN(last)) return;
				const path = base.path(`output/${one.id}/main.rrd`);
				const known = expected.filter(([time]) => time <= last + step);
				const range = ['-s', `${first}`, '-e', `${last}`];
				const found = rrdtool('fetch', path, 'AVERAGE', '-r', `${step}`, ...range)
					.split('\n')
					.filter((line) => /^\d+:/.test(line))
					.map((line) => line.split(/:? /).map(Number))
					.map(([time, loss = 0, median = 0]) => [time, loss.toExponential(5), median.toExponential(5)]);
				expect(found).toEqual(known);
				const result = readLastResult(base.read(`output/${one.id}/last_result`));
				const [time, loss, median] =
					rrdtool('lastupdate', path).trim().split('\n').at(-1)?.split(/:? /) ?? [];
				if ('reason' in result) throw new Error(result.reason);
				expect([result.time + step, result.loss]).toEqual([Number(time), Number(loss)]);
				if (median !== 'U') expect(result.median).toBeCloseTo(Number(median), 7);
				else expect(result.median).toBeNull();
			}),
			{ numRuns: 60 },
		);
		expect(problems()).toEqual([]);
	});

	it('takes a slot that was not measured as unknown, neither loss nor the value of the next', () => {
		const one = order('a');
		base.enrol(one);
		for (const slot of [0, 2, 6]) base.record(one, startSeconds + slot * 60, [null, null]);
		expect(rows('output/a/main.rrd', 60, 7).map(([, loss]) => loss)).toEqual([
			2,
			Number.NaN,
			2,
			Number.NaN,
			Number.NaN,
			Number.NaN,
			2,
		]);
	});

	it('goes on without a gap after a restart', () => {
		const one = order('a');
		base.enrol(one);
		base.record(one, startSeconds, [0.5, 0.5]);
		base.restart();
		base.enrol(one);
		base.record(one, startSeconds + 60, [0.25, 0.25]);
		base.restart();
		base.enrol(one);
		base.record(one, startSeconds + 180, [0.125, 0.125]);
		expect(rows('output/a/main.rrd', 60, 4).map(([, , median]) => median)).toEqual([
			0.5,
			0.25,
			Number.NaN,
			0.125,
		]);
	});

	it('ignores orders that are not enrolled', () => {
		base.record(order('a'), startSeconds, [0.1, 0.2]);
		base.enrol(order('b'));
		base.tree.archive('b');
		base.record(order('b'), startSeconds, [0.1, 0.2]);
		expect(base.list('output')).toEqual([]);
		expect(base.counters.get('ignored')).toBe(2);
		expect(base.counters.get('done')).toBe(2);
	});

	it.each(['smokeping', 'norrd'] as const)(
		'makes the folder anew when somebody removes it (%s)',
		(rrdTemplate) => {
			const one = order('x/a', { rrdTemplate });
			base.enrol(one);
			base.record(one, startSeconds, [0.1, 0.2]);
			rmSync(base.path('output/x'), { recursive: true });
			base.record(one, startSeconds + 60, [0.5, 0.5]);
			expect(base.read('output/x/a/last_result')).toContain(`time: ${startSeconds + 60}\n`);
			if (rrdTemplate === 'smokeping')
				expect(rows('output/x/a/main.rrd', 60, 2).at(-1)).toEqual([120, 0, 0.5]);
			expect(problems()).toEqual([]);
			expect(base.counters.get('recorded')).toBe(2);
		},
	);

	it('makes output/ anew when somebody removes it', () => {
		base.enrol(order('a'));
		rmSync(base.path('output'), { recursive: true });
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		expect(base.list('output')).toEqual(['a/', 'a/last_result', 'a/main.rrd']);
	});

	it('goes on when the clock was set back: last_result is written, main.rrd waits', () => {
		const one = order('a');
		base.enrol(one);
		base.record(one, startSeconds + 600, [0.5, 0.5]);
		for (let slot = 0; slot < 11; slot++) base.record(one, startSeconds + slot * 60, [0.25, 0.25]);
		expect(base.read('output/a/last_result')).toContain(`time: ${startSeconds + 600}\n`);
		base.record(one, startSeconds + 60, [0.25, 0.25]);
		expect(base.read('output/a/last_result')).toContain(`time: ${startSeconds + 60}\n`);
		expect(base.counters.get('rrdRefused')).toBe(12);
		expect(problems()).toHaveLength(1);
		expect(problems()[0]).toMatch(/output\/a\/main.rrd.*Was the clock set back/);
		base.record(one, startSeconds + 660, [0.125, 0.125]);
		expect(rows('output/a/main.rrd', 60, 12).slice(-2)).toEqual([
			[660, 0, 0.5],
			[720, 0, 0.125],
		]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	});

	it.each([
		{ pings: 3, stepSeconds: 60 },
		{ pings: 2, stepSeconds: 300 },
	])('does not put what was measured for the old order into the RRD of the new one (%j)', (changes) => {
		base.enrol(order('a', changes));
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		expect(base.read('output/a/last_result')).toContain('step: 60\npings: 2\n');
		expect(rrdtool('last', base.path('output/a/main.rrd')).trim()).toBe(`${startSeconds}`);
		expect(base.counters.get('rrdErrors')).toBe(1);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	});

	it('does not write through what somebody linked in the place of its temporary file', () => {
		base.write('precious', 'precious');
		base.enrol(order('a'));
		symlinkSync(base.path('precious'), base.path('output/a/.last_result.pingmachine'));
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		expect(base.read('precious')).toBe('precious');
		expect(base.read('output/a/last_result')).toContain(`time: ${startSeconds}\n`);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	});

	it('tells when a folder has the name of last_result, and leaves it alone', () => {
		base.write('output/a/last_result/main.rrd', 'of the order a/last_result');
		base.enrol(order('a'));
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		expect(problems()[0]).toMatch(
			/cannot write .*output\/a\/last_result: a folder has this name: move it away/,
		);
		expect(base.list('output/a')).toEqual(['last_result/', 'last_result/main.rrd', 'main.rrd']);
		expect(rows('output/a/main.rrd', 60, 1)).toEqual([[60, 0, 0.5]]);
	});
});

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
