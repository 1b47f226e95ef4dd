/** What is read as plain is what a whole reader of YAML makes of it. */
import fc from 'fast-check';
import { CORE_SCHEMA, load } from 'js-yaml';
import { expect, test } from 'vitest';
import { plainMapping } from '../../src/reading/plain-yaml.ts';

const order = `user: tmon
task: tun_eth0_4061
step: 300
pings: 20
probe: fping
fping:
    host: 62.179.116.250
    interval: 0
measurement_name: tunnel
tags:
  tunnel_id: 12458
  interface: eth2
`;

test('an order is plain', () => {
	expect(plainMapping(order)).toEqual(load(order, { schema: CORE_SCHEMA }));
	expect(plainMapping(order.trimEnd())).toEqual(load(order, { schema: CORE_SCHEMA }));
	const url = 'httping:\n  url: https://me@example.net:8080/a?b=c&d=%20~+\n';
	expect(plainMapping(url)).toEqual(load(url, { schema: CORE_SCHEMA }));
});

test.each([
	...['', '\n', 'a', 'a:', 'a:\n', 'a: 1\n\n', 'a: 1 \n', 'a: 1 # b\n', 'a: 1\r\n', '---\na: 1\n', ' a: 1\n'],
	...[
		'a: 1\na: 2\n',
		'a:\n  b: 1\n  b: 2\n',
		'a:\n  b: 1\n c: 2\n',
		'a:\n  b: 1\n   c: 2\n',
		'a: 1\n  b: 2\n',
	],
	...[
		'a: "1"\n',
		'a: 0x1f\n',
		'a: 0o17\n',
		'a: 017\n',
		'a: 1.5\n',
		'a: 1e3\n',
		'a: .inf\n',
		'a: -1\n',
		'a: ~\n',
	],
	...[
		'a: null\n',
		'a: True\n',
		'a: b:\n',
		'a: &b c\n',
		'a: *b\n',
		'a: !!str b\n',
		'a: |\n  b\n',
		'a: [b]\n',
		'null: 1\n',
	],
	...[
		'__proto__: 1\n',
		'a: b c\n',
		'a:\tb\n',
		'a: \u00e9\n',
		'a: b\0\n',
		'a: 1234567890123456\n',
		'\uFEFFa: 1\n',
	],
])('%j is not', (text) => expect(plainMapping(text)).toBeNull());

const parts = fc.constantFrom(
	...[
		'a',
		'b',
		'key_1',
		'true',
		'null',
		'constructor',
		': ',
		':',
		'\n',
		'\n  ',
		'\n    ',
		' ',
		'0',
		'1',
		'42',
		'007',
	],
	...[
		'10.0.0.1',
		'1.2',
		'x.y/z',
		'http://a:1/b?c=d',
		'-',
		'#',
		'@',
		'~',
		'%',
		'&',
		'?',
		'=',
		'+',
		'True',
		'e3',
		'_',
		'.',
	],
);

test('whatever the text, what is plain is what it is to YAML', () => {
	const lines = fc.array(
		fc.record({
			indent: fc.constantFrom('', '', '  ', '    '),
			key: fc.constantFrom('a', 'b', 'c', 'd_e', 'constructor', 'true'),
			value: fc.oneof(
				fc.constant(''),
				fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => ` ${all.join('')}`),
			),
		}),
		{ maxLength: 8 },
	);
	const value = fc.oneof(
		{
			weight: 5,
			arbitrary: fc.constantFrom('0', '42', 'word', 'a.b-c/d', '10.0.0.1', 'http://a:1/b?c=d', 'x_1'),
		},
		{ weight: 1, arbitrary: fc.array(parts, { minLength: 1, maxLength: 3 }).map((all) => all.join('')) },
	);
	const section = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { minKeys: 1 });
	const sound = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'constructor'), fc.oneof(value, section));
	const linesOf = (all: Readonly<Record<string, string>>, indent: string) =>
		Object.entries(all).map(([key, one]) => `${indent}${key}: ${one}\n`);
	const texts = fc.oneof(
		fc.array(parts, { maxLength: 20 }).map((all) => all.join('')),
		lines.map((all) => all.map(({ indent, key, value }) => `${indent}${key}:${value}\n`).join('')),
		sound.map((all) =>
			Object.entries(all)
				.flatMap(([key, one]) =>
					typeof one === 'string' ? linesOf({ [key]: one }, '') : [`${key}:\n`, ...linesOf(one, '  ')],
				)
				.join(''),
		),
	);
	let plain = 0;
	fc.assert(
		fc.property(texts, (text) => {
			const mapping = plainMapping(text);
			if (mapping === null) return;
			plain++;
			// Also their order, and what is a number.
			expect(JSON.stringify(mapping)).toBe(JSON.stringify(load(text, { schema: CORE_SCHEMA })));
		}),
		{ numRuns: 20_000 },
	);
	expect(plain).toBeGreaterThan(1000);
});
