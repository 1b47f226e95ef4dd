import { expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readOrder } from '../../../src/reading/order.ts';

function orderOf(section: object) {
	const order = { user: 'me', step: 60, pings: 5, probe: 'dns', dns: section };
	return readOrder('x', JSON.stringify(order), builtInProbes);
}

test('all that an order can say, in one form', () => {
	const read = orderOf({
		...{
			name: 'WWW.Example.net.',
			server: 'NS1.example.net',
			port: '5353',
			type: 'https',
			class: 'in',
			transport: 'udp',
		},
		...{
			edns_size: '4096',
			do: true,
			cd: 'yes',
			rd: false,
			nsid: true,
			client_subnet: '192.0.2.77/20',
			ad: true,
		},
		...{ rcode: 'nxdomain', answer: '192.0.2.1', answer_has: ['a', 5], answer_match: '^a', ttl_min: '60' },
		...{ family: 6, source_ip: '2001:DB8::1', interval: '1s', timeout: '500ms' },
	});
	expect(read).toMatchObject({
		order: {
			target: 'www.example.net',
			options: {
				...{
					server: 'ns1.example.net',
					port: 5353,
					type: 'HTTPS',
					class: 'IN',
					transport: 'udp',
					edns_size: 4096,
				},
				...{
					do: true,
					cd: true,
					rd: false,
					nsid: true,
					client_subnet: '192.0.0.0/20',
					ad: true,
					rcode: ['NXDOMAIN'],
				},
				...{ answer: ['192.0.2.1'], answer_has: ['a', '5'], answer_match: '^a', ttl_min: 60, family: 6 },
				...{ source_ip: '2001:db8::1', interval: 1000, timeout: 500 },
			},
		},
	});
});

test.each([
	[{ client_subnet: '2001:db8:ffff:ffff::1/36' }, { client_subnet: '2001:db8:f000:0:0:0:0:0/36' }],
	[{ client_subnet: '0.0.0.0/0' }, { client_subnet: '0.0.0.0/0' }],
	[{ name: '.' }, {}],
	[{ name: '_sip._tcp.example.net', type: 'SRV' }, { type: 'SRV' }],
	[{ type: 65 }, { type: 'TYPE65' }],
	[
		{ type: 'SOA', serial_of: 'NS2.example.net:5353', serial_min: 7 },
		{ serial_of: 'ns2.example.net:5353', serial_min: 7 },
	],
	[{ type: 'SOA', serial_of: '2001:DB8::2' }, { serial_of: '2001:db8::2' }],
	[{ type: 'SOA', serial_of: '[2001:DB8::2]:53' }, { serial_of: '[2001:db8::2]:53' }],
	[{ transport: 'https', path: '/q', tls_verify: false, tls_server_name: 'dns.example.net' }, { path: '/q' }],
])('%j is right', (section, options) => {
	expect(orderOf({ name: 'a.example.net', ...section })).toMatchObject({ order: { options } });
});

test.each([
	[{ name: undefined }, 'dns.name'],
	[{ name: '' }, 'dns.name'],
	[{ name: 'a..b' }, 'dns.name'],
	[{ name: `${'x'.repeat(64)}.net` }, 'dns.name'],
	[{ name: 'x.'.repeat(130) }, 'dns.name'],
	[{ name: 'bücher.example' }, 'dns.name'],
	[{ name: 'a b' }, 'dns.name'],
	[{ name: 'a\\.b' }, 'dns.name'],
	[{ server: '-x' }, 'dns.server'],
	[{ port: 0 }, 'dns.port'],
	[{ port: '53x' }, 'dns.port'],
	[{ type: 'AXFR' }, 'dns.type'],
	[{ type: 'TYPE70000' }, 'dns.type'],
	[{ type: 252 }, 'dns.type'],
	[{ type: 'AAAAA' }, 'dns.type'],
	[{ class: 'XX' }, 'dns.class'],
	[{ transport: 'quic' }, 'dns.transport'],
	[{ edns_size: 100 }, 'dns.edns_size'],
	[{ edns_size: 0, do: true }, 'dns.do'],
	[{ edns_size: 0, client_subnet: '192.0.2.0/24' }, 'dns.client_subnet'],
	[{ client_subnet: '192.0.2.0/33' }, 'dns.client_subnet'],
	[{ client_subnet: '192.0.2.0' }, 'dns.client_subnet'],
	[{ client_subnet: 'fe80::1%eth0/64' }, 'dns.client_subnet'],
	[{ rcode: 'NOPE' }, 'dns.rcode[0]'],
	[{ answer: [''] }, 'dns.answer[0]'],
	[{ answer: [{}] }, 'dns.answer[0]'],
	[{ answer_match: '(' }, 'dns.answer_match'],
	[{ ttl_min: -1 }, 'dns.ttl_min'],
	[{ serial_min: 7 }, 'dns.serial_min'],
	[{ serial_of: '192.0.2.1' }, 'dns.serial_of'],
	[{ type: 'SOA', serial_of: '192.0.2.1:99999' }, 'dns.serial_of'],
	[{ path: '/x' }, 'dns.path'],
	[{ transport: 'https', path: 'x y' }, 'dns.path'],
	[{ tls_verify: false }, 'dns.tls_verify'],
	[{ transport: 'tls', tls_cert_file: '/a' }, 'dns.tls_cert_file'],
	[{ interval: 20_000 }, 'dns.interval'],
	[{ serverr: 'x' }, 'dns.serverr'],
])('%j is wrong', (section, key) => {
	expect(orderOf({ name: 'a.example.net', ...section })).toMatchObject({
		findings: [expect.objectContaining({ key })],
	});
});
