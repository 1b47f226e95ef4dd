import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { readOrder } from '../../src/reading/order.ts';

function read(more: string) {
	const text = `user: me\nstep: 60\npings: 5\nprobe: fping\nfping: {host: 192.0.2.1}\n${more}\n`;
	const result = readOrder('a', text, builtInProbes);
	if ('findings' in result) throw new Error(JSON.stringify(result.findings));
	const { slotsSeconds, buckets } = result.order;
	return { slotsSeconds, buckets, notes: (result.notes ?? []).map(({ key }) => key) };
}

test('slots and buckets are read', () => {
	expect(read('slots: 35d\nbuckets: [0.005, 0.01, 0.1]')).toEqual({
		slotsSeconds: 35 * 86_400,
		buckets: [0.005, 0.01, 0.1],
		notes: [],
	});
	expect(read('')).toEqual({ slotsSeconds: undefined, buckets: undefined, notes: [] });
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
])('an order with %s is measured as if the key were not there', (more, key) => {
	expect(read(more)).toEqual({ slotsSeconds: undefined, buckets: undefined, notes: [key] });
});
