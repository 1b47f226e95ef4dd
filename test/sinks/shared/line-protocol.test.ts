/** A measurement as lines: byte for byte, because Telegraf pipelines depend on it. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fifteenDigits, sixDecimals } from '../../../src/sinks/shared/line-numbers.ts';
import { type LineContent, linesOf } from '../../../src/sinks/shared/line-protocol.ts';
import { delivered } from './delivered.ts';

const content: LineContent = { summary: true, individual: 'spread', tags: {} };

describe('what pingmachine 1.6 sent', () => {
	test('summary and individual pings', () => {
		const lines = linesOf(delivered({ rtts: [0.000015, 0.000032, 0.000015, null, null] }), content);
		expect(lines).toEqual([
			'tunnel,tunnel_id=2 loss=40.000000,max_rtt=0.000032,median_rtt=0.000015,min_rtt=0.000015 1795239970000000000',
			'tunnel,tunnel_id=2 individual_rtt=1.5e-05 1795239970000000000',
			'tunnel,tunnel_id=2 individual_rtt=3.2e-05 1795239972000000000',
			'tunnel,tunnel_id=2 individual_rtt=1.5e-05 1795239974000000000',
		]);
	});

	test('all lost: fields without a value are left out', () => {
		const lines = linesOf(delivered({ tags: { tunnel_id: '1' }, rtts: [null, null] }), content);
		expect(lines).toEqual(['tunnel,tunnel_id=1 loss=100.000000 1795239970000000000']);
	});

	test('names that need escapes', () => {
		const made = delivered({ name: 'tun nel,x', tags: { 'a b': 'c=d, e' }, rtts: [null] });
		expect(linesOf(made, content)).toEqual([
			'tun\\ nel\\,x,a\\ b=c\\=d\\,\\ e loss=100.000000 1795239970000000000',
		]);
	});
});

describe('a backslash', () => {
	const seriesOf = (name: string, tags: Record<string, string>) =>
		linesOf(delivered({ name, tags, rtts: [null] }), content)[0]?.replace(/ loss=.*/, '');

	test.each([
		['C:\\temp', 'C:\\temp'],
		['a\\ b', 'a\\x5c\\ b'],
		['a\\,b', 'a\\x5c\\,b'],
		['a\\=b', 'a\\x5c\\=b'],
		['a\\"b', 'a\\x5c"b'],
		['a\\\\b', 'a\\x5c\\b'],
		['a\\', 'a\\x5c'],
		['a\\\n', 'a\\x5c\\x0a'],
	])('of the tag %j that a reader would take for an escape is written out', (written, sent) => {
		expect(seriesOf('m', { [written]: written })).toBe(`m,${sent}=${sent}`);
	});

	test('keeps measurement names apart that differ in it alone', () => {
		expect(seriesOf('a=b', {})).toBe('a=b');
		expect(seriesOf('a\\=b', {})).toBe('a\\x5c=b');
	});
});

describe('what is sent', () => {
	const made = delivered({
		rtts: [0.25, null, 0.5],
		stepSeconds: 10,
		sentAt: (index) => 1795239970.5 + index,
	});

	test('the summary alone', () => {
		expect(linesOf(made, { ...content, individual: 'none' })).toEqual([
			'tunnel,tunnel_id=2 loss=33.333333,max_rtt=0.500000,median_rtt=0.500000,min_rtt=0.250000 1795239970000000000',
		]);
	});

	test('the pings alone, at equal distances whatever was lost: a third of 10 s in whole nanoseconds', () => {
		expect(linesOf(made, { ...content, summary: false })).toEqual([
			'tunnel,tunnel_id=2 individual_rtt=0.25 1795239970000000000',
			'tunnel,tunnel_id=2 individual_rtt=0.5 1795239976666666666',
		]);
	});

	test('the pings with the times at which they were sent', () => {
		expect(linesOf(made, { ...content, summary: false, individual: 'sent' })).toEqual([
			'tunnel,tunnel_id=2 individual_rtt=0.25 1795239970500000000',
			'tunnel,tunnel_id=2 individual_rtt=0.5 1795239972500000000',
		]);
	});

	test('pings sent at the same moment keep a nanosecond apart, since a database keeps one of two', () => {
		const same = delivered({ rtts: [1, 2, 3], sentAt: () => 1795239970.75 });
		const times = linesOf(same, { summary: false, individual: 'sent', tags: {} }).map(
			(line) => line.split(' ').at(-1) ?? '',
		);
		expect(new Set(times).size).toBe(3);
		expect(times.map((time) => BigInt(time) - BigInt(times[0] ?? ''))).toEqual([0n, 1n, 2n]);
	});

	test('in a run that was cut short, loss is that of the pings that were sent', () => {
		const short = delivered({ rtts: [null, null, 0.5, null], pings: 20 });
		expect(linesOf(short, content)[0]).toContain(' loss=75.000000,');
		expect(linesOf(short, content)[1]).toMatch(/ 1795239971000000000$/);
	});

	test('tags of the config are added, and those of the order win', () => {
		const lines = linesOf(delivered({ rtts: [null] }), {
			...content,
			tags: { tunnel_id: '9', 'a site': 'zrh 1' },
		});
		expect(lines).toEqual(['tunnel,a\\ site=zrh\\ 1,tunnel_id=2 loss=100.000000 1795239970000000000']);
	});

	test('a tag called time, which InfluxDB refuses, gets a name of its own', () => {
		const tagsIn = (own: Record<string, string>, added: Record<string, string> = {}) =>
			linesOf(delivered({ rtts: [null], tags: own }), { ...content, tags: added })[0]?.split(' ')[0];
		expect(tagsIn({ time: 'noon', site: 'zrh' })).toBe('tunnel,site=zrh,time_=noon');
		expect(tagsIn({ time: 'noon', time_: 'one' }, { time__: 'two' })).toBe(
			'tunnel,time_=one,time__=two,time___=noon',
		);
		expect(tagsIn({ time: 'own' }, { time: 'added' })).toBe('tunnel,time_=own');
		expect(tagsIn({ time: '', timer: 'x' })).toBe('tunnel,timer=x');
	});

	test('nothing of an order without a measurement name; empty tags are left out', () => {
		expect(linesOf(delivered({ name: '' }), content)).toEqual([]);
		const lines = linesOf(delivered({ rtts: [null], tags: { a: '', '': 'b', c: 'd' } }), content);
		expect(lines).toEqual(['tunnel,c=d loss=100.000000 1795239970000000000']);
	});

	test('in the first second of all time', () => {
		const early = delivered({ startSeconds: 0, rtts: [1], stepSeconds: 1 });
		expect(linesOf(early, { ...content, individual: 'none' })[0]).toMatch(/ 0$/);
	});
});

describe('numbers', () => {
	/** Perl wrote the lines of pingmachine 1.6. */
	function perl(program: string, values: readonly number[]): string[] {
		const input = values.map((value) => `${value}\n`).join('');
		return execFileSync('perl', ['-ne', program], { input, encoding: 'utf8' }).trimEnd().split('\n');
	}
	const rtts = fc.sample(fc.double({ min: 1e-12, max: 180, noNaN: true }), { numRuns: 5000, seed: 1 });
	const milliseconds = Array.from({ length: 3000 }, (_, i) => (i * 7) / 1000 / 1000);
	const ties = Array.from({ length: 640 }, (_, i) => i / 128);
	const losses = Array.from({ length: 1000 }, (_, pings) => (100 * 3) / (pings + 1));

	test('six decimals are those of printf, ties and all', () => {
		const values = [...rtts, ...milliseconds, ...ties, ...losses];
		expect(values.map(sixDecimals)).toEqual(perl('printf "%f\\n", $_', values));
	});

	test('RTTs of single pings are as Perl prints them', () => {
		const values = [...rtts, ...milliseconds, ...ties, 0, 1, 1e-4, 9.99e-5, 123456789];
		expect(values.map(fifteenDigits)).toEqual(perl('print $_ + 0, "\\n"', values));
	});

	test('0.029 ms is not 2.9000000000000003e-05', () => {
		expect(fifteenDigits(0.029 / 1000)).toBe('2.9e-05');
	});
});
