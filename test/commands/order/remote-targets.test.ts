/** Lists of targets that are somewhere else: on a web server, in a set in Redis. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { addOrders } from '../../../src/commands/order/add.ts';
import type { AddOptions } from '../../../src/commands/order/sources.ts';
import { freePort, waitFor } from '../../support/influxd.ts';
import { RedisServer } from '../../support/redis-server.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(folder, 'orders'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ids = () =>
	readdirSync(join(folder, 'orders'), { recursive: true, encoding: 'utf8' })
		.filter((name) => /^list\/[^.]/.test(name))
		.sort();
const order = (id: string) => readFileSync(join(folder, 'orders', id), 'utf8');

async function add(targets: string, more: Partial<AddOptions> = {}, signal = new AbortController().signal) {
	const said = { stderr: '' };
	const ping = { user: 'me', step: '60', pings: '5', probe: 'fping' };
	const options = { basedir: folder, ...ping, targets, prefix: 'list', sync: true, ...more };
	const streams = {
		stdin: Readable.from([]),
		stdout: { write: () => true },
		stderr: {
			write: (text: string) => {
				said.stderr += text;
			},
		},
	};
	const exitCode = await addOrders([], options, { probes: builtInProbes, streams, signal });
	return { exitCode, ...said };
}

test('a set in Redis, as meshping has it, is kept in step; an empty one or a server that is away removes nothing', async () => {
	await using server = await RedisServer.start();
	const url = `redis://127.0.0.1:${server.port}/0`;
	server.cli(
		'SADD',
		'meshping:targets',
		'google@8.8.8.8',
		'google@2001:4860:4860::8888',
		'me@home@192.0.2.7',
	);
	expect((await add(url)).stderr).toContain('there is another target for the order list/google');
	server.cli('SREM', 'meshping:targets', 'google@2001:4860:4860::8888');
	await add(url, { force: true });
	expect(await add(url)).toEqual({ exitCode: 0, stderr: '' });
	expect(ids()).toEqual(['list/google', 'list/me@home']);
	expect(order('list/google')).toContain('host: 8.8.8.8');
	server.cli('SREM', 'meshping:targets', 'google@8.8.8.8');
	await add(url);
	expect(ids()).toEqual(['list/me@home']);
	server.cli('FLUSHALL');
	const emptied = await add(url);
	expect(emptied.exitCode).toBe(1);
	expect(emptied.stderr).toContain(
		`${url}: the set meshping:targets is not there, or there are no targets in it\n`,
	);
	expect(ids()).toEqual(['list/me@home']);
	server.cli('SADD', 'mine', 'other@192.0.2.8');
	await add(`${url}?key=mine`);
	expect(ids()).toEqual(['list/other']);
	const gone = `redis://me:very-secret@127.0.0.1:${await freePort()}`;
	const { exitCode, stderr } = await add(gone);
	expect(exitCode).toBe(1);
	expect(stderr).toMatch(/^redis:\/\/\*\*\*@127\.0\.0\.1:\d+: cannot be read: connect ECONNREFUSED/);
	expect(ids()).toEqual(['list/other']);
});

test('what a web server lists for http_sd is kept in step, with its labels, as long as it is to be kept alive', async () => {
	let groups: unknown = [{ targets: ['192.0.2.1', '192.0.2.2:9100'], labels: { site: 'zrh' } }];
	let status = 200;
	const asked: (string | undefined)[] = [];
	const server = createServer((request, response) => {
		asked.push(request.headers.authorization);
		response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(groups));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const url = `http://me:very-secret@127.0.0.1:${port}/targets`;
	const controller = new AbortController();
	const added = add(url, { keepAlive: true, every: '1' }, controller.signal);
	try {
		const are = (...wanted: string[]) =>
			waitFor(
				() => ids().join() === wanted.map((id) => `list/${id}`).join(),
				() => ids().join(),
			);
		await are('192.0.2.1', '192.0.2.2');
		expect(order('list/192.0.2.2')).toMatch(/site: zrh/);
		groups = [{ targets: ['192.0.2.2'] }, { targets: ['192.0.2.3'] }];
		await are('192.0.2.2', '192.0.2.3');
		status = 500;
		const before = asked.length;
		await waitFor(
			() => asked.length > before + 1,
			() => 'it is not asked again',
		);
		await are('192.0.2.2', '192.0.2.3');
		status = 200;
		groups = [];
		await are();
	} finally {
		controller.abort();
		server.close();
		server.closeAllConnections();
	}
	const { stderr } = await added;
	expect(stderr).toContain(
		`http://***@127.0.0.1:${port}/targets: HTTP 500. Correct the URL, or what is there\n`,
	);
	expect(stderr).not.toContain('very-secret');
	expect(asked[0]).toBe(`Basic ${Buffer.from('me:very-secret').toString('base64')}`);
});
