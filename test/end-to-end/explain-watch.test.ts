import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';
import { spawnMortal } from '../support/mortal.ts';

/** Follows an order, and stops when told to. */
function watcher(daemon: Daemon, ...args: string[]) {
	const command = [cli, 'explain', ...args, '--watch', '--basedir', daemon.baseDir];
	const child = spawnMortal(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
	const seen = { text: '', errors: '' };
	child.stdout.on('data', (text) => {
		seen.text += text;
	});
	child.stderr.on('data', (text) => {
		seen.errors += text;
	});
	return { child, seen, lines: () => seen.text.split('\n') };
}

test('explain --watch shows each ping as it is answered, and then what came of the slot', async () => {
	const server = createServer((socket) => socket.end('SSH-2.0-x\r\n'));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as { port: number };
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('pinged', '{user: me, step: 6, pings: 5, probe: icmp, icmp: {host: 127.0.0.1}}');
	daemon.order('greeted', `{user: me, step: 6, pings: 3, probe: ssh, ssh: {host: 127.0.0.1, port: ${port}}}`);
	await daemon.resultOf('pinged');
	await daemon.resultOf('greeted');

	const [pinged, greeted] = [watcher(daemon, 'pinged'), watcher(daemon, 'greeted', '--json')];
	await daemon.until('the results of two slots are told', () => {
		const ends = pinged.lines().filter((line) => line.startsWith('slot of '));
		const outcomes = greeted.lines().filter((line) => line.startsWith('{"about":"outcomes"'));
		return ends.length >= 2 && outcomes.length >= 2;
	});
	const lines = pinged.lines();
	const [firstEnd, secondEnd] = lines.flatMap((line, at) => (line.startsWith('slot of ') ? [at] : []));
	const between = lines.slice((firstEnd ?? 0) + 1, secondEnd);
	// All pings of a slot, before what came of it.
	expect(between.map((line) => /ping (\d) of 5 {2}\d/.exec(line)?.[1])).toEqual(['1', '2', '3', '4', '5']);
	expect(lines[secondEnd ?? 0]).toMatch(/^slot of \S+: loss 0%, median \S+ ms/);
	const early = greeted.lines().filter((line) => line.startsWith('{"about":"early"'));
	expect(JSON.parse(early[0] ?? '')).toMatchObject({
		id: 'greeted',
		pings: 3,
		early: [{ rtt: expect.any(Number) }],
	});

	pinged.child.kill('SIGINT');
	const [code] = await once(pinged.child, 'close');
	expect({ code, errors: pinged.seen.errors }).toEqual({ code: 0, errors: '' });
	await daemon.stop();
	const [ended] =
		greeted.child.exitCode === null ? await once(greeted.child, 'close') : [greeted.child.exitCode];
	expect(ended).toBe(1);
	expect(greeted.seen.errors).toContain('no more is heard of the daemon');
	server.close();
}, 120_000);
