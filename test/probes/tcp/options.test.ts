import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readOrder } from '../../../src/reading/order.ts';

describe('an order', () => {
	const orderOf = (section: object) =>
		readOrder(
			'x',
			JSON.stringify({ user: 'me', step: 60, pings: 5, probe: 'tcp', tcp: section }),
			builtInProbes,
		);

	test('says where, and what else', () => {
		const section = {
			host: 'A.example.net',
			port: '25',
			starttls: 'smtp',
			tls_verify: 'no',
			family: '6',
			timeout: '2s',
		};
		expect(orderOf(section)).toMatchObject({
			order: {
				target: 'a.example.net',
				options: { port: 25, starttls: 'smtp', tls_verify: false, family: 6, timeout: 2000 },
			},
		});
	});

	test.each([
		[{ port: undefined }, 'tcp.port'],
		[{ port: 0 }, 'tcp.port'],
		[{ port: 'http' }, 'tcp.port'],
		[{ host: '' }, 'tcp.host'],
		[{ host: 'fe80::1' }, 'tcp.host'],
		[{ send: '' }, 'tcp.send'],
		[{ send: 'x'.repeat(9000) }, 'tcp.send'],
		[{ expect: '[' }, 'tcp.expect'],
		[{ starttls: 'nntp' }, 'tcp.starttls'],
		[{ starttls: 'smtp', tls: true }, 'tcp.tls'],
		[{ tls_verify: false }, 'tcp.tls_verify'],
		[{ tls: true, tls_key_file: '/a' }, 'tcp.tls_key_file'],
		[{ tls: true, tls_ca_file: 'a' }, 'tcp.tls_ca_file'],
		[{ family: 5 }, 'tcp.family'],
		[{ interval: 60_000 }, 'tcp.interval'],
		[{ prot: 1 }, 'tcp.prot'],
	])('%j is wrong', (section, key) => {
		expect(orderOf({ host: 'a.example.net', port: 25, ...section })).toMatchObject({
			findings: [expect.objectContaining({ key })],
		});
	});
});
