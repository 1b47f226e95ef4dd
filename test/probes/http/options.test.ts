import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrongWithBody } from '../../../probes/http/expectations.ts';
import { http } from '../../../probes/http/index.ts';
import { atPath, readJsonPath } from '../../../probes/http/json-path.ts';

const url = 'http://192.0.2.1/';
const timing = { stepSeconds: 60, pings: 5 };

/** What is wrong with the options, each with its key in front. */
function faults(options: Record<string, unknown>): string[] {
	const read = http.options.safeParse({ url, ...options });
	if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
	return (http.check?.(read.data, timing) ?? []).map(({ key, message }) => `${key}: ${message}`);
}

test('what is left out', () => {
	expect(http.options.parse({ url: 'HTTP://WWW.Example.net:80/a/../b#c' })).toMatchObject({
		url: 'http://www.example.net/b',
		method: 'GET',
		status: ['200-399'],
		redirects: 10,
		family: 'auto',
		until: 'headers',
	});
});

test.each([
	[{ status: '200' }, { status: ['200'] }],
	[
		{ status: [301, '200-204', '404,410'] },
		{
			status: ['200-204', '301', '404', '410'],
		},
	],
	[{ redirects: 'no' }, { redirects: 0 }],
	[{ redirects: '5' }, { redirects: 5 }],
	[{ redirects: true }, { redirects: 10 }],
	[{ url: 'http://a/', family: '6' }, { family: 6 }],
	[{ http_version: 1.1 }, { http_version: '1.1' }],
	[{ http_version: 2 }, { http_version: '2' }],
	[{ timeout: '2s' }, { timeout: 2000 }],
	[{ match: 'ok' }, { match: ['ok'] }],
	[{ json: { path: 'a', value: null } }, { json: [{ path: 'a', value: null }] }],
	[{ method: 'head' }, { method: 'HEAD' }],
	[{ url: 'http://[2001:DB8::1]/' }, { url: 'http://[2001:db8::1]/' }],
	[{ proxy: 'proxy.example:3128' }, { proxy: 'http://proxy.example:3128/' }],
	[{ tls_verify: 'no' }, { tls_verify: false }],
])('%j', (options, expected) => {
	expect(faults(options)).toEqual([]);
	expect(http.options.parse({ url, ...options })).toMatchObject(expected);
});

test.each<[Record<string, unknown>, RegExp]>([
	[{ url: 'ftp://a/' }, /^url: must begin with http/],
	[{ url: 'http://a:0/' }, /^url: must not name port 0/],
	[{ url: 'http://a b/' }, /^url: cannot be read/],
	[{ url: `http://a/${'x'.repeat(2000)}` }, /^url: is longer/],
	[{ url: 'http://a/\u0007' }, /^url: must not contain/],
	[{ method: 'CONNECT' }, /^method: is not a method/],
	[{ method: 'GET / HTTP/1.1\r\nX: ' }, /^method: is not a method/],
	[{ headers: { 'X-A': 'a\r\nX-B: c' } }, /^headers: has a header that cannot be sent/],
	[{ headers: { 'X A': 'a' } }, /^headers: has a header that cannot be sent/],
	[{ headers: { Upgrade: 'h2c' } }, /^headers: must not set Upgrade/],
	[{ headers: { 'x-a': 1, 'X-A': 2 } }, /^headers: has X-A twice/],
	[{ headers: { a: 'x'.repeat(9000) } }, /^headers: is longer/],
	[{ status: 99 }, /^status: is not a status: 99/],
	[{ status: '399-200' }, /^status: has a range that ends before/],
	[{ status: [] }, /^status: has no status/],
	[{ status: { a: 1 } }, /^status: is not a status: a mapping/],
	[{ match: '(' }, /^match\.0: is not a regular expression/],
	[{ match: '' }, /^match\.0: is empty/],
	[{ not_match: 'x'.repeat(501) }, /^not_match\.0: is longer/],
	[{ match: Array(21).fill('a') }, /^match: has more than 20/],
	[{ json: { path: 'a..b' } }, /^json\.0\.path: is no path/],
	[{ json: { path: 'a', valeu: 1 } }, /^json\.0/],
	[{ redirects: 21 }, /^redirects: /],
	[{ redirects: 'many' }, /^redirects: must be true, false or how many/],
	[{ proxy: 'socks5://a:1' }, /^proxy: must be an HTTP proxy/],
	[{ proxy: 'a' }, /^proxy: must be a host and a port/],
	[{ username: 'a' }, /^username: needs password_file/],
	[{ password_file: '/a' }, /^password_file: needs username/],
	[{ token_file: '/a', username: 'a', password_file: '/b' }, /^token_file: cannot stand beside/],
	[{ token_file: 'a' }, /^token_file: is not a path from the root/],
	[{ tls_cert_file: '/a' }, /^tls_cert_file: needs tls_key_file/],
	[{ tls_verify: 'maybe' }, /^tls_verify: /],
	[{ http_version: 3 }, /^http_version: /],
	[{ family: 6 }, /^family: is 6, but the url has an IPv4 address/],
	[{ resolve: 'localhost' }, /^resolve: is not an IP address/],
	[{ resolve: '192.0.2.1', proxy: 'a:1' }, /^resolve: cannot stand beside proxy/],
	[{ source_ip: '2001:db8::1' }, /^source_ip: is an IPv6 address, but the connection is over IPv4/],
	[{ until: 'end' }, /^until: /],
	[{ interval: 20_000 }, /^interval: 5 pings every 20000 ms do not fit/],
	[{ timeout: 5 }, /^timeout: /],
	[{ urls: 'a' }, /urls/],
])('%j is refused', (options, message) => {
	expect(faults(options)).toEqual([expect.stringMatching(message)]);
});

test('a path finds what JSON has at it', () => {
	const names = fc.array(fc.oneof(fc.string(), fc.nat(20)), { maxLength: 8 });
	fc.assert(
		fc.property(names, fc.jsonValue(), (steps, value) => {
			const path = `$${steps.map((one) => `[${JSON.stringify(one)}]`).join('')}`;
			const whole = steps.reduceRight<unknown>((inner, one) => {
				if (typeof one === 'string') return Object.fromEntries([[one, inner]]);
				const list: unknown[] = Array(one).fill(null);
				list.push(inner);
				return list;
			}, value);
			const read = readJsonPath(path);
			if (path.length > 500) return;
			expect(read).toEqual(steps);
			expect(atPath(whole, read ?? [])).toEqual(value);
		}),
	);
	expect(readJsonPath('$.a.b[0]["c d"].e')).toEqual(['a', 'b', 0, 'c d', 'e']);
	for (const bad of ['', 'a.', 'a..b', '[a]', 'a[', 'a["b]', 'a b', '[0]a'])
		expect(readJsonPath(bad), bad).toBeNull();
	expect(atPath({}, ['constructor'])).toBeUndefined();
	expect(atPath('text', ['length'])).toBeUndefined();
});

test('any body is judged', () => {
	const expected = { status: [], match: ['^a+$'], json: [{ path: 'a', value: 1 }] };
	fc.assert(
		fc.property(fc.string(), (body) => {
			const verdict = wrongWithBody(body, expected, false);
			expect(verdict === null || 'lossReason' in verdict).toBe(true);
		}),
	);
});
