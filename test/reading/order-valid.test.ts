import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { readOrder } from '../../src/reading/order.ts';

const folder = new URL('../../fixtures/orders/valid/', import.meta.url);

/** What most of the files come to. */
const usual = {
	id: 'app/ping',
	user: 'tmon',
	stepSeconds: 60,
	pings: 5,
	probe: 'fping',
	options: { host: '192.0.2.7' },
	target: '192.0.2.7',
	rrdTemplate: null,
	tags: {},
	batchKey: '["fping",60,5,{}]',
};
const local = { options: { host: 'localhost' }, target: 'localhost' };

/** The order in each file in fixtures/orders/valid. */
const orders: Readonly<Record<string, object>> = {
	'from-the-contract': {
		id: 'app/ping',
		user: 'tmon',
		task: 'tun_eth0_4061',
		stepSeconds: 300,
		pings: 20,
		probe: 'fping',
		options: { host: '62.179.116.250' },
		target: '62.179.116.250',
		rrdTemplate: null,
		measurementName: 'tunnel',
		tags: { tunnel_id: '12458', interface: 'eth2' },
		batchKey: '["fping",300,20,{}]',
	},
	spans: {
		...usual,
		options: { host: '192.0.2.7', interval: 500 },
		batchKey: '["fping",60,5,{"interval":500}]',
	},
	labels: {
		...usual,
		title: '0042',
		note: 'To the lab, over the old fibre.',
		link: 'https://wiki.example.net/uplinks#42',
	},
	'old-interface': {
		...usual,
		stepSeconds: 300,
		pings: 20,
		options: { host: '127.0.0.1' },
		target: '127.0.0.1',
		batchKey: '["fping",300,20,{}]',
	},
	smallest: { ...usual, user: 'a', ...local, stepSeconds: 1, pings: 1, batchKey: '["fping",1,1,{}]' },
	largest: {
		...usual,
		user: 'a',
		...local,
		stepSeconds: 604_800,
		pings: 1000,
		batchKey: '["fping",604800,1000,{}]',
	},
	'every-option': {
		...usual,
		options: {
			host: 'router.example.net',
			interface: 'eth2',
			source_ip: '2001:db8::1',
			interval: 500,
			ipv6: true,
		},
		target: 'router.example.net',
		rrdTemplate: 'norrd',
		batchKey: '["fping",60,5,{"interface":"eth2","interval":500,"ipv6":true,"source_ip":"2001:db8::1"}]',
	},
	'options-as-text': {
		...usual,
		options: { host: 'router.example.net', interval: 500, ipv6: true },
		target: 'router.example.net',
		batchKey: '["fping",60,5,{"interval":500,"ipv6":true}]',
	},
	'options-without-value': usual,
	'ipv6-address': { ...usual, options: { host: '2001:db8::7' }, target: '2001:db8::7' },
	json: { ...usual, tags: { 'a b': 'c,d' } },
	'as-written': {
		...usual,
		user: '0042',
		task: '1.10',
		measurementName: '12345678901234567890',
		tags: { version: '1.10', vlan: '0x2A', primary: 'True' },
	},
	'telegraf-older-form': { ...usual, measurementName: 'tunnel', tags: { tunnel_id: '7' } },
	'telegraf-both-forms': { ...usual, measurementName: 'tunnel', tags: { a: '1', b: '2' } },
	'own-keys': usual,
	'windows-line-ends': usual,
	'odd-tags': {
		...usual,
		user: 'Jürgen 🙂',
		measurementName: 'my tunnel',
		tags: JSON.parse('{ "__proto__": "a", "constructor": "b", "k=v,": "c=d e" }'),
	},
};

test('every file has its row and every row its file', () => {
	const files = readdirSync(folder).sort();
	expect(
		Object.keys(orders)
			.map((name) => `${name}.yaml`)
			.sort(),
	).toEqual(files);
});

test.each(Object.entries(orders))('%s', (name, order) => {
	const read = readOrder('app/ping', readFileSync(new URL(`${name}.yaml`, folder), 'utf8'), builtInProbes);
	expect(read).toEqual({ order });
});

test('no order leaves its mark on other objects', () => {
	const text = readFileSync(new URL('own-keys.yaml', folder), 'utf8');
	readOrder('app/ping', text, builtInProbes);
	expect(({} as { user?: unknown }).user).toBeUndefined();
});
