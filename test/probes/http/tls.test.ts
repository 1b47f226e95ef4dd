/** TLS and certificates, of servers with certificates of the test's own. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onBusyMachine } from '../../support/busy.ts';
import { WebServers } from '../../support/web-servers.ts';
import { http, lost, measure, pinged, tlsFile, tlsText } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-http-'));
const settings = { secret_folders: [folder] };
const key = tlsText('key');
const ca = { tls_ca_file: tlsFile('root') };
const servers = new WebServers();
const open: { close(): unknown }[] = [];

/** Tells what it heard of the client, by HTTP/2 and HTTP/1.1. */
async function server(certificate: string, more: Record<string, unknown> = {}): Promise<string> {
	const one = createSecureServer(
		{ key, cert: tlsText(certificate), allowHTTP1: true, ...more },
		(request, response) => {
			const socket = request.stream?.session?.socket ?? request.socket;
			const { servername, authorized } = socket as TLSSocket & { servername: string };
			response.end(
				JSON.stringify({ servername, authorized, authorization: request.headers.authorization ?? null }),
			);
		},
	);
	one.on('sessionError', () => {}).on('tlsClientError', () => {});
	return listening(one);
}

async function listening(one: ReturnType<typeof createTlsServer>): Promise<string> {
	open.push(one);
	await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', () => resolve()));
	return `localhost:${(one.address() as AddressInfo).port}`;
}

let good = '';
beforeAll(async () => {
	good = await server('chain');
});
afterAll(async () => {
	for (const one of open) one.close();
	await servers.close();
	await http.close?.();
	rmSync(folder, { recursive: true });
});

describe('certificates', onBusyMachine, () => {
	test('one of an own authority is valid with it, and its facts are told; the intermediate ends first', async () => {
		const { rtt, facts } = await pinged({ url: `https://${good}/`, ...ca });
		expect(rtt).not.toBeNull();
		const endSeconds = Date.parse('Sep  2 19:02:07 2081 GMT') / 1000;
		expect(Number(facts['certificate_left']) + Date.now() / 1000).toBeCloseTo(endSeconds, -2);
		expect(facts).toMatchObject({
			certificate_subject: 'CN=localhost, O=Example',
			certificate_issuer: 'CN=Test intermediate, O=Example',
			tls_version: 'TLSv1.3',
			tls_cipher: expect.stringMatching(/^TLS_/),
			tls: expect.any(Number),
			http_version: '2',
		});
	});

	test('what is not valid is lost, says why, and tells its facts all the same', async () => {
		expect(await pinged({ url: `https://${good}/` })).toEqual(lost('certificate of an unknown authority'));
		const other = `https://${good.replace('localhost', '127.0.0.1')}/`;
		expect(await pinged({ url: other, ...ca })).toEqual(lost('certificate is for another name'));
		expect((await pinged({ url: other, ...ca, tls_server_name: 'www.example.net' })).rtt).not.toBeNull();
		const expired = await pinged({ url: `https://${await server('expired')}/`, ...ca });
		expect(expired).toEqual(lost('certificate has expired'));
		expect(Number(expired.facts['certificate_left'])).toBeLessThan(-86_400);
		const own = `https://${await server('certificate')}/`;
		expect(await pinged({ url: own })).toEqual(lost('certificate is signed by itself'));
		expect((await pinged({ url: own, tls_verify: false })).rtt).not.toBeNull();
	});

	test('the name is told to the server (SNI)', async () => {
		const port = good.split(':')[1];
		const url = `https://www.example.net:${port}/`;
		const match = '"servername":"www.example.net"';
		for (const http_version of ['1.1', 2])
			expect((await pinged({ url, ...ca, resolve: '127.0.0.1', match, http_version })).rtt).not.toBeNull();
	});

	test('a server that answers only who tells its name', async () => {
		const strict = await server('chain', {
			SNICallback: (name: string, done: (error: Error | null) => void) =>
				done(name === 'localhost' ? null : new Error('who is that?')),
		});
		expect((await pinged({ url: `https://${strict}/`, ...ca })).rtt).not.toBeNull();
	});

	test('no TLS, a handshake that breaks off, and one without a version in common', async () => {
		const plain = await servers.http((_request, response) => response.end());
		expect((await pinged({ url: `https://${plain}/` })).facts['loss_reason']).toMatch(/^TLS: /);
		const closes = await servers.tcp((socket) => socket.end());
		expect(await pinged({ url: `https://${closes}/` })).toEqual(lost('closed in the TLS handshake'));
		const resets = await servers.tcp((socket) => socket.resetAndDestroy());
		expect(await pinged({ url: `https://${resets}/` })).toEqual(
			lost('connection reset in the TLS handshake'),
		);
		const only1 = await listening(
			createTlsServer({ key, cert: tlsText('chain'), ALPNProtocols: ['http/1.1'] }),
		);
		expect((await pinged({ url: `https://${only1}/`, ...ca, http_version: 2 })).facts['loss_reason']).toMatch(
			/^TLS: |^the server does not speak HTTP\/2/,
		);
	});
});

describe('secrets', onBusyMachine, () => {
	const file = (name: string, text: string) => {
		writeFileSync(join(folder, name), text);
		return join(folder, name);
	};

	test('a password, a token and a client certificate come from files', async () => {
		const strict = await server('chain', {
			requestCert: true,
			ca: tlsText('root'),
			rejectUnauthorized: false,
		});
		const url = `https://${strict}/`;
		const basic = Buffer.from('joe:word').toString('base64');
		const cases = [
			[
				{ username: 'joe', password_file: file('password', 'word\n') },
				{ path: 'authorization', value: `Basic ${basic}` },
			],
			[{ token_file: file('token', 'abc.def') }, { path: 'authorization', value: 'Bearer abc.def' }],
			[
				{ tls_cert_file: file('crt', tlsText('chain')), tls_key_file: file('key', key) },
				{ path: 'authorized', value: true },
			],
			[{}, { path: 'authorized', value: false }],
		] as const;
		for (const [more, json] of cases)
			expect(
				(await pinged({ url, ...ca, ...more, json }, { settings })).facts['loss_reason'],
			).toBeUndefined();
	});

	test('they do not go where a redirect leads', async () => {
		const seen: unknown[] = [];
		const elsewhere = await servers.http(({ headers }, response) => {
			seen.push(headers.authorization, headers.cookie, headers['x-own']);
			response.end();
		});
		const here = await servers.http((_request, response) =>
			response.writeHead(302, { location: `http://${elsewhere}/` }).end(),
		);
		const headers = { Cookie: 'a=b', 'X-Own': 'c' };
		expect((await pinged({ url: `http://joe:word@${here}/`, headers })).rtt).not.toBeNull();
		expect(seen).toEqual([undefined, undefined, 'c']);
	});

	test('files elsewhere, links to elsewhere and what is no file are refused', async () => {
		const url = `https://${good}/`;
		const refused = (options: Record<string, string>, message: RegExp) =>
			expect(measure({ url, ...options }, { settings })).rejects.toThrow(message);
		symlinkSync('/etc/hostname', join(folder, 'link'));
		await refused(
			{ token_file: '/etc/hostname' },
			/^token_file: \/etc\/hostname is not below .*secret_folders/,
		);
		await refused({ token_file: join(folder, 'link') }, /is not below/);
		await refused({ token_file: join(folder, '..', 'x') }, /cannot read .*: there is no such file/);
		await refused({ token_file: file('empty', '\n') }, /is empty/);
		await refused({ token_file: file('words', 'two words') }, /more than a token/);
		await refused({ tls_ca_file: folder }, /is not a file/);
		await refused({ tls_ca_file: file('long', 'x'.repeat(2 ** 20 + 1)) }, /longer than/);
		const odd = file('odd', 'no certificate');
		const result = await measure({ url, tls_cert_file: odd, tls_key_file: odd }, { settings });
		expect(result).toMatchObject({
			failure: expect.stringMatching(/^tls_cert_file and tls_key_file: /),
			code: 'refused_here',
		});
	});
});

describe('a proxy', onBusyMachine, () => {
	test('makes a tunnel, or does not', async () => {
		const heard: unknown[] = [];
		const proxy = await servers.proxy(({ method, headers }) =>
			heard.push(method, headers['proxy-authorization']),
		);
		const port = good.split(':')[1];
		const site = { url: `https://localhost:${port}/`, ...ca };
		expect((await pinged({ ...site, proxy: `me:word@${proxy}` })).rtt).not.toBeNull();
		expect(heard).toEqual(['CONNECT', `Basic ${Buffer.from('me:word').toString('base64')}`]);
		const says = (text: string) => servers.tcp((socket) => socket.end(text));
		const denies = await says('HTTP/1.1 407 Who are you?\r\n\r\n');
		expect(await pinged({ ...site, proxy: denies })).toEqual(lost('proxy: status 407'));
		expect(await pinged({ ...site, proxy: await says('hello\r\n\r\n') })).toEqual(lost('not an HTTP proxy'));
		expect(await pinged({ ...site, proxy: await says('') })).toEqual(lost('closed by the proxy'));
	});
});
