/** Two hubs with one key, and a point of presence, with a real Kafka between them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';
import { sharedKafka } from '../support/kafka/shared.ts';

test('each hub has the whole tree, the first that lives speaks, and orders go where they were not written', async () => {
	const kafka = await sharedKafka();
	const prefix = `p${randomUUID()}`;
	await using a = new Daemon();
	await using b = new Daemon();
	await using site = new Daemon();
	const told: string[] = [];
	const webhook = createServer((request, response) => {
		told.push(request.url ?? '');
		request.resume();
		response.end();
	}).listen(0, '127.0.0.1');
	await once(webhook, 'listening');
	const { port } = webhook.address() as AddressInfo;
	const { privateKey } = generateKeyPairSync('ed25519');
	const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
	const start = async (hub: Daemon, name: string) => {
		hub.put('hub.key', pem);
		execFileSync('chmod', ['600', hub.path('hub.key')]);
		const settings = `key_file: ${hub.path('hub.key')}, name: ${name}, kafka: {brokers: ['${kafka.bootstrap}'], prefix: ${prefix}}`;
		const notifiers = `notifiers: [{type: webhook, name: hook, url: 'http://127.0.0.1:${port}/${name}'}]`;
		hub.put('c.yaml', `hub: {${settings}}\n${notifiers}\n`);
		await hub.start(['--config', hub.path('c.yaml')]);
	};
	await Promise.all([start(a, 'a'), start(b, 'b')]);
	const at = (hub: Daemon, ...args: string[]) =>
		spawnSync(process.execPath, [cli, ...args, '--basedir', hub.baseDir], { encoding: 'utf8' }).stdout;
	await a.logged('this hub, a, speaks for all');
	site.put('zrh.join', at(b, 'pop', 'add', 'zrh', '--label', 'site=zrh'));
	execFileSync('chmod', ['600', site.path('zrh.join')]);
	site.put('c.yaml', `pop: {join: ${site.path('zrh.join')}}\n`);
	await site.start(['--config', site.path('c.yaml')]);
	await a.until('it knows the point of presence', () => at(a, 'pops', '--json').includes('"zrh"'));

	// Written at either, and the other takes it.
	a.order('core/a', fpingOrder('127.0.0.1', { more: 'where: {pops: [zrh]}\n' }));
	b.order('core/b', fpingOrder('127.0.0.1', { more: 'where: {any: 1}\n' }));
	for (const hub of [a, b]) for (const id of ['core/a', 'core/b']) await hub.resultOf(`${id}/@zrh`);
	expect(b.read('orders/core/a')).toBe(a.read('orders/core/a'));

	// What was taken is removed where it was written, and comes back elsewhere.
	rmSync(b.path('orders/core/a'));
	await b.until('it is there again', () => b.exists('orders/core/a'));
	rmSync(b.path('orders/core/b'));
	await a.until('it ends at the other', () => !a.exists('orders/core/b'));
	await site.until('and there', () => !site.exists('orders/@hub/core/b'));

	// An alert is told by one.
	for (const hub of [a, b]) hub.put('alerts/slow.yaml', 'median: {over: 0.0001ms, for: 2 slots}\n');
	for (const hub of [a, b]) await hub.until('it fires', () => at(hub, 'alerts').includes('slow'));
	await a.until('it is told', () => told.includes('/a'));
	// A heartbeat that comes so long after that says that it was told.
	const toldMs = Date.now();
	await b.until('a heartbeat has come since', () => {
		const [first] = JSON.parse(at(b, 'pops', '--json')).hubs;
		return Date.now() - 1000 * first.silent > toldMs + 12_000;
	});
	expect(at(b, 'pops')).toContain('Hubs: a (speaks for all), b');

	// The first is gone: the other speaks, with what both had.
	a.kill('SIGKILL');
	await a.exited();
	await b.logged('this hub, b, speaks for all');
	const before = Number(b.result('core/a/@zrh')?.time);
	await b.resultOf('core/a/@zrh', ({ time }) => time > before + 2);
	expect(told).not.toContain('/b');
	b.order('core/c', fpingOrder('127.0.0.1', { more: 'where: {all: true}\n' }));
	await b.resultOf('core/c/@zrh');
	expect(site.exists('orders/@hub/core/a')).toBe(true);

	// It comes back, takes what was ordered meanwhile, and has all results.
	await a.start(['--config', a.path('c.yaml')]);
	await a.resultOf('core/c/@zrh');
	await b.logged('the hub a speaks for all');
	await a.resultOf('core/a/@zrh', ({ time }) => time > before + 2);
	webhook.close();
});
