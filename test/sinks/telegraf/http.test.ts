/** The sink over HTTP: what is asked for, and what goes wrong on the way. InfluxDB itself: telegraf-influxdb.test.ts. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { freePort } from '../../support/influxd.ts';
import { delivered } from '../shared/delivered.ts';
import { type Asked, FakeInflux } from './fake-influx.ts';
import { never, openEntry } from './sink-harness.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-http-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const line =
	'tunnel,tunnel_id=2 loss=50.000000,max_rtt=0.000015,median_rtt=0.000015,min_rtt=0.000015 1795239970000000000\n';

describe('what is asked for', () => {
	test('InfluxDB 1: database, retention policy, user and password', async () => {
		await using influx = await FakeInflux.start();
		const entry = { database: 'a b', retention_policy: 'week', username: 'ü', password: 'p:w' };
		expect(await influx.write(entry)).toEqual(['taken']);
		const { path, headers, body } = influx.asked[0] as Asked;
		expect(path).toBe('/write?db=a+b&rp=week&precision=ns');
		expect(headers.authorization).toBe(`Basic ${Buffer.from('ü:p:w').toString('base64')}`);
		expect(headers).toMatchObject({
			'user-agent': 'pingmachine/2.0.0',
			'content-length': String(line.length),
		});
		expect(body.toString()).toBe(line);
	});

	test('InfluxDB 2: organisation, bucket and token, which may be in a file', async () => {
		await using influx = await FakeInflux.start();
		const file = join(scratch, 'token');
		writeFileSync(file, 'first\n');
		const entry = { org: 'me', bucket: 'pings', token_file: file };
		await influx.write(entry);
		// The file is read anew with each connection: a token can be changed.
		writeFileSync(file, 'second\n');
		await influx.write(entry);
		await influx.write({ bucket: 'pings', token: 'third' });
		expect(influx.asked.map(({ path }) => path)).toEqual([
			'/api/v2/write?org=me&bucket=pings&precision=ns',
			'/api/v2/write?org=me&bucket=pings&precision=ns',
			'/api/v2/write?bucket=pings&precision=ns',
		]);
		expect(influx.asked.map(({ headers }) => headers.authorization)).toEqual([
			'Token first',
			'Token second',
			'Token third',
		]);
	});

	test('Telegraf’s influxdb_listener, or whatever stands behind a path', async () => {
		await using influx = await FakeInflux.start();
		await influx.write();
		await influx.write({ url: `${influx.url}/some/where?key=value` });
		expect(influx.asked.map(({ path }) => path)).toEqual([
			'/write?precision=ns',
			'/some/where?key=value&precision=ns',
		]);
		expect(influx.asked[0]?.headers.authorization).toBeUndefined();
	});

	test('compressed, when it is wanted, over one connection for many batches', async () => {
		await using influx = await FakeInflux.start();
		const sink = await openEntry({ url: influx.url, individual: 'none', gzip: true });
		for (let i = 0; i < 3; i++) await sink.write([delivered()], never);
		await sink.close();
		expect(influx.asked.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', 'gzip', 'gzip']);
		expect(influx.asked.map(({ body }) => gunzipSync(body).toString())).toEqual([line, line, line]);
		expect(influx.connections).toBe(1);
	});
});

describe('what goes wrong on the way', () => {
	test('nobody listens', async () => {
		const url = `http://127.0.0.1:${await freePort()}`;
		const sink = await openEntry({ url, database: 'x', username: 'u', password: 'very-secret' });
		await expect(sink.write([delivered()], never)).rejects.toThrow(
			`${url}/write?db=x: nothing listens there. Start it, or correct url:`,
		);
		await sink.close();
	});

	test('a server that never answers is given up when the signal fires', async () => {
		const server = createTcpServer((socket) => socket.resume()).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const sink = await openEntry({ url });
		await expect(sink.write([delivered()], AbortSignal.timeout(200))).rejects.toThrow(
			`${url}/write: no answer`,
		);
		await sink.close();
		server.close();
		await once(server, 'close');
	});

	test('a server that closes the connection instead of answering', async () => {
		const server = createTcpServer((socket) => socket.resume().once('data', () => socket.destroy()));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const sink = await openEntry({ url });
		await expect(sink.write([delivered()], never)).rejects.toThrow(`${url}/write: it closed the connection`);
		await sink.close();
		server.close();
	});

	test('a file with a secret that is missing or empty', async () => {
		const missing = join(scratch, 'missing');
		await expect(openEntry({ url: 'http://127.0.0.1', bucket: 'b', token_file: missing })).rejects.toThrow(
			`token_file: cannot read ${missing}: there is no such file. Make it, or correct the path`,
		);
		await expect(openEntry({ url: 'http://127.0.0.1', bucket: 'b', token_file: scratch })).rejects.toThrow(
			`token_file: cannot read ${scratch}: it is a folder. Name a file`,
		);
		writeFileSync(join(scratch, 'empty'), '\n');
		await expect(
			openEntry({ url: 'http://127.0.0.1', username: 'u', password_file: join(scratch, 'empty') }),
		).rejects.toThrow('is empty. Write the secret into it');
	});

	test('https with a certificate of one’s own needs its CA, or no check', async () => {
		const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
		const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
		const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
		execFileSync('openssl', ['req', ...made, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
		const files = { key: execFileSync('cat', [key]), cert: execFileSync('cat', [cert]) };
		await using influx = await FakeInflux.start((listener) => createTlsServer(files, listener));
		const url = `https://127.0.0.1:${influx.port}`;
		const refused = (await influx.write({ url })) as Error;
		expect(refused.message).toMatch(
			/^https:.*: its certificate is not trusted: .*\. Name its CA in tls_ca_file$/,
		);
		expect(await influx.write({ url, tls_ca_file: cert })).toEqual(['taken']);
		expect(await influx.write({ url, tls_verify: false })).toEqual(['taken']);
		expect(influx.asked).toHaveLength(2);
	});
});
