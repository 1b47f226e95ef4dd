import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { fits, type Where } from '../../src/model/where.ts';
import { readOrder } from '../../src/reading/order.ts';

const read = (where: string) =>
	readOrder(
		'a',
		`user: u\nstep: 10\npings: 1\nprobe: fping\nfping: {host: x}\nwhere: ${where}\n`,
		builtInProbes,
	);

test.each<[string, Where]>([
	['{pops: [zrh, fra, zrh]}', { here: false, pops: ['zrh', 'fra'] }],
	['{pops: zrh, here: true}', { here: true, pops: ['zrh'] }],
	['{labels: {site: [zrh, 7], role: edge}}', { here: false, labels: { site: ['zrh', '7'], role: ['edge'] } }],
	['{any: 2, labels: {site: zrh}}', { here: false, any: 2, labels: { site: ['zrh'] } }],
	['{all: true}', { here: false, all: true }],
])('understands %s', (written, where) => {
	expect(read(written)).toMatchObject({ order: { where } });
	expect(read(written)).not.toHaveProperty('notes');
});

test.each([
	['zurich'],
	['{pops: []}'],
	['{pops: [Zrh]}'],
	['{pops: [here]}'],
	[`{pops: [${'a'.repeat(64)}]}`],
	['{any: 0}'],
	['{all: false}'],
	['{all: true, any: 2}'],
	['{site: zrh}'],
	['{}'],
	['{here: false}'],
])('measures here when it is %s, and says so', (written) => {
	const told = read(written);
	expect(told).toMatchObject({ notes: [{ key: 'where' }] });
	expect('order' in told && told.order.where).toBe(undefined);
});

test('here: true alone is as if nothing was written', () => {
	expect(read('{here: true}')).not.toHaveProperty('notes');
});

test('what is said of points of presence has to hold all together', () => {
	const pop = (name: string, site: string) => ({ name, labels: { site }, place: null });
	const where: Where = { here: false, pops: ['a', 'b'], labels: { site: ['x', 'y'] } };
	expect([pop('a', 'x'), pop('b', 'z'), pop('c', 'x')].map((one) => fits(where, one))).toEqual([
		true,
		false,
		false,
	]);
	fc.assert(
		fc.property(fc.string(), fc.string(), (name, site) => fits({ here: false, all: true }, pop(name, site))),
	);
});
