import fc from 'fast-check';
import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { describeFinding, describeFindings } from '../../src/model/findings.ts';
import type { Order } from '../../src/model/order.ts';
import { readOrder } from '../../src/reading/order.ts';

const example = `user: tmon
task: tun_eth0_4061
step: 300
pings: 20
probe: fping
fping:
    host: 62.179.116.250
    interval: 500
measurement_name: tunnel
tags:
    tunnel_id: 12458
    interface: eth2
`;

/** An order that keeps every promise of its type, or findings that can be shown as one line each. */
function assertRead(text: string): void {
	const read = readOrder('app/ping', text, builtInProbes);
	if ('order' in read) assertOrder(read.order);
	else {
		expect(read.findings.length).toBeGreaterThan(0);
		for (const finding of read.findings) expect(describeFinding(finding)).toMatch(/^[^\p{Cc}]+$/u);
		expect(describeFindings(read.findings)).toMatch(/^[^\p{Cc}]+$/u);
	}
}

function assertOrder(order: Order): void {
	expect(order.user).toMatch(/\S/);
	expect(Number.isInteger(order.stepSeconds) && order.stepSeconds >= 1).toBe(true);
	expect(Number.isInteger(order.pings) && order.pings >= 1 && order.pings <= order.stepSeconds).toBe(true);
	expect(builtInProbes.has(order.probe)).toBe(true);
	expect(order.target).toBe(order.options['host']);
	for (const value of Object.values(order.tags)) expect(value).toMatch(/^[^\p{Cc}]+$/u);
}

const yamlish = fc.string({
	unit: fc.constantFrom(
		...'\n\n  \t:-?&*!|>%@`\'"[]{}#,=<~\0\x07\\aA0.é🙂\ud800',
		...[
			'user',
			'step',
			'pings',
			'probe',
			'fping',
			'host',
			'tags',
			'telegraf',
			'__proto__',
			'<<',
			'---\n',
			': ',
		],
	),
	maxLength: 200,
});

test('any text is an order or has findings', () => {
	fc.assert(fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary', maxLength: 300 })), assertRead), {
		numRuns: 3000,
	});
});

/** Mostly what belongs there, sometimes anything. */
function orAnything<T>(value: T): fc.Arbitrary<unknown> {
	return fc.oneof(
		{ weight: 20, arbitrary: fc.constant(value) },
		{ weight: 1, arbitrary: fc.anything() },
		{ weight: 1, arbitrary: fc.string() },
		{ weight: 1, arbitrary: fc.double() },
	);
}

const orderLike = fc.record(
	{
		user: orAnything('tmon'),
		task: orAnything('tunnel'),
		step: orAnything(300),
		pings: orAnything('20'),
		probe: orAnything('fping'),
		fping: fc.oneof(
			fc.record(
				{ host: orAnything('192.0.2.7'), interval: orAnything(500), ipv6: orAnything(false) },
				{ requiredKeys: ['host'] },
			),
			orAnything({ host: '::1' }),
		),
		rrd_template: orAnything('norrd'),
		measurement_name: orAnything('tunnel'),
		tags: fc.oneof(fc.dictionary(fc.string(), orAnything('x')), orAnything({})),
		telegraf: orAnything({ tags: {} }),
	},
	{ requiredKeys: ['user', 'step', 'pings', 'probe', 'fping'] },
);

test('any value that YAML can hold is an order or has findings', () => {
	let orders = 0;
	fc.assert(
		fc.property(orderLike, (value) => {
			const text = dump(value, { skipInvalid: true });
			assertRead(text);
			if ('order' in readOrder('app/ping', text, builtInProbes)) orders++;
		}),
		{ numRuns: 3000 },
	);
	// Both must come up, or the property says little.
	expect(orders).toBeGreaterThan(100);
	expect(orders).toBeLessThan(2900);
});

test('an order with some characters changed, removed or inserted is an order or has findings', () => {
	const edits = fc.array(fc.tuple(fc.nat(example.length), fc.nat(5), yamlish), {
		minLength: 1,
		maxLength: 4,
	});
	fc.assert(
		fc.property(edits, (changes) => {
			let text = example;
			for (const [at, removed, inserted] of changes) {
				text = text.slice(0, at) + inserted.slice(0, 5) + text.slice(at + removed);
			}
			assertRead(text);
		}),
		{ numRuns: 3000 },
	);
});

test('a text that was cut off anywhere is an order or has findings', () => {
	for (let length = 0; length <= example.length; length++) assertRead(example.slice(0, length));
});

test('the order of the keys does not matter', () => {
	const entries = Object.entries({
		user: 'tmon',
		step: 300,
		pings: 20,
		probe: 'fping',
		fping: { host: '::1', interval: 1000 },
		tags: { a: 1, b: 2 },
	});
	const expected = readOrder('app/ping', dump(Object.fromEntries(entries)), builtInProbes);
	expect(expected).toHaveProperty('order');
	fc.assert(
		fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
			expect(readOrder('app/ping', dump(Object.fromEntries(shuffled)), builtInProbes)).toEqual(expected);
		}),
	);
});
