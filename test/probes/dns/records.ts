import type { Answer } from 'dns-packet';

const name = 'all.example.net';
const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

/** A record of each type that has a form of its own, and one that has none. */
export const records: readonly Answer[] = [
	{ type: 'A', name, ttl: 300, data: '192.0.2.7' },
	{ type: 'AAAA', name, ttl: 300, data: '2001:db8:0:0:0:0:0:7' },
	{ type: 'NS', name, ttl: 300, data: 'ns1.example.net' },
	{ type: 'PTR', name, ttl: 300, data: 'www.example.net' },
	{ type: 'MX', name, ttl: 300, data: { preference: 10, exchange: 'mail.example.net' } },
	{ type: 'TXT', name, ttl: 300, data: ['v=spf1 -all', 'a "quote" \\ and \u0001', 'gr\u00fcn'] },
	{
		...{ type: 'SOA', name, ttl: 300 },
		data: {
			...{ mname: 'ns1.example.net', rname: 'root.example.net', serial: 2026113001 },
			...{ refresh: 3600, retry: 900, expire: 604800, minimum: 86400 },
		},
	},
	{ type: 'SRV', name, ttl: 300, data: { priority: 1, weight: 2, port: 5060, target: 'sip.example.net' } },
	{ type: 'CAA', name, ttl: 300, data: { flags: 128, tag: 'issue', value: 'ca.example.net; a=b' } },
	{ type: 'HINFO', name, ttl: 300, data: { cpu: 'RISC V', os: 'Linux' } },
	{ type: 'RP', name, ttl: 300, data: { mbox: 'me.example.net', txt: 'more.example.net' } },
	{
		type: 'DS',
		name,
		ttl: 300,
		data: { keyTag: 12345, algorithm: 13, digestType: 2, digest: Buffer.concat([bytes, bytes]) },
	},
	{
		type: 'DNSKEY',
		name,
		ttl: 300,
		data: { flags: 257, algorithm: 13, key: Buffer.concat([bytes, bytes, bytes, bytes]) },
	},
	{
		type: 'SSHFP',
		name,
		ttl: 300,
		data: { algorithm: 4, hash: 2, fingerprint: Buffer.concat([bytes, bytes]).toString('hex') },
	},
	{
		type: 'TLSA',
		name,
		ttl: 300,
		data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.concat([bytes, bytes]) },
	},
	{
		...{ type: 'NAPTR', name, ttl: 300 },
		data: {
			order: 1,
			preference: 2,
			flags: 'U',
			services: 'E2U+sip',
			regexp: '!^.*$!sip:a@b!',
			replacement: '.',
		},
	},
	{
		...{ type: 'RRSIG', name, ttl: 300 },
		data: {
			...{ typeCovered: 'A', algorithm: 13, labels: 3, originalTTL: 300, expiration: 1_800_000_000 },
			...{ inception: 1_790_000_000, keyTag: 4711, signersName: 'example.net' },
			signature: Buffer.concat([bytes, bytes, bytes, bytes]),
		},
	},
];
