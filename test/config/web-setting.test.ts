import { describe, expect, test } from 'vitest';
import { publicParts, usualBuckets, webKeys, webSetting } from '../../src/config/web-setting.ts';
import { readStrict } from '../../src/reading/strict-section.ts';

function read(written: Record<string, unknown>) {
	const result = readStrict(webSetting, written, 'web');
	if ('value' in result) return result.value;
	throw new Error(result.findings.map(({ key, message }) => `${key}: ${message}`).join(' | '));
}

describe('web: in the config', () => {
	test('is for this machine alone by default, where all may be read', () => {
		expect(read({})).toEqual({
			listen: [{ host: '127.0.0.1', port: 9922 }],
			tls: null,
			tokensFile: null,
			public: publicParts,
			compat: [],
			labels: [],
			buckets: usualBuckets,
			seriesMax: 1_000_000,
			hosts: [],
			statusPage: null,
		});
	});

	test('listens on one address or several', () => {
		const { listen } = read({ listen: ['[::1]:80', 'unix:/run/web.sock', 'localhost:1'] });
		expect(listen).toEqual([
			{ host: '::1', port: 80 },
			{ path: '/run/web.sock' },
			{ host: '127.0.0.1', port: 1 },
		]);
	});

	test('elsewhere needs tokens, or says what is public', () => {
		expect(() => read({ listen: '[::]:9922' })).toThrow(/web\.tokens_file: .*tokens/);
		expect(() => read({ listen: ['127.0.0.1:9922', '0.0.0.0:9922'] })).toThrow(/tokens_file/);
		expect(read({ listen: '[::]:9922', tokens_file: '/etc/tokens' }).public).toEqual(['health']);
		expect(read({ listen: '[::]:9922', public: ['health', 'metrics'] })).toMatchObject({
			public: ['health', 'metrics'],
			tokensFile: null,
		});
	});

	test('with tokens on this machine only what is public needs none', () => {
		expect(read({ tokens_file: '/etc/tokens' }).public).toEqual(['health']);
	});

	test.each([
		[{ listen: 'example.net:80' }, /web\.listen: must be an address and a port/],
		[{ listen: '127.0.0.1:99999' }, /web\.listen/],
		[{ listen: '1.2.3:80' }, /web\.listen/],
		[{ listen: 9922 }, /web\.listen/],
		[{ tls_cert_file: '/a' }, /web\.tls_key_file: is missing/],
		[{ tls_key_file: '/a' }, /web\.tls_cert_file: is missing/],
		[{ tokens_file: 'tokens' }, /from the root/],
		[{ public: ['metric'] }, /web\.public/],
		[{ buckets: [1, 0.5] }, /grow/],
		[{ buckets: [0] }, /more than 0/],
		[{ tokenfile: '/a' }, /tokens_file\?/],
	])('%j is a finding', (written, message) => {
		expect(() => read(written)).toThrow(message);
	});

	test('every key is known by its name', () => {
		expect(webKeys).toContain('listen');
	});
});
