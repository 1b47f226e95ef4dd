/** What the network does to the web server, and what that does to the measuring: nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { mountSmall, unmount } from '../store/support/mount.ts';
import { cli, Daemon } from '../support/daemon.ts';
import { icmpOrder, patient, startWebDaemon, webAddress } from '../support/web-daemon.ts';

/** Of consecutive slots, from the moment of the call on. */
async function slotsGoOn(daemon: Daemon, id: string): Promise<void> {
	const now = await daemon.resultOf(id);
	await daemon.resultOf(id, ({ time }) => time >= now.time + 4);
}

test('thousands of connections and readers that do not read leave the measuring alone', async () => {
	await using daemon = new Daemon();
	for (let n = 0; n < 50; n++) daemon.order(`core/${n}`, icmpOrder());
	const { address } = await startWebDaemon(daemon);
	const { hostname, port } = new URL(address);
	const sockets: Socket[] = [];
	try {
		for (let n = 0; n < 2000; n++) {
			const socket = connect(Number(port), hostname).on('error', () => {});
			sockets.push(socket.pause());
			// Some say nothing, some begin, some ask and do not read.
			const said = [
				'',
				'GET / HTTP/1.1\r\nHost: x',
				'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(n % 30 === 2 ? 50 : 1),
			];
			socket.write(said[n % said.length] ?? '');
		}
		await slotsGoOn(daemon, 'core/0');
		await slotsGoOn(daemon, 'core/49');
		expect(daemon.output).not.toContain('web: it ended');
	} finally {
		for (const socket of sockets) socket.destroy();
	}
	await expect
		.poll(async () => (await fetch(`${address}/-/healthy`).catch(() => null))?.status, patient)
		.toBe(200);
}, 120_000);

test('who asks goes on when the server was killed, and counters are there again', async () => {
	await using daemon = new Daemon();
	daemon.order('a', icmpOrder());
	await startWebDaemon(daemon);
	await daemon.resultOf('a');
	const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ');
	const web = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--child'));
	process.kill(Number(web), 'SIGKILL');
	const address = await webAddress(daemon, 2);
	await expect.poll(async () => (await fetch(`${address}/-/ready`)).status, patient).toBe(200);
	const { orders } = (await (await fetch(`${address}/api/v1/orders`)).json()) as { orders: object[] };
	expect(orders).toMatchObject([{ id: 'a' }]);
	await slotsGoOn(daemon, 'a');
});

test('a full disk refuses an order, keeps the old one, and takes it when there is room', async () => {
	await using daemon = new Daemon();
	mountSmall(daemon.path('orders'), 256);
	try {
		const { address, tokens } = await startWebDaemon(daemon, { joe: ['read', 'order'] });
		const put = (id: string, more: Record<string, unknown>) =>
			fetch(`${address}/api/v1/orders/${id}`, {
				method: 'PUT',
				headers: { authorization: `Bearer ${tokens['joe']}`, 'content-type': 'application/json' },
				body: icmpOrder({ user: 'joe', ...more }),
			});
		expect((await put('a', {})).status).toBe(201);
		const before = daemon.read('orders/a');
		const ballast = daemon.path('orders/.ballast');
		const isFull = () => statfsSync(daemon.path('orders')).bavail === 0;
		try {
			while (!isFull()) writeFileSync(ballast, Buffer.alloc(4096), { flag: 'a' });
		} catch (error) {
			expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
		}
		const full = await put('a', { task: 'x'.repeat(5000) });
		expect([full.status, await full.json()]).toMatchObject([
			507,
			{ error: expect.stringContaining('no space') },
		]);
		expect((await put('b', {})).status).toBe(507);
		expect(daemon.read('orders/a')).toBe(before);
		expect(existsSync(daemon.path('orders/b'))).toBe(false);
		rmSync(ballast);
		expect((await put('a', { task: 'y' })).status).toBe(200);
		await daemon.resultOf('a');
	} finally {
		unmount(daemon.path('orders'));
	}
});

test('a web server that outlives a daemon hears the next one', async () => {
	await using daemon = new Daemon();
	daemon.order('a', icmpOrder());
	await daemon.start();
	const args = [cli, 'web', '--basedir', daemon.baseDir, '--listen', '127.0.0.1:0'];
	const web = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
	try {
		let said = '';
		web.stderr.on('data', (text) => {
			said += text;
		});
		const address = () => /web: listens on (http:[^\s,]+)/.exec(said)?.[1];
		await expect.poll(address, patient).toBeDefined();
		const status = async () => (await fetch(`${address()}/-/ready`)).status;
		await expect.poll(status, patient).toBe(200);
		await daemon.stop();
		await expect.poll(status, patient).toBe(503);
		expect((await fetch(`${address()}/api/v1/orders/a`)).status).toBe(200);
		rmSync(daemon.path('orders/a'));
		daemon.order('b', icmpOrder());
		await daemon.start();
		await expect.poll(status, patient).toBe(200);
		const ids = async () =>
			((await (await fetch(`${address()}/api/v1/orders`)).json()) as { orders: { id: string }[] }).orders.map(
				({ id }) => id,
			);
		await expect.poll(ids, patient).toEqual(['b']);
	} finally {
		web.kill('SIGTERM');
		await once(web, 'exit');
	}
});

test('orders of a token count for it in the limits, not for the daemon', async () => {
	await using daemon = new Daemon();
	const { address, tokens } = await startWebDaemon(
		daemon,
		{ 'no-such-user': ['read', 'order'], root: ['read', 'order'], named: ['read', 'order'] },
		{},
		{ limits: { orders: 2, users: { named: { orders: 1 } } } },
	);
	const put = (id: string, name = 'no-such-user') =>
		fetch(`${address}/api/v1/orders/${id}`, {
			method: 'PUT',
			headers: { authorization: `Bearer ${tokens[name]}`, 'content-type': 'application/json' },
			body: icmpOrder({ user: undefined }),
		});
	for (const id of ['a', 'b']) {
		expect((await put(id)).status).toBe(201);
		await daemon.resultOf(id);
	}
	expect((await put('c')).status).toBe(201);
	expect(await daemon.errorOf('c')).toContain('the user of the token no-such-user');
	// What the config says of a name holds for a token, too; and a token called root is not root.
	for (const id of ['n1', 'n2']) expect((await put(id, 'named')).status).toBe(201);
	expect(await daemon.errorOf('n2')).toContain('the user of the token named, ');
	for (const id of ['r1', 'r2', 'r3']) expect((await put(id, 'root')).status).toBe(201);
	expect(await daemon.errorOf('r3')).toContain('the user of the token root, ');
	for (const id of ['d', 'e', 'f']) {
		daemon.order(id, icmpOrder());
		await daemon.resultOf(id);
	}
});
