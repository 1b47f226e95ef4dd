import { describe, expect, test } from 'vitest';
import { icmp } from '../../../probes/icmp/index.ts';
import { builtInProbes } from '../../../probes/index.ts';
import { batchKey } from '../../../src/model/batch.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';

const timing = { stepSeconds: 60, pings: 5 };

/** What comes of a section of an order: its options, or all that is wrong with it. */
function read(section: Record<string, unknown>): unknown {
	const result = readStrict(icmp.options, section, 'icmp');
	if ('findings' in result) return result.findings.map(({ key, message }) => `${key}: ${message}`);
	const findings = icmp.check?.(result.value, timing) ?? [];
	return findings.length === 0 ? result.value : findings.map(({ key, message }) => `icmp.${key}: ${message}`);
}

test('the probe is built in', () => {
	expect(builtInProbes.get('icmp')).toBe(icmp);
});

test('all options', () => {
	const section = {
		host: 'router.example.net',
		interface: 'eth0.7',
		source_ip: '2001:db8::7',
		family: 6,
		size: 1200,
		dscp: 46,
		ttl: 5,
		df: true,
		fwmark: 17,
		interval: 250,
		timeout: 900,
	};
	expect(read(section)).toEqual(section);
});

test('they may come as text, and without values', () => {
	const section = {
		host: 'a',
		family: '4',
		size: '100',
		ttl: '9',
		df: 'yes',
		fwmark: '1',
		interval: '50.5',
		timeout: null,
	};
	expect(read(section)).toEqual({
		host: 'a',
		family: 4,
		size: 100,
		ttl: 9,
		df: true,
		fwmark: 1,
		interval: 51,
	});
});

test.each([
	['ef', 46],
	['EF', 46],
	['cs1', 8],
	['cs0', 0],
	['af41', 34],
	['af13', 14],
	['10', 10],
])('dscp %s', (dscp, value) => {
	expect(read({ host: 'a', dscp })).toEqual({ host: 'a', dscp: value });
});

describe('refused:', () => {
	test.each([
		[{ dscp: 64 }, 'dscp: must be a number from 0 to 63, or a name such as ef, cs1 or af41'],
		[{ dscp: 'af14' }, expect.stringMatching(/dscp: must be a number/)],
		[{ dscp: 'csx' }, expect.stringMatching(/dscp: must be a number/)],
		[{ tos: 256 }, 'tos: must be at most 255, not 256'],
		[{ dscp: 1, tos: 4 }, 'tos: and dscp are both given, but dscp is a part of tos. Leave out one of them'],
		[{ size: 15 }, 'size: must be at least 16, not 15'],
		[{ size: 8973 }, 'size: must be at most 8972, not 8973'],
		[{ ttl: 0 }, 'ttl: must be at least 1, not 0'],
		[{ fwmark: -1 }, 'fwmark: must be at least 0, not -1'],
		[{ family: 5 }, expect.stringMatching(/family: must be 4, 6 or auto/)],
		[{ family: 6, ipv6: true }, 'family: and ipv6 are both given. Leave out one of them'],
		[
			{ interval: 12_001 },
			'interval: 5 pings every 12001 ms do not fit into a step of 60 s. Write at most 12000',
		],
		[{ timeout: 24_001 }, 'timeout: 24001 ms leave too little of a step of 60 s. Write at most 24000'],
		[{ timeout: 9 }, 'timeout: must be at least 10, not 9'],
		[{ host: '127.0.0.1', family: 6 }, 'family: is 6, but the host is an IPv4 address. Leave it out'],
		[{ host: '::1', ipv6: false }, 'ipv6: is false, but the host is an IPv6 address. Leave it out'],
		[
			{ source_ip: '2001:db8::1', family: 4 },
			'source_ip: is an IPv6 address, but the host is looked up as IPv4. Write family: 6, or write an IPv4 address',
		],
		[{ host: 'fe80::1' }, expect.stringMatching(/^icmp\.host: is a link-local address/)],
		[{ hots: 'a' }, 'hots: unknown option. Did you mean host?'],
	])('%j', (wrong, message) => {
		const expected = typeof message === 'string' ? `icmp.${message}` : message;
		expect(read({ host: 'a.example', ...wrong })).toEqual([expected]);
	});
});

test('with family auto the source address says which addresses are looked up', () => {
	expect(read({ host: 'a', family: 'auto', source_ip: '2001:db8::1' })).toMatchObject({ family: 'auto' });
});

test('IPv4, IPv6 and names share a batch; other options make another', () => {
	const key = (section: Record<string, unknown>) => {
		const result = readStrict(icmp.options, section, 'icmp');
		if ('findings' in result) throw new Error('the section is wrong');
		return batchKey('icmp', timing, result.value, icmp.target);
	};
	expect(key({ host: '::1' })).toBe(key({ host: 'localhost' }));
	const others = [{}, { size: 100 }, { ttl: 3 }, { dscp: 1 }, { df: true }, { fwmark: 1 }, { timeout: 100 }];
	expect(new Set(others.map((other) => key({ host: 'a', ...other }))).size).toBe(others.length);
});

test('settings', () => {
	expect(icmp.settings.parse({ burst: 50 })).toEqual({ burst: 50 });
	expect(readStrict(icmp.settings, { burst: 0 }, 'probes.icmp')).toEqual({
		findings: [{ key: 'probes.icmp.burst', message: 'must be at least 1, not 0' }],
	});
});
