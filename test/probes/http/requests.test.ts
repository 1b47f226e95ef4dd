/** What is asked of servers, and what is expected of their answers. */
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { onBusyMachine } from '../../support/busy.ts';
import { WebServers } from '../../support/web-servers.ts';
import { http, lost, measure, pinged } from './rig.ts';

const servers = new WebServers();
afterAll(async () => {
	await servers.close();
	await http.close?.();
});
const url = async (address: Promise<string> | string, path = '/') => `http://${await address}${path}`;

describe('what is asked', onBusyMachine, () => {
	test('method, headers and body go to the server, on a new connection each time', async () => {
		const seen: unknown[] = [];
		const ports = new Set<number | undefined>();
		const site = await url(
			servers.http((request, response) => {
				ports.add(request.socket.remotePort);
				let body = '';
				request.on('data', (chunk) => {
					body += chunk;
				});
				request.on('end', () => {
					const { method, url: path, headers } = request;
					seen.push({
						method,
						path,
						body,
						agent: headers['user-agent'],
						own: headers['x-own'],
						host: headers.host,
					});
					response.end();
				});
			}),
			'/a?b=c#d',
		);
		const options = { url: site, method: 'put', headers: { 'X-Own': 1, Host: 'other.example' }, body: 'é' };
		await measure(options, { pings: 2 });
		const expected = { method: 'PUT', path: '/a?b=c', body: 'é', agent: 'pingmachine/0.0.0-test', own: '1' };
		expect(seen).toEqual([1, 2].map(() => ({ ...expected, host: 'other.example' })));
		expect(ports.size).toBe(2);
	});

	test('HTTP/2 without TLS, to a server that speaks nothing else', async () => {
		const server = createHttp2Server((request, response) => {
			response.writeHead(request.method === 'POST' ? 201 : 200);
			request.on('data', (chunk) => response.write(chunk)).on('end', () => response.end('!'));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
		expect(
			await pinged({ url: site, http_version: 2, method: 'POST', body: 'hello', match: '^hello!$' }),
		).toMatchObject({
			rtt: expect.any(Number),
			facts: { status_code: 201, http_version: '2', body_bytes: 6 },
		});
		expect((await pinged({ url: site })).rtt).toBeNull();
		server.close();
		const other = await url(servers.http((_request, response) => response.end()));
		expect((await pinged({ url: other, http_version: '2' })).rtt).toBeNull();
	});

	test('redirects are followed, to a limit, or not', async () => {
		const site = await url(
			servers.http((request, response) => {
				const left = Number(request.url?.slice(1));
				if (left === 0) response.end(`by ${request.method}`);
				else response.writeHead(302, { location: `/${left - 1}` }).end();
			}),
			'/3',
		);
		const followed = { rtt: expect.any(Number), facts: { redirects: 3, status_code: 200 } };
		expect(await pinged({ url: site, redirects: true, match: 'by GET' })).toMatchObject(followed);
		expect(await pinged({ url: site, method: 'POST', body: 'x', match: 'by GET' })).toMatchObject(followed);
		expect(await pinged({ url: site, redirects: 3 })).toMatchObject(followed);
		expect(await pinged({ url: site, redirects: 2 })).toEqual(lost('more than 2 redirects'));
		expect(await pinged({ url: site, redirects: false })).toMatchObject({
			rtt: expect.any(Number),
			facts: { redirects: 0, status_code: 302 },
		});
		const circle = await url(
			servers.http((_request, response) => response.writeHead(301, { location: '/' }).end()),
		);
		expect(await pinged({ url: circle })).toEqual(lost('more than 10 redirects'));
	});

	test('a name is where the order says, and the server hears the name', async () => {
		const address = await servers.http((request, response) => response.end(request.headers.host));
		const site = `http://www.example.net:${address.split(':')[1]}/`;
		const { rtt, facts } = await pinged({ url: site, resolve: '127.0.0.1', match: '^www.example.net:\\d+$' });
		expect(rtt).not.toBeNull();
		expect(facts).toMatchObject({ address: '127.0.0.1' });
		expect(facts).not.toHaveProperty('dns');
	});

	test('the address to connect from is that of the order', async () => {
		const from: unknown[] = [];
		const site = await url(
			servers.http((request, response) => {
				from.push(request.socket.remoteAddress);
				response.end();
			}),
		);
		await pinged({ url: site, source_ip: '127.0.0.9' });
		expect(from).toEqual(['127.0.0.9']);
	});

	test('a proxy gets the whole URL, and its own password', async () => {
		const seen: unknown[] = [];
		const proxy = await servers.proxy(({ method, url: path, headers }) =>
			seen.push([method, path, headers['proxy-authorization'], headers.authorization]),
		);
		const site = 'http://joe:secret@www.example.net/a';
		expect((await pinged({ url: site, proxy: `me:word@${proxy}` })).rtt).not.toBeNull();
		const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
		expect(seen).toEqual([['GET', 'http://www.example.net/a', basic('me:word'), basic('joe:secret')]]);
	});
});

describe('what is expected', onBusyMachine, () => {
	test('status, patterns and JSON', async () => {
		const site = await url(
			servers.http((request, response) => {
				response.statusCode = Number(request.url?.slice(1) || 200);
				response.end('{"state": "up", "checks": [{"ok": true, "left": 7}]}');
			}),
		);
		const fine: readonly Record<string, unknown>[] = [
			{ status: 200 },
			{ match: ['"up"', '(?i)STATE'], not_match: 'down' },
			{ json: { path: 'checks[0].left', value: 7 } },
			{ json: [{ path: '$.state', value: 'up' }, { path: 'checks' }] },
		];
		for (const more of fine)
			expect((await pinged({ url: site, ...more })).rtt, JSON.stringify(more)).not.toBeNull();
		const bad: readonly (readonly [Record<string, unknown>, string])[] = [
			[{ status: '300-399' }, 'status 200'],
			[{ match: 'down' }, 'no match of down'],
			[{ not_match: ['down', 'u.'] }, 'matches u.'],
			[{ json: { path: 'checks[1]' } }, 'JSON has no checks[1]'],
			[{ json: { path: 'state', value: 'down' } }, 'JSON: state is up'],
			[{ json: { path: 'checks', value: 'x' } }, 'JSON: checks is a list'],
		];
		for (const [more, reason] of bad) expect(await pinged({ url: site, ...more })).toEqual(lost(reason));
		const failing = await pinged({ url: `${site}503` });
		expect(failing).toEqual(lost('status 503'));
		expect(failing.facts['status_code']).toBe(503);
	});

	test('a pattern that would run for ever is stopped: unknown', async () => {
		const site = await url(servers.http((_request, response) => response.end(`${'a'.repeat(5000)}b`)));
		expect(await measure({ url: site, match: '(a+)+$' })).toEqual({
			failure: expect.stringContaining('takes too long'),
			code: 'limited',
		});
	});

	test('a body that was packed all the same', async () => {
		const site = await url(
			servers.http((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')),
		);
		expect(await pinged({ url: site, match: 'x' })).toEqual(lost('body is gzip, which was not asked for'));
		expect((await pinged({ url: site })).rtt).not.toBeNull();
	});
});
