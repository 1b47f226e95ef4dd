/** Lists of targets in the config, which the daemon keeps itself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { RedisServer } from '../support/redis-server.ts';

test('orders follow their list, and the config when it is read again', async () => {
	await using daemon = new Daemon();
	const list = daemon.path('hosts.txt');
	const config = daemon.path('config.yaml');
	writeFileSync(list, 'here@127.0.0.1\n127.0.0.2\n');
	const keys = 'defaults: {probe: fping, user: us, step: 1s, pings: 1}\ntargets:\n';
	writeFileSync(config, `${keys}  - {file: ${list}, prefix: core}\n`);
	await daemon.start(['--config', config, '--log-level', 'debug']);
	await daemon.resultOf('core/here');
	await daemon.resultOf('core/127.0.0.2');
	expect(readFileSync(daemon.path('orders/core/here'), 'utf8')).toMatch(
		/^user: us\nstep: 1\npings: 1\nprobe: fping\nfping:\n {2}host: 127\.0\.0\.1\nmade_by: pingmachine order add --targets, /,
	);
	daemon.order('core/mine', fpingOrder('127.0.0.1'));
	// A fault in a line is told, and takes nothing away.
	writeFileSync(list, 'here@127.0.0.1\na b c d\n');
	await daemon.logged('hosts.txt:2: has more than a host and a name');
	expect(existsSync(daemon.path('orders/core/127.0.0.2'))).toBe(true);
	writeFileSync(list, 'here@127.0.0.1\n127.0.0.3\n');
	await daemon.resultOf('core/127.0.0.3');
	await daemon.until(
		'what is not listed is removed',
		() => !existsSync(daemon.path('orders/core/127.0.0.2')),
	);
	expect(existsSync(daemon.path('orders/core/mine'))).toBe(true);
	const other = daemon.path('other.txt');
	writeFileSync(other, '127.0.0.4\n');
	writeFileSync(config, `${keys}  - {file: ${other}, prefix: far, step: 2, pings: 2}\n`);
	daemon.kill('SIGHUP');
	await daemon.logged('read the config again: changed targets');
	await daemon.resultOf('far/127.0.0.4');
	expect(readFileSync(daemon.path('orders/far/127.0.0.4'), 'utf8')).toContain('step: 2\npings: 2\n');
	// They expire like any others.
	expect(existsSync(daemon.path('orders/core/here'))).toBe(true);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
});

test('a set in Redis is a list too: the daemon keeps its orders', async () => {
	await using server = await RedisServer.start();
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	server.cli('SADD', 'meshping:targets', 'here@127.0.0.1', 'there@127.0.0.2');
	const list = `{redis: "redis://127.0.0.1:${server.port}", key: meshping:targets, prefix: mesh, every: 1s}`;
	writeFileSync(config, `defaults: {probe: fping, user: us, step: 1s, pings: 1}\ntargets: [${list}]\n`);
	await daemon.start(['--config', config]);
	await daemon.resultOf('mesh/here');
	await daemon.resultOf('mesh/there');
	server.cli('SREM', 'meshping:targets', 'there@127.0.0.2');
	await daemon.until('it goes with its target', () => !existsSync(daemon.path('orders/mesh/there')));
	// A server that is away takes nothing.
	server.cli('FLUSHALL');
	await daemon.logged('the set meshping:targets is not there');
	expect(existsSync(daemon.path('orders/mesh/here'))).toBe(true);
});
