/** main.rrd that users worked on, that a clock led astray, and of orders that change again and again. */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRrdHeader } from '../../src/rrd/index.ts';
import { order, startSeconds, startStamp, TreeFixture } from './support/tree-fixture.ts';

let base: TreeFixture;
beforeEach(() => {
	base = new TreeFixture();
});
afterEach(() => base.remove());

const path = () => base.path('output/a/main.rrd');

function rrdtool(...args: string[]): string {
	return execFileSync('rrdtool', args, { encoding: 'utf8', cwd: base.dir });
}

/** Loss of each row from then on. */
function losses(rrd: string, fromSeconds: number, step: number): number[] {
	return rrdtool(
		'fetch',
		rrd,
		'AVERAGE',
		'-r',
		`${step}`,
		'-s',
		`${fromSeconds}`,
		'-e',
		`${fromSeconds + 2 * step}`,
	)
		.split('\n')
		.filter((line) => /^\d+:/.test(line))
		.map((line) => Number(line.split(/:? /)[1]))
		.slice(0, 2);
}

describe('a main.rrd that a user worked on', () => {
	const works: [string, () => void][] = [
		[
			'another heartbeat',
			() => rrdtool('tune', path(), '--heartbeat', 'loss:1000', '--heartbeat', 'ping1:77'),
		],
		['other limits', () => rrdtool('tune', path(), '--maximum', 'median:5', '--minimum', 'loss:U')],
		[
			'more rows',
			() => {
				rrdtool('resize', path(), '0', 'GROW', '500');
				renameSync(base.path('resize.rrd'), path());
			},
		],
		[
			'fewer rows',
			() => {
				rrdtool('resize', path(), '3', 'SHRINK', '100');
				renameSync(base.path('resize.rrd'), path());
			},
		],
		['one archive more', () => rrdtool('tune', path(), 'RRA:AVERAGE:0.5:7:100')],
		['one archive less', () => rrdtool('tune', path(), 'DELRRA:2')],
	];

	it.each(works)('goes on: %s', (_what, work) => {
		for (const isAway of [false, true]) {
			base.enrol(order('a'));
			base.record(order('a'), startSeconds, [0.5, null]);
			work();
			const shape = readRrdHeader(path()).shape;
			if (isAway) {
				base.restart();
				base.enrol(order('a'));
			}
			base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
			expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
			expect(readRrdHeader(path()).shape).toEqual(shape);
			expect(losses(path(), startSeconds, 60)).toEqual([1, 0]);
			expect(base.toldOf('problem')).toEqual([]);
			base.tree.archive('a');
			renameSync(base.path('archive/a'), base.path(`archive/${isAway}`));
		}
	});

	it('is kept and begun anew all the same when the order asks for another step, more pings or another template', () => {
		for (const change of [{ stepSeconds: 120 }, { pings: 3 }, { rrdTemplate: 'short' as const }]) {
			base.enrol(order('a'));
			base.record(order('a'), startSeconds, [0.5, null]);
			rrdtool('tune', path(), '--heartbeat', 'loss:1000');
			const before = readFileSync(path());
			base.enrol(order('a', change));
			expect(readFileSync(base.path(`output/a/main.${startStamp}.rrd`)).equals(before)).toBe(true);
			expect(base.list('output/a').filter((name) => name.includes('corrupted'))).toEqual([]);
			base.tree.archive('a');
			renameSync(base.path('archive/a'), base.path(`archive/${Object.keys(change)}`));
		}
	});
});

describe('a clock that was ahead for a while', () => {
	const ahead = Date.UTC(2036, 0, 1) / 1000;
	const astray = (one = order('a')) => {
		base.enrol(one);
		base.record(one, startSeconds, [0.5, 0.5]);
		base.nowMs = (ahead + 60) * 1000;
		base.record(one, ahead, [0.5, 0.5]);
		base.nowMs = (startSeconds + 120) * 1000;
	};
	const keptName = 'main.20261121T080200Z.rrd';

	it('blocks no main.rrd: it is kept, another begins, and the error file and the log say so', () => {
		astray();
		base.record(order('a'), startSeconds + 60, [0.5, null]);
		expect(base.list('output/a')).toEqual(['error', 'last_result', keptName, 'main.rrd']);
		expect(Number(rrdtool('last', base.path(`output/a/${keptName}`)))).toBe(ahead + 60);
		base.record(order('a'), startSeconds + 120, [0.5, 0.5]);
		expect(losses(path(), startSeconds + 60, 60)).toEqual([1, 0]);
		// What was measured before is still there.
		expect(losses(path(), startSeconds, 60)).toEqual([0, 1]);
		const told = `main.rrd goes until 2036-01-01T00:01:00.000Z, which is not yet: the clock was ahead for a while. It is kept as ${keptName}, and the one from before goes on`;
		expect(base.read('output/a/error')).toContain(told);
		expect(base.toldOf('problem').join()).toContain(`output/a: ${told}`);
	});

	it('is told for an hour', () => {
		astray();
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		base.tree.fail(['a'], 'no fping', 'no_program', startSeconds);
		expect(base.read('output/a/error')).toContain('no fping');
		base.record(order('a'), startSeconds + 120, [0.5, 0.5]);
		expect(base.read('output/a/error')).toContain('the clock was ahead');
		base.nowMs += 3_599_000;
		base.tree.retry();
		expect(base.list('output/a')).toContain('error');
		base.nowMs += 2000;
		base.tree.retry();
		expect(base.list('output/a')).not.toContain('error');
	});

	it('blocks none either after a restart meanwhile, and what was before is kept', () => {
		astray();
		base.restart();
		base.enrol(order('a'));
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		const spared = 'main.20360101T000100Z.rrd';
		expect(base.list('output/a')).toEqual(['error', 'last_result', keptName, spared, 'main.rrd']);
		expect(losses(base.path(`output/a/${spared}`), startSeconds, 60)[0]).toBe(0);
		expect(base.read('output/a/error')).toContain('and a new one begins');
	});

	it('costs no history that a machine which slept, or an order that was away, would keep', () => {
		const month = 31 * 86_400;
		base.enrol(order('a'));
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		base.nowMs += month * 1000;
		base.sinceBootMs += month * 1000;
		base.record(order('a'), startSeconds + month, [0.5, 0.5]);
		base.restart();
		base.nowMs += month * 1000;
		base.restart();
		base.enrol(order('a'));
		base.record(order('a'), startSeconds + 2 * month, [0.5, 0.5]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	});

	it('is not believed to have been when the machine has just started: its clock may have to be set yet', () => {
		astray();
		base.sinceBootMs = 60_000;
		base.restart();
		base.enrol(order('a'));
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.20360101T000100Z.rrd', 'main.rrd']);
		expect(Number(rrdtool('last', path()))).toBe(ahead + 60);
		expect(base.counters.get('rrdRefused')).toBe(1);
	});
});

describe('an order that changes again and again', () => {
	it('has a main.rrd replaced into which nothing was measured', () => {
		for (let change = 0; change < 20; change++) base.enrol(order('a', { pings: 1 + (change % 2) }));
		base.enrol(order('a', { rrdTemplate: 'norrd' }));
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual(['main.rrd']);
		expect(base.toldOf('problem')).toEqual([]);
	});

	it('keeps four within a day, also when it is removed or the daemon started again in between, and says so', () => {
		const change = (pings: number) => {
			base.nowMs += 60_000;
			base.enrol(order('a', { pings }));
			base.record(order('a', { pings }), base.nowMs / 1000, [0.5, null]);
		};
		const kept = () => base.list('output/a').filter((name) => /^main\..+\.rrd$/.test(name));
		change(1);
		change(2);
		base.tree.archive('a');
		change(1);
		base.restart();
		change(2);
		change(1);
		expect(kept()).toHaveLength(4);
		expect(base.list('output/a')).not.toContain('error');
		const before = readFileSync(path());
		change(2);
		change(2);
		expect(kept()).toHaveLength(4);
		expect(readFileSync(path()).equals(before)).toBe(true);
		expect(base.read('output/a/last_result')).toContain('pings: 2\n');
		expect(base.read('output/a/error')).toContain('gets no rows: 4 others were kept within a day');
		base.nowMs += 86_400_000;
		change(2);
		expect(kept()).toHaveLength(5);
		expect(statSync(path()).size).not.toBe(before.length);
	});
});
