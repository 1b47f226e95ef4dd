/** A hub and a point of presence, real daemons, with a real Kafka between them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';
import { readTopic } from '../support/kafka/broker.ts';
import { sharedKafka } from '../support/kafka/shared.ts';
import { missingSlots } from '../support/rrd-rows.ts';

test('orders go out and results come back, also after the hub was killed', async () => {
	const kafka = await sharedKafka();
	const prefix = `p${randomUUID()}`;
	await using hub = new Daemon();
	await using site = new Daemon();
	hub.put('c.yaml', `hub: {kafka: {brokers: ['${kafka.bootstrap}'], prefix: ${prefix}}}\n`);
	const hubArgs = ['--config', hub.path('c.yaml')];
	await hub.start(hubArgs);
	const args = [cli, 'pop', 'add', 'zrh', '--basedir', hub.baseDir];
	site.put('zrh.join', execFileSync(process.execPath, args));
	execFileSync('chmod', ['600', site.path('zrh.join')]);
	site.put('c.yaml', `pop: {join: ${site.path('zrh.join')}}\n`);
	await site.start(['--config', site.path('c.yaml')]);

	hub.order('core/a', fpingOrder('127.0.0.1', { more: 'where: {pops: [zrh]}\n' }));
	const first = await hub.resultOf('core/a/@zrh');
	expect(first).toMatchObject({ pings: 1, loss: 0 });
	expect(hub.exists('output/core/a/last_result')).toBe(false);
	expect(site.exists('orders/@hub/core/a')).toBe(true);

	const words = ['measure', 'icmp', '127.0.0.1', '--pings', '2', '--interval', '0.2', '--from', 'zrh'];
	const asked = spawnSync(process.execPath, [cli, ...words, '--basedir', hub.baseDir], { encoding: 'utf8' });
	expect(asked).toMatchObject({ status: 0, stdout: expect.stringMatching(/^zrh +2 +0% /m) });

	hub.kill('SIGKILL');
	await hub.exited();
	const cutOff = Number(site.result('@hub/core/a')?.time);
	await site.resultOf('@hub/core/a', ({ time }) => Number(time) > cutOff + 2);
	await hub.start(hubArgs);
	const last = await hub.resultOf('core/a/@zrh', ({ time }) => Number(time) > cutOff + 2);
	const [atHub, atSite] = [
		hub.path('output/core/a/@zrh/main.rrd'),
		site.path('output/@hub/core/a/main.rrd'),
	].map((rrd) => missingSlots(rrd, Number(first.time), Number(last.time)));
	expect(atHub).toEqual(atSite);
	// What was measured meanwhile is in the files of the hub: each slot once.
	const messages = await readTopic(kafka.bootstrap, `${prefix}.results.zrh`);
	const keys = messages.map(({ key }) => key);
	expect(messages.map(({ value }) => JSON.parse(value).order.id)).toEqual(keys);
	expect(new Set(keys.filter((key) => !key.startsWith('measure/')))).toEqual(new Set(['core/a']));

	execFileSync('rm', [hub.path('orders/core/a')]);
	await site.until('the order ends there', () => !site.exists('orders/@hub/core/a'));
	expect(readFileSync(site.path('zrh.join'), 'utf8')).toContain(prefix);
});
