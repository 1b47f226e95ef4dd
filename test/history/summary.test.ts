import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrueTimeAverages } from '../../src/history/averages.ts';
import { summaryLines } from '../../src/history/summary-table.ts';

const start = 1_795_240_800;

describe('averages by true time', () => {
	test('are those of meshping at its step of 30 s', () => {
		const averages = new TrueTimeAverages();
		expect(averages.values).toEqual([null, null, null]);
		averages.add(start, 0.02);
		expect(averages.values).toEqual([0.02, 0.02, 0.02]);
		averages.add(start + 30, 0.03);
		const [quarter, six, day] = averages.values;
		expect(quarter).toBeCloseTo(0.02 * 0.9672161 + 0.03 * 0.0327839, 9);
		expect(six).toBeCloseTo(0.02 * 0.9986121 + 0.03 * 0.0013879, 9);
		expect(day).toBeCloseTo(0.02 * 0.9996528 + 0.03 * 0.0003472, 9);
	});

	test('do not depend on the step when nothing changes in between', () => {
		fc.assert(
			fc.property(fc.integer({ min: 2, max: 200 }), (parts) => {
				const [fine, coarse] = [new TrueTimeAverages(), new TrueTimeAverages()];
				for (const averages of [fine, coarse]) averages.add(start, 0.1);
				for (let part = 1; part <= parts; part++) fine.add(start + (part * 6000) / parts, 0.3);
				coarse.add(start + 6000, 0.3);
				for (const [at, value] of fine.values.entries()) expect(value).toBeCloseTo(coarse.values[at] ?? 0, 9);
			}),
		);
	});

	test('take no slot twice, and none that is older', () => {
		const averages = new TrueTimeAverages();
		averages.add(start, 0.1);
		averages.add(start, 0.5);
		averages.add(start - 60, 0.5);
		expect(averages.values).toEqual([0.1, 0.1, 0.1]);
	});
});

test('the table is the one that readers of meshping know', () => {
	const lines = [
		...summaryLines([
			{
				...{ id: 'core/router', address: '192.0.2.7', sent: 1000, received: 990 },
				...{
					minSeconds: 0.0123,
					averagesSeconds: [0.0211, 0.0202, 0.0201],
					maxSeconds: 1.5,
					lastSeconds: 0.02,
				},
			},
			{
				...{ id: 'a/very/long/id/that/is/not/cut', address: '2001:db8::1', sent: 0, received: 0 },
				...{ minSeconds: null, averagesSeconds: [null, null, null], maxSeconds: null, lastSeconds: null },
			},
		]),
	];
	expect(lines).toEqual([
		'Target                    Address                    Sent  Recv   Succ    Loss      Min    Avg15m     Avg6h    Avg24h       Max      Last\n',
		'core/router               192.0.2.7                  1000   990  99.00%   1.00%   12.30     21.10     20.20     20.10   1500.00     20.00\n',
		'a/very/long/id/that/is/not/cut 2001:db8::1                   0     0   0.00%   0.00%    0.00      0.00      0.00      0.00      0.00      0.00\n',
	]);
});
