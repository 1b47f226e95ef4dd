/** The daemon with a real Redis, through an outage, a server that hangs and a restart: what is there is what was measured. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { waitFor } from '../support/influxd.ts';
import { RedisServer } from '../support/redis-server.ts';

test('each ping of each slot is there once, whatever became of the server and of the daemon', async () => {
	await using server = await RedisServer.start();
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	const url = `redis://127.0.0.1:${server.port}`;
	const sinks = [
		{ type: 'redis', name: 'safe', url, timeout: 1, batch: { wait: 0 } },
		{ type: 'redis', name: 'latest', url, layout: 'last', timeout: 1, batch: { wait: 0 } },
	];
	writeFileSync(config, JSON.stringify({ sinks }));
	await daemon.start(['--config', config]);
	daemon.order('here', '{user: me, step: 2, pings: 2, probe: fping, fping: {host: 127.0.0.1}}');
	const times = new Set<number>();
	const seen = () => {
		const time = daemon.result('here')?.time;
		if (time !== undefined) times.add(time);
		return times.size;
	};
	const more = (count: number) => {
		const wanted = seen() + count;
		return daemon.until(`${count} more results`, () => seen() >= wanted);
	};
	await more(2);
	await server.stop('SIGKILL');
	await more(2);
	await server.start();
	// It tells of the next trouble only when it has come through this one.
	const worksAgain = () => daemon.output.split('working again').length - 1;
	await daemon.until('both send again', () => worksAgain() === 2);
	await more(1);
	server.signal('SIGSTOP');
	await daemon.until('it notices that the server hangs', () => daemon.output.includes('no answer'));
	server.signal('SIGCONT');
	await daemon.stop();
	await daemon.start(['--config', config]);
	await more(2);
	const key = 'ts:latency:127.0.0.1';
	const secondsOf = (members: readonly string[]) =>
		members.map((member) => Number(member.split(':')[1]) / 1000);
	const slotsIn = (members: readonly string[]) => secondsOf(members).map((sent) => Math.floor(sent / 2) * 2);
	const members = () => server.lines('ZRANGE', key, '0', '-1');
	await waitFor(
		() => [...times].every((time) => slotsIn(members()).filter((slot) => slot === time).length === 2),
		() => `${JSON.stringify([...times])} in results, ${JSON.stringify(slotsIn(members()))} in Redis`,
	);
	await daemon.stop();
	const all = slotsIn(members());
	for (const slot of new Set(all)) expect(all.filter((other) => other === slot)).toHaveLength(2);
	const last = await daemon.resultOf('here');
	expect(server.cli('HGET', 'pingmachine:last:here', 'time')).toBe(String(last.time));
	expect(Number(server.cli('HGET', 'pingmachine:last:here', 'latency_ms'))).toBeCloseTo(
		(last.median ?? 0) * 1000,
		6,
	);
}, 90_000);
