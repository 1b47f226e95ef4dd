import { expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readOrder } from '../../../src/reading/order.ts';

function read(section: string) {
	return readOrder('x', `user: me\nstep: 60\npings: 5\nprobe: ssh\nssh: {${section}}\n`, builtInProbes);
}

test.each([
	['host: GW.example.net', { host: 'gw.example.net', port: 22 }],
	['host: 192.0.2.7, port: "2222"', { host: '192.0.2.7', port: 2222 }],
	['host: a, ipv6: yes', { host: 'a', port: 22, ipv6: true }],
	['host: a, key_type: ssh-ed25519', { host: 'a', port: 22, key_type: 'ed25519' }],
	['host: a, key_type: RSA', { host: 'a', port: 22, key_type: 'rsa' }],
	['host: a, key_type: ECDSA-SHA2-NISTP384', { host: 'a', port: 22, key_type: 'ecdsa-sha2-nistp384' }],
])('%s', (section, options) => {
	expect(read(section)).toMatchObject({ order: { options, target: options.host } });
});

test('orders that say the same in other words share a run, others do not', () => {
	const key = (section: string) => {
		const order = read(section);
		return 'order' in order ? order.order.batchKey : null;
	};
	expect(key('host: a')).toBe(key('host: b, port: 22'));
	expect(key('host: a, key_type: ssh-rsa')).toBe(key('host: b, key_type: rsa'));
	expect(key('host: a')).not.toBe(key('host: a, port: 2222'));
});
