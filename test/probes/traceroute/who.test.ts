/** Names and autonomous systems of routers: by a name server and a database of this test's own. */
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, decode, encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nameIn, originIn } from '../../../probes/traceroute/autonomous-systems.ts';
import { isPublic, reversed } from '../../../probes/traceroute/ip-text.ts';
import { tracerouteSettings } from '../../../probes/traceroute/settings.ts';
import { Who } from '../../../probes/traceroute/who.ts';
import { mmdb } from '../../support/mmdb.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-asn-'));
const database = join(folder, 'asn.mmdb');
const asked: string[] = [];
let server: Socket;
let resolver = '';

/** By name: what is there. */
const zone: Readonly<Record<string, Answer>> = {
	'9.2.0.192.in-addr.arpa': { type: 'PTR', name: '9.2.0.192.in-addr.arpa', data: 'r9.example.net' },
	'1.113.0.203.origin.asn.cymru.com': {
		...{ type: 'TXT', name: '1.113.0.203.origin.asn.cymru.com' },
		data: '64502 64503 | 203.0.113.0/24 | ZZ | example | 2020-01-01',
	},
	'as64502.asn.cymru.com': {
		...{ type: 'TXT', name: 'as64502.asn.cymru.com' },
		data: '64502 | ZZ | example | 2020-01-01 | EDGE-AS Edge\u001b[31m, ZZ',
	},
};

beforeAll(async () => {
	writeFileSync(
		database,
		mmdb({
			'192.0.2.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example Net' },
			'198.51.100.128/25': { autonomous_system_number: 64501 },
		}),
	);
	server = createSocket('udp4', (message, { address, port }) => {
		const { id, questions = [] } = decode(message);
		const name = questions[0]?.name.toLowerCase() ?? '';
		asked.push(name);
		const answer = zone[name];
		const answers = answer === undefined ? [] : [{ ...answer, name, ttl: 60 } as Answer];
		const code = answer === undefined ? 3 : 0;
		server.send(encode({ id, type: 'response', flags: code, questions, answers }), port, address);
	});
	await new Promise<void>((listening) => server.bind(0, '127.0.0.1', listening));
	resolver = `127.0.0.1:${server.address().port}`;
});

afterAll(() => {
	server.close();
	rmSync(folder, { recursive: true });
});

test('nothing is waited for: names and systems come with the next slot', async () => {
	const who = new Who({ resolver, asn_file: database, asn_dns: true }, () => 0);
	expect(who.of(['192.0.2.9'])).toEqual({
		names: [null],
		as: undefined,
		asName: undefined,
		origin: undefined,
	});
	await expect
		.poll(() => who.of(['192.0.2.9']))
		.toEqual({
			...{ names: ['r9.example.net'], as: 64500, asName: 'Example Net', origin: '192.0.2.0/24' },
		});
	await expect
		.poll(() => who.of(['198.51.100.200']))
		.toMatchObject({ as: 64501, origin: '198.51.100.128/25' });
	await expect
		.poll(() => who.of(['203.0.113.1']))
		.toMatchObject({
			...{ as: 64502, asName: 'EDGE-AS Edge\\x1b[31m, ZZ', origin: '203.0.113.0/24' },
		});
	const before = asked.length;
	for (let again = 0; again < 10; again++) who.of(['192.0.2.9', '203.0.113.1']);
	expect(asked.length).toBe(before);
});

test('nobody is asked whose private addresses are, and nothing where it is not wanted', async () => {
	const who = new Who({ resolver, asn_dns: true, names: false }, () => 0);
	asked.length = 0;
	for (const address of [
		'10.1.2.3',
		'192.168.1.1',
		'100.64.0.1',
		'127.0.0.1',
		'169.254.1.1',
		'fe80::1',
		'fd00::1',
	])
		who.of([address]);
	who.of(['203.0.113.1']);
	await expect.poll(() => who.of(['203.0.113.1']).as).toBe(64502);
	expect(asked.every((name) => name.includes('cymru'))).toBe(true);
	expect(asked[0]).toBe('1.113.0.203.origin.asn.cymru.com');
	expect(new Who({ names: false }, () => 0).of(['203.0.113.1']).as).toBeUndefined();
});

test.each([
	['', null],
	['NA | | | |', null],
	['99999999999 | 192.0.2.0/24', null],
	['64500 | <script> | CH', { as: 64500 }],
	['23028 | 216.90.108.0/24 | US | arin | 1998-09-25', { as: 23028, origin: '216.90.108.0/24' }],
	['64500 | 2001:db8::/32 | CH', { as: 64500, origin: '2001:db8::/32' }],
])('of a text of a name server: %s', (text, origin) => {
	expect(originIn(text)).toEqual(origin);
});

test('names of addresses and systems', () => {
	expect(reversed('192.0.2.1')).toBe('1.2.0.192');
	expect(reversed('2001:db8::1')).toMatch(/^1\.0\.0\.[0.]+8\.b\.d\.0\.1\.0\.0\.2$/);
	expect(nameIn('64500 | CH | x | 2020 | ')).toBeNull();
	expect(isPublic('2001:db8::1')).toBe(true);
});

test.each([
	{ resolver: 'ns.example.net' },
	{ resolver: '192.0.2.1:0' },
	{ resolver: '192.0.2.1:99999' },
	{ asn_file: 'asn.mmdb' },
	{ asn_dns: 'yes' },
	{ names: 1 },
])('a setting that is none: %j', (settings) => {
	expect(tracerouteSettings().safeParse(settings).success).toBe(false);
});
