import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { readOrder } from '../../src/reading/order.ts';

function read(more: string) {
	const text = `user: me\nstep: 60\npings: 5\nprobe: fping\nfping: {host: 192.0.2.1}\n${more}\n`;
	const result = readOrder('a', text, builtInProbes);
	if ('findings' in result) throw new Error(JSON.stringify(result.findings));
	const { slotsSeconds, buckets, objectivePercent } = result.order;
	return { slotsSeconds, buckets, objectivePercent, notes: (result.notes ?? []).map(({ key }) => key) };
}

test('slots and buckets are read', () => {
	expect(read('slots: 35d\nbuckets: [0.005, 0.01, 0.1]')).toEqual({
		slotsSeconds: 35 * 86_400,
		buckets: [0.005, 0.01, 0.1],
		notes: [],
	});
	expect(read('')).toEqual({ notes: [] });
});

test.each([
	['slots: 1h', 'slots'],
	['slots: 10y', 'slots'],
	['slots: [1]', 'slots'],
	['buckets: []', 'buckets'],
	['buckets: [0.1, 0.1]', 'buckets'],
	['buckets: [-1]', 'buckets'],
	['buckets: [a]', 'buckets'],
	['buckets: 3', 'buckets'],
	['objective: 0', 'objective'],
	['objective: 100.1', 'objective'],
	['objective: -1', 'objective'],
	['objective: .nan', 'objective'],
	['objective: high', 'objective'],
	['objective: [99]', 'objective'],
	['objective: {percent: 99}', 'objective'],
	['objective: true', 'objective'],
])('an order with %s is measured as if the key were not there', (more, key) => {
	expect(read(more)).toEqual({ notes: [key] });
});

test.each([
	['99.9', 99.9],
	['100', 100],
	['"99.95"', 99.95],
	['99.5 %', 99.5],
])('objective: %s is read', (written, objectivePercent) => {
	expect(read(`objective: ${written}`)).toEqual({ objectivePercent, notes: [] });
});
