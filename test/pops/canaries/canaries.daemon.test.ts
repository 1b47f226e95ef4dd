/** What a platform's own canaries write to a real Kafka, in the files of a real daemon. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Daemon } from '../../support/daemon.ts';
import { newTopic, sharedKafka } from '../../support/kafka/shared.ts';

const message = (atSeconds: number, changes: Readonly<Record<string, unknown>> = {}) =>
	JSON.stringify({
		type: 'ping',
		canary_id: 'canary-1',
		target: '192.0.2.7',
		timestamp: new Date(atSeconds * 1000).toISOString().replace('Z', '000+00:00'),
		status: 'SUCCESS',
		error_message: null,
		rtt_avg_ms: 12.5,
		packet_loss_percent: 0,
		...changes,
	});

test('is in the tree as what points of presence measured, through a kill and broken messages', async () => {
	const kafka = await sharedKafka();
	const topic = await newTopic(kafka.bootstrap);
	const write = (...lines: string[]) =>
		execFileSync('kcat', ['-P', '-b', kafka.bootstrap, '-t', topic], { input: lines.join('\n') });
	const minute = Math.floor(Date.now() / 60_000) * 60;
	await using daemon = new Daemon();
	daemon.put('c.yaml', `hub: {canaries: {brokers: ['${kafka.bootstrap}'], topic: ${topic}}}\n`);
	const args = ['--config', daemon.path('c.yaml')];
	write(
		message(minute - 120),
		'no JSON',
		message(minute - 120, { target: 'https://example.net/a', type: 'http' }),
	);
	await daemon.start(args);
	const folder = '@canary/ping/192.0.2.7';
	const result = await daemon.resultOf(`${folder}/@canary-1`);
	expect(result).toMatchObject({ time: minute - 120, pings: 1, loss: 0, median: 0.0125 });
	await daemon.until('the other target is there', () =>
		daemon.exists('output/@canary/http/https%3A%2F%2Fexample.net%2Fa/@canary-1/main.rrd'),
	);
	await daemon.logged('1 messages');
	expect(daemon.exists('output', folder, 'last_result')).toBe(false);

	daemon.kill('SIGKILL');
	await daemon.exited();
	write(
		message(minute - 120, { rtt_avg_ms: 99 }),
		message(minute - 60, { status: 'TIMEOUT', rtt_avg_ms: null }),
		message(minute - 60, { canary_id: 'Canary 2' }),
	);
	await daemon.start(args);
	const later = await daemon.resultOf(`${folder}/@canary-1`, ({ time }) => time === minute - 60);
	expect(later).toMatchObject({ loss: 1, median: null });
	await daemon.resultOf(`${folder}/@Canary%202`);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.exists('archive', '@canary')).toBe(false);
	expect(daemon.output).not.toContain('fault');
});
