import { describe, expect, test } from 'vitest';
import { argvOf } from '../../../probes/httping/argv.ts';
import { httping } from '../../../probes/httping/index.ts';
import { paceOf } from '../../../probes/httping/pace.ts';
import { builtInProbes } from '../../../probes/index.ts';
import { masked, secretsOf } from '../../../probes/shared/url.ts';
import { batchKey } from '../../../src/model/batch.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';

const timing = { stepSeconds: 60, pings: 5 };
const url = 'http://www.example.net/';

/** What comes of a section of an order: its options, or all that is wrong with it. */
function read(section: Record<string, unknown>): unknown {
	const result = readStrict(httping.options, section, 'httping');
	if ('findings' in result) return result.findings.map(({ key, message }) => `${key}: ${message}`);
	const findings = httping.check?.(result.value, timing) ?? [];
	return findings.length === 0
		? result.value
		: findings.map(({ key, message }) => `httping.${key}: ${message}`);
}

test('the probe is built in', () => {
	expect(builtInProbes.get('httping')).toBe(httping);
});

describe('a URL is brought into one form', () => {
	test.each([
		['http://www.example.net/', 'http://www.example.net/'],
		[' HTTP://WWW.Example.NET:80 ', 'http://www.example.net/'],
		['https://www.example.net:443/a/../b#part', 'https://www.example.net/b'],
		['https://www.example.net:8443?a=b:c@d', 'https://www.example.net:8443/?a=b:c@d'],
		['http://bücher.example/ü', 'http://xn--bcher-kva.example/%C3%BC'],
		['http://192.0.2.7/%20 x', 'http://192.0.2.7/%20%20x'],
		['http://0xC0000207/', 'http://192.0.2.7/'],
		['http://user:p%40ss@www.example.net/', 'http://user:p%40ss@www.example.net/'],
	])('%s', (written, form) => {
		expect(read({ url: written })).toEqual({ url: form });
	});
});

const example = 'Write one such as https://www.example.net/health';

describe('a URL is refused', () => {
	test.each([
		['', `is empty. ${example}`],
		['www.example.net', `must begin with http:// or https://, not "www.example.net". ${example}`],
		['-K', `must begin with http:// or https://, not "-K". ${example}`],
		[
			'ftp://www.example.net/',
			`must begin with http:// or https://, not "ftp://www.example.net/". ${example}`,
		],
		['http://', `cannot be read: "http://". ${example}`],
		['http://a b/', `cannot be read: "http://a b/". ${example}`],
		['http://www.example.net:99999/', `cannot be read: "http://www.example.net:99999/". ${example}`],
		['http://www.example.net:0/', 'must not name port 0: "http://www.example.net:0/"'],
		['http://a\nb/', `must not contain \\x0a: "http://a\\x0ab/". ${example}`],
		[
			'http://[2001:DB8::7]:80/',
			'has an IPv6 address: [2001:db8::7]. httping 2.5 cannot do IPv6. Write a name that has an IPv4 address, or an IPv4 address',
		],
		[
			'http://a,b/',
			'has a host that is not a host name or an address: "a,b". Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7',
		],
		[`http://www.example.net/${'a'.repeat(2000)}`, 'is longer than 2000 characters'],
		[
			'http://u%0Aser:x@www.example.net/',
			'has a user or a password with control characters. httping cannot send them',
		],
		[
			`http://u:${'p'.repeat(240)}@www.example.net/`,
			'has a user and a password of more than 240 bytes. httping 2.5 cannot send them',
		],
		['http://u:100%@www.example.net/', 'has a user or a password that cannot be decoded. Write % as %25'],
	])('%s', (written, fault) => {
		expect(read({ url: written })).toEqual([`httping.url: ${fault}`]);
	});
});

describe('a proxy', () => {
	test.each([
		['proxy.example.net:3128', 'http://proxy.example.net:3128/'],
		['HTTP://Proxy.Example.net:80/', 'http://proxy.example.net/'],
		['us:p:w@192.0.2.1:8080', 'http://us:p%3Aw@192.0.2.1:8080/'],
		['http://us@proxy.example.net:8080', 'http://us@proxy.example.net:8080/'],
	])('%s is read', (proxy, form) => {
		expect(read({ url, proxy })).toEqual({ url, proxy: form });
	});

	const remedy = 'Write host:port, such as proxy.example.net:3128, or user:password@host:port';
	test.each([
		['', `is empty. ${remedy}`],
		['socks5://us:pw@proxy:1080', `must be an HTTP proxy, not "socks5://***@proxy:1080". ${remedy}`],
		['proxy.example.net', `must be a host and a port, and no more: "proxy.example.net". ${remedy}`],
		['proxy:3128/path', `must be a host and a port, and no more: "proxy:3128/path". ${remedy}`],
		['us:pw@proxy:3128/path', `must be a host and a port, and no more: "***@proxy:3128/path". ${remedy}`],
		['proxy\r\nX: y:80', `must not contain \\x0d: "http://proxy\\x0d\\x0aX: y:80". ${remedy}`],
		[
			'[::1]:3128',
			'has an IPv6 address: [::1]. httping 2.5 cannot do IPv6. Write a name that has an IPv4 address, or an IPv4 address',
		],
	])('%s is refused', (proxy, fault) => {
		expect(read({ url, proxy })).toEqual([`httping.proxy: ${fault}`]);
	});
});

describe('status codes that count as lost', () => {
	test.each([
		['403,407,503', [403, 407, 503]],
		[' 503 , 403,503,', [403, 503]],
		[404, [404]],
		['404', [404]],
		[
			[500, '404'],
			[404, 500],
		],
	])('%j', (codes, form) => {
		expect(read({ url, http_codes_as_failure: codes })).toEqual({ url, http_codes_as_failure: form });
	});

	test.each(['', []])('%j is as if it were not there', (codes) => {
		expect(read({ url, http_codes_as_failure: codes })).toEqual({ url });
	});

	test.each([
		['4xx', '"4xx"'],
		['403;407', '"403;407"'],
		[40, '40'],
		[999, '999'],
		[40.4, '40.4'],
		[true, 'true'],
		[[[403]], 'a list'],
		[{ a: 1 }, 'a mapping'],
	])('%j is refused', (codes, shown) => {
		const fault = `is not an HTTP status: ${shown}. Write codes from 100 to 599, such as 403,407,503`;
		expect(read({ url, http_codes_as_failure: codes })).toEqual([`httping.http_codes_as_failure: ${fault}`]);
	});
});

describe('other options', () => {
	test('as text, too', () => {
		expect(read({ url, user_agent: ' me/1 ', interval: '2.5' })).toEqual({
			url,
			user_agent: 'me/1',
			interval: 2.5,
		});
	});

	test.each([
		[{ interval: 0 }, 'httping.interval: must be at least 0.1, not 0'],
		[{ interval: 'x' }, 'httping.interval: must be a number, not "x"'],
		[
			{ interval: 12.5 },
			'httping.interval: 5 pings every 12.5 s do not fit into a step of 60 s. Write at most 12',
		],
		[{ user_agent: 'a\r\nX: y' }, 'httping.user_agent: must not contain \\x0d. Write it in one line'],
		[{ user_agent: '' }, 'httping.user_agent: is empty. Write a name, or leave user_agent out'],
		[{ user_agent: 'a'.repeat(501) }, 'httping.user_agent: is longer than 500 characters'],
		[{ user_agnt: 'a' }, 'httping.user_agnt: unknown option. Did you mean user_agent?'],
	])('%j is refused', (section, fault) => {
		expect(read({ url, ...section })).toEqual([fault]);
	});

	test('what differs only in form shares a batch', () => {
		const keyOf = (section: Record<string, unknown>) => {
			const options = read(section) as Record<string, unknown>;
			return batchKey('httping', timing, options, httping.target);
		};
		const one = { url, proxy: 'proxy:3128', http_codes_as_failure: '503,403' };
		const same = { url: 'http://other/', proxy: 'http://PROXY:3128/', http_codes_as_failure: [403, 503] };
		expect(keyOf(one)).toBe(keyOf(same));
		expect(keyOf(one)).not.toBe(keyOf({ ...one, proxy: 'proxy:3129' }));
	});
});

describe('users and passwords', () => {
	test.each([
		['http://www.example.net/?a=b@c', 'http://www.example.net/?a=b@c'],
		['https://me:secret@www.example.net/a', 'https://***@www.example.net/a'],
		['https://token@www.example.net/a', 'https://***@www.example.net/a'],
		['http:me:secret@www.example.net', 'http://***@www.example.net/'],
		['me:secret@proxy:80', '***@proxy:80'],
		['http://me:sec/ret@www.example.net:x/', 'http://***@www.example.net:x/'],
		['ftp://me:se@cret@www.example.net/', 'ftp://***@www.example.net/'],
		['nothing of the kind', 'nothing of the kind'],
	])('%s is shown as %s', (written, shown) => {
		expect(httping.shown?.(written)).toBe(shown);
	});

	test.each(['http://me:secret@www.exa mple.net/', 'me:secret@www.example.net', 'http://me:sec%ret@host/'])(
		'%s is refused without showing them',
		(written) => {
			for (const section of [{ url: written }, { url, proxy: written }]) {
				const findings = JSON.stringify(read(section));
				expect(findings).toContain('httping.');
				expect(findings).not.toContain('sec');
			}
		},
	);

	test('are masked in every form they may turn up in', () => {
		const secrets = secretsOf(['http://me:s%3Aecret@a/', undefined, 'http://token@b/', 'http://c/']);
		const basic = Buffer.from('me:s:ecret').toString('base64');
		const text = `http://me:s%3Aecret@a/ me:s:ecret ${basic} -P s:ecret token`;
		expect(masked(text, secrets)).toBe('http://***@a/ me:*** *** -P *** ***');
	});
});

describe('the command line', () => {
	const command = { url, userAgent: 'me', count: 5, intervalMs: 9600, timeoutMs: 9120, options: {} };

	test('is that of the contract, at exact intervals', () => {
		expect(argvOf(command).join(' ')).toBe(
			'http://www.example.net/ --user-agent me --count 5 --ai --interval 9.6 --timeout 9.12',
		);
	});

	test('has codes, user, password and proxy where there are any', () => {
		const argv = argvOf({
			...command,
			url: 'https://me:p%20w@www.example.net/',
			options: { proxy: 'http://us:-pw@proxy/', http_codes_as_failure: [503] },
		});
		expect(argv[0]).toBe('https://www.example.net/');
		expect(argv.slice(10)).toEqual(
			['--show-statuscodes', '-U', 'me', '-P', 'p w', '-x', 'proxy:80'].concat([
				'--proxy-user',
				'us',
				'--proxy-password',
				'-pw',
			]),
		);
	});

	test('makes a process with one ping end at once', () => {
		expect(argvOf({ ...command, count: 1 })).toContain('0.01');
	});
});

describe('the pace', () => {
	test.each([
		['a usual order', { windowMs: 60_000, pings: 5, tls: false }, { intervalMs: 9600, timeoutMs: 9120 }],
		['with TLS', { windowMs: 60_000, pings: 5, tls: true }, { intervalMs: 9600, timeoutMs: 8800 }],
		['a long step', { windowMs: 300_000, pings: 10, tls: false }, { intervalMs: 24_000, timeoutMs: 15_000 }],
		['a short step', { windowMs: 1000, pings: 1, tls: true }, { intervalMs: 800, timeoutMs: 400 }],
		[
			'an interval of the order',
			{ windowMs: 60_000, pings: 5, intervalMs: 1000, tls: false },
			{ intervalMs: 1000, timeoutMs: 8550 },
		],
		[
			'an interval that does not fit',
			{ windowMs: 60_000, pings: 5, intervalMs: 12_000, tls: false },
			{ intervalMs: 9600, timeoutMs: 9120 },
		],
		[
			'a step of a week',
			{ windowMs: 604_800_000, pings: 5, tls: false },
			{ intervalMs: 4_000_000, timeoutMs: 15_000 },
		],
	])('%s', (_what, run, pace) => {
		const { intervalMs, timeoutMs } = paceOf(run);
		expect({ intervalMs, timeoutMs }).toEqual(pace);
	});

	test('leaves time for every ping to time out within 80 % of the window', () => {
		for (const tls of [false, true]) {
			for (const pings of [1, 2, 7, 60]) {
				for (const intervalMs of [undefined, 100, 333, 5000]) {
					const pace = paceOf({ windowMs: 60_000, pings, intervalMs, tls });
					const ownMs = Math.ceil(pace.timeoutMs / pace.intervalMs) * pace.intervalMs;
					expect(pace.timeoutMs).toBeGreaterThan(0);
					expect(ownMs * pings).toBeLessThanOrEqual(48_000.001);
				}
			}
		}
	});

	test('a job needs time for slow answers, but never more than the step', () => {
		expect(httping.needMs(10, { stepSeconds: 60, pings: 5 })).toBe(12_500);
		expect(httping.needMs(10, { stepSeconds: 1, pings: 1 })).toBe(1000);
	});
});
