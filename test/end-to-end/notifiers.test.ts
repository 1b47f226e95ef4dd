/** Who is told by the real daemon: receivers that hang and that are busy, a changed config, the heartbeat, send-test. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Receiver } from '../alerts/notifiers/support/receiver.ts';
import { cli, Daemon } from '../support/daemon.ts';
import { freePort } from '../support/influxd.ts';

const aboutOf = ({ received }: Receiver) => received.map(({ body }) => (body as { about: string }).about);

function sendTest(config: string, ...names: string[]) {
	return new Promise<{ readonly code: number; readonly out: string }>((resolve) => {
		const child = execFile(
			process.execPath,
			[cli, 'alerts', 'send-test', ...names, '--config', config],
			(_, out, err) => resolve({ code: child.exitCode ?? -1, out: out + err }),
		);
	});
}

test('one that hangs and one that is busy hold up no other; a changed config holds at once, and nothing is lost', async () => {
	await using well = await Receiver.open();
	await using busy = await Receiver.open();
	await using hanging = await Receiver.open();
	await using later = await Receiver.open();
	await using watch = await Receiver.open();
	await using daemon = new Daemon();
	const port = await freePort();
	const hook = (name: string, { url }: Receiver) => ({ type: 'webhook', name, url, timeout: 1 });
	const configure = (notifiers: readonly object[]) =>
		daemon.put(
			'c.yaml',
			JSON.stringify({ notifiers, group_wait: 0, heartbeat: { url: watch.url, every: 1 } }),
		);
	busy.answers.push({ status: 429, headers: { 'Retry-After': '1' } });
	hanging.answers.push(...Array<'hang'>(100).fill('hang'));
	configure([hook('well', well), hook('busy', busy), hook('stuck', hanging)]);
	daemon.put('alerts/loss', 'loss: {over: 50%}\n');
	daemon.order('o', `user: test\nstep: 1\npings: 1\nprobe: tcp\ntcp: {host: 127.0.0.1, port: ${port}}\n`);
	await daemon.start(['--config', daemon.path('c.yaml')]);
	await daemon.until('told, also the one that is busy', () => busy.received.length >= 2);
	expect(aboutOf(well)).toEqual(['raise']);
	expect(busy.received[1]?.body).toEqual(busy.received[0]?.body);
	await daemon.until('the one that hangs is tried again', () => hanging.received.length >= 2);
	await daemon.until('the heartbeat', () => watch.received.length >= 2);
	expect(watch.received[0]?.method).toBe('GET');
	// The one that hangs has moved, one is gone, and there is a new one.
	configure([hook('stuck', later), hook('busy', busy)]);
	daemon.kill('SIGHUP');
	await daemon.until('what waited goes to where it is now', () => aboutOf(later).includes('raise'));
	const listener = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
	await once(listener, 'listening');
	await daemon.until('it is over', () => [busy, later].every((one) => aboutOf(one).includes('clear')));
	expect(aboutOf(later)).toEqual(['raise', 'clear']);
	expect(aboutOf(well)).toEqual(['raise']);
	const sent = await sendTest(daemon.path('c.yaml'));
	expect(sent).toMatchObject({ code: 0, out: expect.stringMatching(/stuck: sent to [\s\S]*busy: sent to /) });
	expect(aboutOf(later)).toEqual(['raise', 'clear', 'test']);
	configure([hook('busy', busy), hook('stuck', hanging)]);
	const one = await sendTest(daemon.path('c.yaml'), 'stuck');
	expect(one).toMatchObject({ code: 1, out: expect.stringContaining('no answer in time') });
	const unknown = await sendTest(daemon.path('c.yaml'), 'nobody');
	expect(unknown).toMatchObject({ code: 1, out: expect.stringContaining('There are busy, stuck') });
	await daemon.stop();
	listener.close();
});
