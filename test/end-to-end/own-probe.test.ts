import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';

/** The module that the documentation shows. */
const page = readFileSync(new URL('../../docs/developing.md', import.meta.url), 'utf8');
const module = /^```js\n(.*?)^```/ms.exec(page)?.[1] ?? '';

const pingmachine = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

test("the documentation's probe of one's own is short, and measures", async () => {
	expect(module.trim().split('\n').length).toBeLessThan(40);
	const server = createServer((socket) => socket.destroy());
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	await using daemon = new Daemon();
	const { port } = server.address() as { port: number };
	const order = `{user: me, step: 2, pings: 2, probe: connect, connect: {host: 127.0.0.1, port: ${port}}}`;
	const closed = order.replace('127.0.0.1', '127.0.0.2');
	const config = daemon.path('config.yaml');
	const path = daemon.path('connect.js');
	writeFileSync(path, module);
	writeFileSync(config, JSON.stringify({ probes: [path] }));

	await daemon.start(['--config', config]);
	daemon.order('open', order);
	daemon.order('closed', closed);
	expect((await daemon.resultOf('open', ({ loss }) => loss === 0)).median).toBeLessThan(1);
	expect(await daemon.resultOf('closed')).toMatchObject({ loss: 2, median: null });

	const usual = ['--basedir', daemon.baseDir, '--json', '--config', config];
	expect(pingmachine('status', ...usual, 'open').stdout).toContain('"state":"measuring"');
	// The daemon knows better than a status that has not read the same config.
	const without = pingmachine('status', '--basedir', daemon.baseDir, '--json', 'open').stdout;
	expect(JSON.parse(without)).toMatchObject({ state: 'measuring', reason: null });
	expect(pingmachine('check', '--config', config, daemon.path('orders')).status).toBe(0);
	const added = ['--user', 'me', '--step', '2', '--pings', '1', '--probe', 'connect', '--host', '127.0.0.1'];
	const add = pingmachine(
		'order',
		'add',
		'added',
		...added,
		'--option',
		`port=${port}`,
		...usual.slice(0, 2),
		'--config',
		config,
	);
	expect(add).toMatchObject({ status: 0, stderr: '' });
	expect(daemon.read('orders/added')).toContain(`port: ${port}\n`);
	expect(pingmachine('check', daemon.path('orders')).stdout).toContain('unknown probe "connect"');
	server.close();
});

test('a daemon does not start with a module that is no probe, and says why', async () => {
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	const path = daemon.path('mine.js');
	writeFileSync(path, 'export default 1;');
	writeFileSync(config, JSON.stringify({ probes: [path] }));
	daemon.spawn(['--config', config]);
	await daemon.exited();
	expect(daemon.exitCode).toBe(1);
	expect(daemon.output).toBe(
		`${config}: probes: ${path}: does not export a probe, or a function that makes one\n`,
	);
});
