import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSaid } from '../../../probes/command/values.ts';
import { checkedFacts, declarationsFor, type FactDeclaration } from '../../../src/model/facts.ts';

const fixture = (name: string) =>
	readFileSync(new URL(`../../../fixtures/probes/command/${name}/stdout`, import.meta.url), 'utf8');

const declared: readonly FactDeclaration[] = [
	{ name: 'exit_code', kind: 'gauge', help: 'x', per: 'ping', undeclaredMax: 30 },
];

describe('what a program says', () => {
	test('the perfdata of a plug-in, recorded from pingmachine status --check', () => {
		expect(readSaid(fixture('plug-in-ok'), 30)).toEqual({
			rttSeconds: null,
			values: { orders: 1, down: 0, failing: 0, rejected: 0, expiring: 0, a_loss: 0, a_median: 0.0000139 },
			line: 'PINGMACHINE OK - a: no loss, median 0.014 ms',
		});
	});

	test.each([
		['load=0.5', { load: 0.5 }],
		['  queue.length = 17  ', { queue_length: 17 }],
		['state=on fire', { state: 'on fire' }],
		['up=true\nup2=false', { up: true, up2: false }],
		['a=1\na=2', { a: 2 }],
		[
			'took=12ms\nwent=3us\nsize=2KB\nmem=1MiB\nshare=81%',
			{ took: 0.012, went: 3e-6, size: 2000, mem: 1048576, share: 81 },
		],
		["OK | '5 min'=1;2;3 time=0.006s\nmore | x=-1.5e2", { n5_min: 1, program_time: 0.006, x: -150 }],
		['address=1\nexit_code=9\nMOS=3', { program_address: 1, program_exit_code: 9, program_mos: 3 }],
		["OK | 'open=1 b=2", {}],
		['OK | =1 b=2', { b: 2 }],
		['no values here\nA B=1\n=5\n===', {}],
		['empty=', {}],
		['odd=\u001b[31mred', { odd: '\\x1b[31mred' }],
		['huge=1e999', { huge: '1e999' }],
		[`long=${'x'.repeat(1000)}`, { long: 'x'.repeat(250) }],
	])('%j', (text, values) => {
		expect(readSaid(text, 30).values).toEqual(values);
	});

	test.each([
		['rtt=0.25', 0.25],
		['RTT=12.5ms', 0.0125],
		['OK | rtt=80us;1;2', 0.00008],
		['rtt=-1', null],
		['rtt=soon', null],
		['rtts=1', null],
	])('the round-trip time in %j', (text, seconds) => {
		expect(readSaid(text, 30).rttSeconds).toBe(seconds);
	});

	test('no more of it counts than may', () => {
		const many = Array.from({ length: 100 }, (_, i) => `value${i}=${i}`).join('\n');
		expect(Object.keys(readSaid(many, 30).values)).toHaveLength(30);
	});

	test('any text is facts as they have to be', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string(), (a, b) => {
				const { values, line } = readSaid(`${a}\n${b}=${a}\nx | '${b}'=${a}`, 30);
				expect(checkedFacts(declarationsFor(declared, values), values, 1)).toEqual(values);
				expect(line.length).toBeLessThanOrEqual(2000);
			}),
			{ numRuns: 50 },
		);
	});
});
