import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { PublicPart } from '../../../src/config/web-setting.ts';
import { pageSecret, sessionFor } from '../../../src/web/access/sessions.ts';
import { newToken, readTokens } from '../../../src/web/access/tokens.ts';
import { TokensFile } from '../../../src/web/access/tokens-file.ts';
import { Admission, pageSecretHeader } from '../../../src/web/server/admission.ts';
import { answerJson, answerText } from '../../../src/web/server/answers.ts';
import { PathTable } from '../../../src/web/server/path-table.ts';
import { RequestFault, type Route } from '../../../src/web/server/route.ts';
import { openWebServer, type WebServer } from '../../../src/web/server/web-server.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-web-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const reader = newToken('reader', ['read']);
const writer = newToken('writer', ['read', 'order']);
const { tokens } = readTokens(reader.line + writer.line);

const routes: readonly Route[] = [
	{
		...{ method: 'GET', path: '/-/healthy', part: 'health', scope: 'read' },
		handle: ({ response }) => answerText(response, 200, 'ok\n'),
	},
	{
		...{ method: 'GET', path: '/orders/:id/last', part: 'api', scope: 'read' },
		handle: ({ response, path, query }) =>
			answerJson(response, 200, { id: path['id'], query: Object.fromEntries(query) }),
	},
	{
		...{ method: 'PUT', path: '/orders/:id', part: 'api', scope: 'order', bodyMax: 1000 },
		handle: async ({ response, body, who }) =>
			answerJson(response, 200, { bytes: (await body()).length, who: who?.name }),
	},
	{
		...{ method: 'GET', path: '/fault', part: null, scope: 'read' },
		handle: () => {
			throw new Error('secret detail');
		},
	},
	{
		...{ method: 'GET', path: '/large', part: null, scope: 'read' },
		handle: ({ response }) => answerText(response, 200, 'x'.repeat(50_000_000)),
	},
];

const log: string[] = [];
let server: WebServer | null = null;
afterEach(() => {
	server?.close();
	log.length = 0;
});

const note = (message: string) => void log.push(message);

async function serve({
	parts = ['health'] as readonly PublicPart[],
	tokensFile = '/tokens' as string | null,
	tls = null as { certFile: string; keyFile: string } | null,
	listen = [{ host: '127.0.0.1', port: 0 }] as ({ host: string; port: number } | { path: string })[],
	limits = { connections: 50, headerMs: 2000, requestMs: 2000, idleMs: 2000 },
} = {}) {
	const admission = new Admission(
		{ public: parts, hosts: ['ping.example.net'], tokensFile },
		() => tokens,
		() => Date.now() / 1000,
	);
	const logs = { error: note, info: note, warn: note };
	server = await openWebServer({ settings: { listen, tls }, routes, admission, log: logs, limits });
	return server.addresses;
}

async function ask(address: string | undefined, path: string, options: RequestInit = {}) {
	const response = await fetch(`${address}${path}`, options);
	return { status: response.status, headers: response.headers, text: await response.text() };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('who may do what', () => {
	test('what is public needs no token, all else one of its scope', async () => {
		const [address] = await serve();
		expect(await ask(address, '/-/healthy')).toMatchObject({ status: 200, text: 'ok\n' });
		const refused = await ask(address, '/orders/a/last');
		expect(refused.status).toBe(401);
		expect(refused.headers.get('www-authenticate')).toContain('Bearer');
		expect((await ask(address, '/orders/a/last', { headers: bearer(reader.token) })).status).toBe(200);
		expect((await ask(address, '/-/healthy', { headers: bearer('nonsense') })).status).toBe(401);
		const put = (token: string) =>
			ask(address, '/orders/a', { method: 'PUT', body: '12345', headers: bearer(token) });
		expect(await put(reader.token)).toMatchObject({
			status: 403,
			text: expect.stringContaining('scope order'),
		});
		expect(JSON.parse((await put(writer.token)).text)).toEqual({ bytes: 5, who: 'writer' });
	});

	test('public never opens what changes something', async () => {
		const [address] = await serve({ parts: ['api', 'pages'] });
		expect((await ask(address, '/orders/a/last')).status).toBe(200);
		expect((await ask(address, '/orders/a', { method: 'PUT', body: 'x' })).status).toBe(401);
	});

	test('without tokens nothing can be changed, and the remedy is told', async () => {
		const [address] = await serve({ parts: ['api'], tokensFile: null });
		const refused = await ask(address, '/orders/a', { method: 'PUT', body: 'x' });
		expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('pingmachine web token') });
	});

	test('a session may read, and change only with the second value of its page', async () => {
		const [address] = await serve();
		const holder = tokens.find(({ name }) => name === 'writer');
		if (holder === undefined) throw new Error('no writer');
		const session = sessionFor(holder, Date.now() / 1000);
		const cookie = { cookie: `pingmachine_session=${session}` };
		expect((await ask(address, '/orders/a/last', { headers: cookie })).status).toBe(200);
		const put = (headers: Record<string, string>) =>
			ask(address, '/orders/a', { method: 'PUT', body: 'x', headers: { ...cookie, ...headers } });
		expect(await put({})).toMatchObject({ status: 403, text: expect.stringContaining('page') });
		expect((await put({ [pageSecretHeader]: pageSecret(holder, session) })).status).toBe(200);
	});

	test('a page of another site that leads its name to us reads nothing', async () => {
		const [address = ''] = await serve({ parts: ['api', 'health'] });
		const { port } = new URL(address);
		const status = (host: string, headers = {}) =>
			new Promise((resolve) => {
				request({ host: '127.0.0.1', port, path: '/-/healthy', headers: { host, ...headers } }, (answer) =>
					resolve(answer.resume().statusCode),
				).end();
			});
		expect(await status('evil.example')).toBe(421);
		expect(await status('ping.example.net')).toBe(200);
		expect(await status('evil.example', bearer(reader.token))).toBe(200);
	});
});

describe('what is asked', () => {
	test('an id is one part of the path, percent-encoded', async () => {
		const [address] = await serve({ parts: ['api'] });
		const { text } = await ask(address, '/orders/core%2Frouter%201%2F%C3%A9/last?a=1&b=%20x');
		expect(JSON.parse(text)).toEqual({ id: 'core/router 1/é', query: { a: '1', b: ' x' } });
		expect((await ask(address, '/orders/%ff/last')).status).toBe(400);
		expect((await ask(address, '/orders/a/b/last')).status).toBe(404);
		expect((await ask(address, '/orders/:id/last')).text).toContain('":id"');
		expect(await ask(address, '/orders/a/last', { method: 'DELETE' })).toMatchObject({ status: 405 });
		expect((await ask(address, '/orders/a/last', { method: 'DELETE' })).headers.get('allow')).toBe('GET');
		expect((await ask(address, `/orders/${'a'.repeat(15_000)}/last`)).status).toBe(414);
	});

	test('a table does not take two routes of one path', () => {
		const [one] = routes;
		if (one === undefined) throw new Error('no route');
		expect(() => new PathTable([one, one])).toThrow('two routes');
	});

	test('a body is read up to what the route takes', async () => {
		const [address] = await serve();
		const put = (body: string | ReadableStream) => {
			const init = { method: 'PUT', body, headers: bearer(writer.token), duplex: 'half' };
			return ask(address, '/orders/a', init as RequestInit);
		};
		expect((await put('x'.repeat(1000))).status).toBe(200);
		expect(await put('x'.repeat(1001))).toMatchObject({
			status: 413,
			text: expect.stringContaining('1000 bytes'),
		});
		const chunked = new ReadableStream({
			pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(600))),
		});
		expect((await put(chunked)).status).toBe(413);
		const get = await ask(address, '/orders/a/last', { headers: bearer(writer.token) });
		expect(get.headers.get('x-content-type-options')).toBe('nosniff');
	});

	test('a fault of ours goes to the log, not to the client', async () => {
		const [address] = await serve();
		expect(await ask(address, '/fault')).toMatchObject({
			status: 500,
			text: expect.not.stringContaining('secret'),
		});
		expect(log.join()).toContain('secret detail');
		expect(new RequestFault(400, 'x').details).toEqual({});
	});
});

describe('those who take long', () => {
	test('a half request, a silent reader and too many connections harm nobody', async () => {
		const [address = ''] = await serve({
			limits: { connections: 20, headerMs: 500, requestMs: 500, idleMs: 500 },
		});
		const port = Number(new URL(address).port);
		const closed = (first: string) =>
			new Promise<void>((resolve) => {
				const socket = connect(port, '127.0.0.1', () => socket.write(first));
				socket.on('error', () => {}).on('close', () => resolve());
				// What comes is not read: only the end is noticed, when the server gives up.
				if (first.includes('large')) socket.pause();
				else socket.resume();
				if (first.includes('large')) setTimeout(() => socket.resume(), 4000);
			});
		await Promise.all([
			closed('GET /-/healthy HTTP/1.1\r\nhost: 127.0.0.1\r\n'),
			closed('GET /large HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'),
			closed('nonsense\r\n\r\n'),
			...Array.from({ length: 30 }, () => closed('')),
		]);
		expect((await ask(address, '/-/healthy')).status).toBe(200);
	});
});

describe('where it listens', () => {
	test('on several addresses and a socket, also where a killed one left its socket', async () => {
		const path = join(scratch, 'web.sock');
		const addresses = await serve({
			listen: [{ host: '127.0.0.1', port: 0 }, { host: '::1', port: 0 }, { path }],
		});
		expect(addresses.map((address) => address.replace(/\d+$/, 'PORT'))).toEqual([
			'http://127.0.0.1:PORT',
			'http://[::1]:PORT',
			`unix:${path}`,
		]);
		expect((await ask(addresses[1], '/-/healthy')).status).toBe(200);
	});

	test('an address that is taken is told, with the key', async () => {
		const [address = ''] = await serve();
		const first = server;
		const taken = { host: '127.0.0.1', port: Number(new URL(address).port) };
		await expect(serve({ listen: [taken] })).rejects.toThrow(
			/web: cannot listen on 127.0.0.1 port \d+: something else listens there.*listen:/,
		);
		first?.close();
	});

	test('with TLS', async () => {
		const [certFile, keyFile] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')];
		const made = spawnSync('openssl', [
			...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
			...['-keyout', keyFile, '-out', certFile, '-subj', '/CN=localhost', '-days', '2'],
		]);
		expect(made.status).toBe(0);
		const [address = ''] = await serve({ tls: { certFile, keyFile } });
		expect(address).toMatch(/^https:/);
		const status = await new Promise((resolve, reject) => {
			const asked = requestTls(`${address}/-/healthy`, { rejectUnauthorized: false }, (answer) =>
				resolve(answer.resume().statusCode),
			);
			asked.on('error', reject).end();
		});
		expect(status).toBe(200);
	});
});

describe('the file of tokens', () => {
	test('is read again when it changes, and grants nothing when it is away', async () => {
		const path = join(scratch, 'tokens');
		writeFileSync(path, reader.line);
		chmodSync(path, 0o600);
		const file = new TokensFile(path, note);
		expect(file.tokens().map(({ name }) => name)).toEqual(['reader']);
		expect(log).toEqual([]);
		writeFileSync(path, `${reader.line}${writer.line}nonsense\n`);
		chmodSync(path, 0o644);
		await expect.poll(() => file.tokens().length, { timeout: 60_000 }).toBe(2);
		expect(log).toHaveLength(1);
		expect(log[0]).toMatch(/line 3: .*; can be read by others: chmod 600/);
		rmSync(path);
		await expect.poll(() => file.tokens().length, { timeout: 60_000 }).toBe(0);
		expect(log[1]).toContain('ENOENT');
	});
});
