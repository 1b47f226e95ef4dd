import { rmSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLastResult } from '../../src/store/last-result.ts';
import { base, problems, rows, rrdtool, useFreshTree } from './support/fresh-tree.ts';
import { order, startSeconds } from './support/tree-fixture.ts';

useFreshTree();

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

	it('begins main.rrd with what was measured elsewhere before it was made', () => {
		base.nowMs += 7_200_000;
		const one = order('a');
		base.enrol(one);
		base.record(one, startSeconds, [0.25, null]);
		base.record(one, startSeconds + 60, [0.5, 0.75]);
		expect(rows('output/a/main.rrd', 60, 2)).toEqual([
			[60, 1, 0.25],
			[120, 0, 0.75],
		]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(problems()).toEqual([]);
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
