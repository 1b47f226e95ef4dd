import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { describeFinding, describeFindingIn, describeFindings } from '../../src/model/findings.ts';
import { nearest } from '../../src/model/nearest.ts';
import { escapeJson, excerpt, printable } from '../../src/model/printable.ts';
import { readOrder } from '../../src/reading/order.ts';

test.each([
	[{ message: 'there is nothing in it' }, 'there is nothing in it', 'app/a: there is nothing in it'],
	[{ line: 3, message: 'a tab' }, 'line 3: a tab', 'app/a:3: a tab'],
	[{ key: 'fping.host', message: 'is missing' }, 'fping.host: is missing', 'app/a: fping.host: is missing'],
])('one finding is one line', (finding, alone, inFile) => {
	expect(describeFinding(finding)).toBe(alone);
	expect(describeFindingIn('app/a', finding)).toBe(inFile);
});

test('the name of a file cannot break the line', () => {
	expect(describeFindingIn('a\nb', { message: 'is empty' })).toBe('a\\x0ab: is empty');
});

test('many findings are one line too, and too many are counted', () => {
	const findings = Array.from({ length: 12 }, (_, i) => ({ key: `tags.${i}`, message: 'is wrong' }));
	expect(describeFindings(findings.slice(0, 2))).toBe('tags.0: is wrong | tags.1: is wrong');
	expect(describeFindings(findings)).toMatch(/tags\.9: is wrong \| and 2 more$/);
	expect(describeFindings(findings)).not.toContain('tags.10');
});

const options = ['host', 'interface', 'source_ip', 'interval', 'ipv6'];

test.each([
	['hots', 'host'],
	['hst', 'host'],
	['hostt', 'host'],
	['Host', 'host'],
	['hostname', 'host'],
	['intervall', 'interval'],
	['inteface', 'interface'],
	['sourceIP', 'source_ip'],
	['source-ip', 'source_ip'],
	['source', 'source_ip'],
	['ipv4', 'ipv6'],
	['proto', null],
	['h', null],
	['', null],
])('%s is nearest to %s', (word, candidate) => {
	expect(nearest(word, options)).toBe(candidate);
});

test('a word that is there is nearest to itself', () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }), (words) => {
			for (const word of words) expect(nearest(word, words)).toBe(word);
		}),
	);
});

test('one slip of the keyboard is always recognised', () => {
	const slip = fc.record({
		word: fc.constantFrom(...options),
		at: fc.nat(8),
		kind: fc.nat(3),
		key: fc.constantFrom(...'xyz'),
	});
	fc.assert(
		fc.property(slip, ({ word, at, kind, key }) => {
			const i = at % (word.length - 1);
			const slips = [
				word.slice(0, i) + key + word.slice(i),
				word.slice(0, i) + word.slice(i + 1),
				word.slice(0, i) + key + word.slice(i + 1),
				word.slice(0, i) + word.charAt(i + 1) + word.charAt(i) + word.slice(i + 2),
			];
			expect(nearest(slips[kind] ?? '', options)).toBe(word);
		}),
	);
});

test.each([
	['a\nb', 'a\\x0ab'],
	['\x1b[31mred', '\\x1b[31mred'],
	['\x00\x7f\x9b', '\\x00\\x7f\\x9b'],
	['a\u2028b\u202eb', 'a\\u2028b\\u202eb'],
	['\ud800', '\\ud800'],
	['Jürgen 🙂 \\x0a', 'Jürgen 🙂 \\x0a'],
])('what cannot be printed is written out: %j', (text, shown) => {
	expect(printable(text)).toBe(shown);
});

test('an excerpt is short', () => {
	expect(excerpt('x'.repeat(60))).toBe('x'.repeat(60));
	expect(excerpt('x'.repeat(61))).toBe(`${'x'.repeat(60)}...`);
});

test('escaped JSON has nothing unprintable and parses to the same', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			const json = escapeJson(JSON.stringify({ text }));
			expect(printable(json)).toBe(json);
			expect(JSON.parse(json)).toEqual({ text });
		}),
	);
	expect(escapeJson(JSON.stringify('\x9b2J\u2028'))).toBe('"\\u009b2J\\u2028"');
});

test.each([
	['httping: http://joe:topsecret@example.net/', 'httping'],
	['httping: {url: "ftp://joe:topsecret@example.net/"}', 'httping'],
	['httping: {"http://joe:topsecret@example.net/": 1}', 'httping'],
	['probe: http://joe:topsecret@example.net/', 'http://joe:topsecret@example.net/'],
])('a password is not told, wherever it stands: %s', (line, probe) => {
	const text = `user: me\nstep: 60\npings: 5\n${line.startsWith('probe') ? '' : `probe: ${probe}\n`}${line}\n`;
	const read = readOrder('x', text, builtInProbes);
	if (!('findings' in read)) throw new Error('this is an order');
	expect(describeFindings(read.findings)).not.toContain('topsecret');
});
