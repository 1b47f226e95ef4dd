/** What people see of the web server: the summary, and logging in. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';
import { icmpOrder, patient, startWebDaemon } from '../support/web-daemon.ts';

const header =
	'Target                    Address                    Sent  Recv   Succ    Loss      Min    Avg15m     Avg6h    Avg24h       Max      Last';

const rowOf = (table: string, id: string) =>
	table
		.split('\n')
		.find((line) => line.startsWith(`${id} `))
		?.split(/\s+/) ?? [];

test('the summary counts on from the files, and status says the same', async () => {
	await using daemon = new Daemon();
	daemon.order('core/a', icmpOrder());
	await daemon.start();
	const first = await daemon.resultOf('core/a');
	await daemon.resultOf('core/a', ({ time }) => time >= first.time + 4);
	await daemon.stop();
	const status = (...more: string[]) =>
		spawnSync(process.execPath, [cli, 'status', '--summary', '--basedir', daemon.baseDir, ...more], {
			encoding: 'utf8',
		});
	const before = status();
	expect(before.stdout.split('\n')[0]).toBe(header);
	const told = rowOf(before.stdout, 'core/a');
	expect(Number(told[2])).toBeGreaterThanOrEqual(6);
	expect(told.slice(1, 6)).toEqual(['127.0.0.1', told[2], told[2], '100.00%', '0.00%']);
	expect(told.slice(6).every((value) => Number(value) >= 0)).toBe(true);
	expect(told).toHaveLength(12);
	expect(status('--json')).toMatchObject({
		status: 1,
		stderr: expect.stringContaining('--summary and --json'),
	});

	const { address } = await startWebDaemon(daemon);
	const sent = async () => Number(rowOf(await (await fetch(address)).text(), 'core/a')[2]);
	const atFirst = await sent();
	expect(atFirst).toBeGreaterThanOrEqual(Number(told[2]));
	await expect.poll(sent, patient).toBeGreaterThan(atFirst);
	const page = await fetch(address, { headers: { accept: 'text/html' } });
	expect(page.headers.get('content-type')).toContain('text/html');
	expect(await page.text()).toContain('core/a');
});

test('a browser logs in with a token, and out again', async () => {
	await using daemon = new Daemon();
	daemon.order('core/a', icmpOrder());
	const { address, tokens } = await startWebDaemon(daemon, { joe: ['read', 'order'] });
	const html = { accept: 'text/html', connection: 'close' };
	const get = (path: string, headers: Record<string, string> = {}) =>
		fetch(address + path, { redirect: 'manual', headers });
	const sentAway = await get('/?x=1', html);
	expect(sentAway.status).toBe(401);
	expect(await sentAway.text()).toContain('name="to" value="/?x=1"');
	expect(await (await get('/login?to=%2F%3Fx%3D1')).text()).toContain('value="/?x=1"');
	expect(await (await get('/login?to=//evil.example')).text()).toContain('value="/"');
	const logIn = (token: string, headers: Record<string, string> = {}) =>
		fetch(`${address}/login`, {
			...{ method: 'POST', redirect: 'manual', headers },
			body: new URLSearchParams({ token, to: '/?x=1' }),
		});
	const wrong = await logIn('nonsense');
	expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
	expect((await logIn(tokens['joe'] ?? '', { origin: 'http://evil.example' })).status).toBe(403);
	const right = await logIn(tokens['joe'] ?? '');
	expect([right.status, right.headers.get('location')]).toEqual([303, '/?x=1']);
	const set = right.headers.get('set-cookie') ?? '';
	expect(set).toMatch(/; HttpOnly; SameSite=Strict$/);
	expect(set).toContain('Max-Age=43200');
	const cookie = set.split(';')[0] ?? '';
	expect(await (await get('/', { ...html, cookie })).text()).toContain('Log out');

	const session = (await (await get('/api/v1/session', { cookie })).json()) as { name: string; page: string };
	expect(session).toMatchObject({ name: 'joe', scopes: ['read', 'order'] });
	const put = (headers: Record<string, string>) =>
		fetch(`${address}/api/v1/orders/joe%2Fx`, {
			...{ method: 'PUT', headers: { cookie, 'content-type': 'application/json', ...headers } },
			body: icmpOrder({ user: 'joe' }),
		});
	expect((await put({})).status).toBe(403);
	expect(existsSync(daemon.path('orders/joe/x'))).toBe(false);
	expect((await put({ 'x-pingmachine-page': session.page })).status).toBe(201);
	const out = await fetch(`${address}/logout`, { method: 'POST', redirect: 'manual', headers: { cookie } });
	expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
});

test('alone on a copy it reads, and changes nothing', async () => {
	const copy = mkdtempSync(join(tmpdir(), 'pingmachine-copy-'));
	try {
		await using daemon = new Daemon();
		daemon.order('core/a', icmpOrder());
		await daemon.start();
		const result = await daemon.resultOf('core/a');
		await daemon.stop();
		for (const folder of ['orders', 'output', 'archive'])
			cpSync(daemon.path(folder), join(copy, folder), { recursive: true });
		const args = [cli, 'web', '--basedir', copy, '--listen', '127.0.0.1:0'];
		const web = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
		try {
			let said = '';
			web.stderr.on('data', (text) => {
				said += text;
			});
			const address = () => /web: listens on (http:[^\s,]+)/.exec(said)?.[1];
			await expect.poll(address, patient).toBeDefined();
			const url = `${address()}/api/v1/orders`;
			const ids = async () =>
				((await (await fetch(url)).json()) as { orders: { id: string }[] }).orders.map(({ id }) => id);
			await expect.poll(ids, patient).toEqual(['core/a']);
			expect(await (await fetch(`${url}/core%2Fa/last`)).json()).toMatchObject({ time: result.time });
			expect(await (await fetch(`${url}/core%2Fa/explain`)).json()).toMatchObject({ id: 'core/a' });
			expect(rowOf(await (await fetch(address() ?? '')).text(), 'core/a')[1]).toBe('127.0.0.1');
			expect((await fetch(`${url}/core%2Fa`, { method: 'DELETE' })).status).toBe(401);
			expect((await fetch(`${address()}/api/v1/daemon`)).status).toBe(503);
			expect(existsSync(join(copy, 'orders/core/a'))).toBe(true);
		} finally {
			web.kill('SIGTERM');
			await once(web, 'exit');
		}
	} finally {
		rmSync(copy, { recursive: true, force: true });
	}
});
