import { describe, expect, test } from 'vitest';
import { fping } from '../../../probes/fping/index.ts';
import { builtInProbes } from '../../../probes/index.ts';
import { batchKey } from '../../../src/model/batch.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';

const timing = { stepSeconds: 60, pings: 5 };

/** What comes of a section of an order: its options, or all that is wrong with it. */
function read(section: Record<string, unknown>): unknown {
	const result = readStrict(fping.options, section, 'fping');
	if ('findings' in result) return result.findings.map(({ key, message }) => `${key}: ${message}`);
	const findings = fping.check?.(result.value, timing) ?? [];
	return findings.length === 0
		? result.value
		: findings.map(({ key, message }) => `fping.${key}: ${message}`);
}

test('the probe is built in', () => {
	expect(builtInProbes.get('fping')).toBe(fping);
});

describe('a host is brought into one form', () => {
	test.each([
		['127.0.0.1', '127.0.0.1'],
		[' Router.Example.NET ', 'router.example.net'],
		['host_with_underscores', 'host_with_underscores'],
		['absolute.example.', 'absolute.example.'],
		['1.example', '1.example'],
		['10.9.2.example.net', '10.9.2.example.net'],
		['0xbeef.example', '0xbeef.example'],
		['2001:DB8:0:0::0001', '2001:db8::1'],
		['FE80::1%Eth0', 'fe80::1%Eth0'],
		['::', '::'],
		[`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example`, undefined],
	])('%s', (host, form = host) => {
		expect(read({ host })).toEqual({ host: form });
	});
});

const example = 'Write a name such as router.example.net, or an address such as 192.0.2.7 or 2001:db8::7';

function inOtherForm(host: string, meant: string): string {
	return `is not an IPv4 address: "${host}". Write four numbers from 0 to 255, without leading zeros: ${meant} if that is what it means`;
}

describe('a host is refused', () => {
	test.each([
		['', `is empty. ${example}`],
		['  ', `is empty. ${example}`],
		['-f', `is not a host name or an address: "-f". ${example}`],
		['a b', `is not a host name or an address: "a b". ${example}`],
		['a\nb', `is not a host name or an address: "a\\x0ab". ${example}`],
		['a\0', `is not a host name or an address: "a\\x00". ${example}`],
		['#comment', `is not a host name or an address: "#comment". ${example}`],
		['http://example.net/', `is not a host name or an address: "http://example.net/". ${example}`],
		['192.0.2.0/24', `is not a host name or an address: "192.0.2.0/24". ${example}`],
		['[::1]', `is not a host name or an address: "[::1]". ${example}`],
		['a..b', `is not a host name or an address: "a..b". ${example}`],
		['1:2:3', `is not a host name or an address: "1:2:3". ${example}`],
		['$(reboot)', `is not a host name or an address: "$(reboot)". ${example}`],
		[
			'bücher.example',
			'is not a host name or an address: "bücher.example". Write it as xn--bcher-kva.example',
		],
		[
			'300.1.1.1',
			'is not an IPv4 address: "300.1.1.1". Write four numbers from 0 to 255, without leading zeros',
		],
		[
			'10.0.0.08',
			'is not an IPv4 address: "10.0.0.08". Write four numbers from 0 to 255, without leading zeros',
		],
		[
			'010.9.0.2',
			'is not an IPv4 address: "010.9.0.2". Write four numbers from 0 to 255, without leading zeros',
		],
		['10.9.2', inOtherForm('10.9.2', '10.9.0.2')],
		['1', inOtherForm('1', '0.0.0.1')],
		['127.1', inOtherForm('127.1', '127.0.0.1')],
		['2130706433', inOtherForm('2130706433', '127.0.0.1')],
		['0x7f000001', inOtherForm('0x7f000001', '127.0.0.1')],
		['0X7F.1', inOtherForm('0X7F.1', '127.0.0.1')],
		['10.9.0.2.', inOtherForm('10.9.0.2.', '10.9.0.2')],
		[
			'router.7',
			'is not an IPv4 address: "router.7". Write four numbers from 0 to 255, without leading zeros',
		],
		['::ffff:192.0.2.1', 'is an IPv4 address in the form of IPv6. Write 192.0.2.1'],
		['::FFFF:C000:0201', 'is an IPv4 address in the form of IPv6. Write 192.0.2.1'],
		['fe80::1%', 'is not an address: "fe80::1%". After % write the name of an interface, such as eth0'],
		['fe80::1%a/b', 'is not an address: "fe80::1%a/b". After % write the name of an interface, such as eth0'],
		['fe80::1%br_lan', 'cannot be read: "fe80::1%br_lan". Write host: fe80::1 and interface: br_lan'],
		[undefined, 'is missing. Write host: below fping:, indented'],
		[10.1, 'must be text, not 10.1. Put it in quotes'],
		[['a'], 'must be text, not a list'],
	])('%j', (host, message) => {
		expect(read({ host })).toEqual([`fping.host: ${message}`]);
	});

	test('that no name server could know, because it is too long', () => {
		const long = `${'a'.repeat(60)}.`.repeat(5);
		expect(read({ host: `${long}example` })).toEqual([expect.stringContaining('is not a host name')]);
		expect(read({ host: `${'a'.repeat(64)}.example` })).toEqual([
			expect.stringContaining('is not a host name'),
		]);
	});
});

describe('other options', () => {
	test('all of them', () => {
		const section = { host: 'a', interface: 'eth0.7', source_ip: '192.0.2.7', interval: 250, ipv6: false };
		expect(read(section)).toEqual(section);
	});

	test('may have no value, as programs write them', () => {
		expect(read({ host: 'a', interface: null, source_ip: null, interval: null, ipv6: null })).toEqual({
			host: 'a',
		});
	});

	test.each([
		['1000', 1000],
		[' 50.5 ', 51],
		[10, 10],
	])('interval %j', (interval, value) => {
		expect(read({ host: 'a', interval })).toEqual({ host: 'a', interval: value });
	});

	test.each([
		[true, true],
		['yes', true],
		['TRUE', true],
		[1, true],
		['1', true],
		[0, false],
		['no', false],
		['false', false],
	])('ipv6 %j', (ipv6, value) => {
		expect(read({ host: 'a', ipv6 })).toEqual({ host: 'a', ipv6: value });
	});

	test.each([
		[{ interval: 9 }, 'interval: must be at least 10, not 9'],
		[{ interval: '5m' }, 'interval: must be a number, not "5m"'],
		[{ interval: '' }, 'interval: must be a number, not ""'],
		[{ interval: Number.POSITIVE_INFINITY }, 'interval: must be a number, not Infinity'],
		[{ interval: -1000 }, 'interval: must be at least 10, not -1000'],
		[
			{ interval: 12_001 },
			'interval: 5 pings every 12001 ms do not fit into a step of 60 s. Write at most 12000',
		],
		[{ ipv6: 'maybe' }, 'ipv6: must be true or false, not "maybe"'],
		[{ ipv6: [true] }, 'ipv6: must be true or false, not a list'],
		[{ ipv6: 2 }, 'ipv6: must be true or false, not 2'],
		[
			{ interface: '-x' },
			'interface: is not the name of a network interface: "-x". Write one that ip link shows, such as eth0',
		],
		[{ interface: '' }, expect.stringMatching('interface: is not the name of a network interface: "".')],
		[{ interface: 'eth0 -f /etc/passwd' }, expect.stringMatching('interface: is not the name')],
		[{ interface: 'a-name-too-long-' }, expect.stringMatching('interface: is not the name')],
		[{ interface: '..' }, expect.stringMatching('interface: is not the name')],
		[
			{ source_ip: 'eth0' },
			'source_ip: is not an IP address: "eth0". Write an address of this machine, such as 192.0.2.7 or 2001:db8::7',
		],
		[
			{ source_ip: 'fe80::1%eth0' },
			'source_ip: must not have a zone. Write source_ip: fe80::1 and interface: eth0',
		],
		[{ source_ip: '::ffff:192.0.2.1' }, 'source_ip: is an IPv4 address in the form of IPv6. Write 192.0.2.1'],
		[{ hosts: 'b' }, 'hosts: unknown option. Did you mean host?'],
	])('%j is refused', (wrong, message) => {
		const expected = typeof message === 'string' ? `fping.${message}` : message;
		expect(read({ host: 'a.example', ...wrong })).toEqual([expected]);
	});
});

describe('options that do not go together', () => {
	test.each([
		[
			{ host: '192.0.2.1', source_ip: '2001:db8::1' },
			'source_ip: is an IPv6 address, but the host is an IPv4 address. Write an IPv4 address',
		],
		[
			{ host: '2001:db8::1', source_ip: '192.0.2.1' },
			'source_ip: is an IPv4 address, but the host is an IPv6 address. Write an IPv6 address',
		],
		[
			{ host: 'a.example', source_ip: '2001:db8::1' },
			'source_ip: is an IPv6 address, but the host is looked up as IPv4. Add ipv6: true, or write an IPv4 address',
		],
		[
			{ host: 'a.example', ipv6: true, source_ip: '192.0.2.1' },
			'source_ip: is an IPv4 address, but the host is looked up as IPv6. Leave out ipv6: true, or write an IPv6 address',
		],
		[{ host: '::1', ipv6: false }, 'ipv6: is false, but the host is an IPv6 address. Leave it out'],
		[{ host: '127.0.0.1', ipv6: true }, 'ipv6: is true, but the host is an IPv4 address. Leave it out'],
		[
			{ host: 'fe80::1' },
			'host: is a link-local address. Say on which interface: write fe80::1%eth0, or add interface: eth0',
		],
	])('%j', (section, message) => {
		expect(read(section)).toEqual([`fping.${message}`]);
	});

	test.each([
		{ host: 'a.example', ipv6: true, source_ip: '2001:db8::1' },
		{ host: '::1', source_ip: '2001:db8::1' },
		{ host: '::1', ipv6: true },
		{ host: '127.0.0.1', ipv6: false },
		{ host: 'fe80::1', interface: 'eth0' },
		{ host: 'fe80::1%eth0' },
	])('%j do', (section) => {
		expect(read(section)).toEqual(section);
	});

	test('an interval means nothing to a single ping', () => {
		expect(fping.check?.({ host: 'a', interval: 5000 }, { stepSeconds: 1, pings: 1 })).toEqual([]);
	});
});

test('IPv4, IPv6 and names share a batch; other options make another', () => {
	const key = (section: Record<string, unknown>) => {
		const result = readStrict(fping.options, section, 'fping');
		if ('findings' in result) throw new Error('the section is wrong');
		return batchKey('fping', timing, result.value, fping.target);
	};
	const usual = key({ host: '127.0.0.1' });
	expect(key({ host: '::1' })).toBe(usual);
	expect(key({ host: 'localhost', interface: null })).toBe(usual);
	const others = [{ interval: 1000 }, { interface: 'lo' }, { source_ip: '127.0.0.1' }, { ipv6: true }];
	const keys = others.map((other) => key({ host: 'localhost', ...other }));
	expect(new Set([usual, ...keys]).size).toBe(5);
});

describe('settings', () => {
	test.each([
		{},
		{ command: 'fping' },
		{ command: '/opt/fping 5/bin/fping' },
		{ engine: 'icmp' },
		{ engine: 'icmp', burst: 10 },
	])('%j', (settings) => {
		expect(fping.settings.parse(settings)).toEqual(settings);
	});

	test.each(['', './fping', 'bin/fping', '-x'])('a command that is not one: %j', (command) => {
		const result = readStrict(fping.settings, { command }, 'probes.fping');
		expect(result).toEqual({
			findings: [
				{
					key: 'probes.fping.command',
					message: 'must be the name of a program or its path from the root, such as /usr/bin/fping',
				},
			],
		});
	});

	test('a burst without the engine that has one', () => {
		expect(readStrict(fping.settings, { burst: 10 }, 'probes.fping')).toMatchObject({
			findings: [
				{ key: 'probes.fping.burst', message: expect.stringMatching(/^goes with engine: icmp only/) },
			],
		});
	});

	test('an unknown one', () => {
		expect(readStrict(fping.settings, { comand: 'fping' }, 'probes.fping')).toEqual({
			findings: [{ key: 'probes.fping.comand', message: 'unknown option. Did you mean command?' }],
		});
	});
});
