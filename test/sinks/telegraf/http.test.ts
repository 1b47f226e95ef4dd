/** The sink over HTTP: what is asked for, and what follows from each answer. InfluxDB itself: telegraf-influxdb.test.ts. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { SinkBusy, SinkRefusal } from '../../../src/model/sink.ts';
import { freePort } from '../../support/influxd.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openEntry } from './sink-harness.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-http-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Asked {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

/** Answers every request alike, and remembers it. */
class FakeInflux {
	readonly asked: Asked[] = [];
	connections = 0;
	status = 204;
	headers: Record<string, string> = {};
	body = '';
	readonly #server: Server;

	private constructor(make: (listener: RequestListener) => Server) {
		this.#server = make(async (request, response) => {
			const pieces: Buffer[] = [];
			for await (const piece of request) pieces.push(piece);
			this.asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces) });
			response.writeHead(this.status, this.headers).end(this.body);
		});
		this.#server.on('connection', () => this.connections++).on('secureConnection', () => this.connections++);
	}

	static async start(make: (listener: RequestListener) => Server = createServer): Promise<FakeInflux> {
		const fake = new FakeInflux(make);
		fake.#server.listen(0, '127.0.0.1');
		await once(fake.#server, 'listening');
		return fake;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** Writes one measurement, and returns what it came to. */
	async write(entry: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
		const sink = await openEntry({ url: this.url, individual: 'none', ...entry });
		const outcome = await sink.write([delivered()], never).catch((error: unknown) => error);
		await sink.close();
		return outcome;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}
}

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

describe('what follows from the answer', () => {
	test.each([
		[400, {}, '{"error":"unable to parse \'x\': missing fields"}', "unable to parse 'x': missing fields"],
		[
			400,
			{},
			`{"error":"unable to parse 'partial\\\\ write: x': missing fields"}`,
			"unable to parse 'partial\\ write: x': missing fields",
		],
		[422, {}, '{"code":"unprocessable entity","message":"outside retention"}', 'outside retention'],
		[413, {}, 'too large', 'too large'],
	])('HTTP %i refuses the batch: %j %s', async (status, headers, body, said) => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, { status, headers, body });
		const outcome = await influx.write();
		expect(outcome).toBeInstanceOf(SinkRefusal);
		expect((outcome as SinkRefusal).refusedOnly).toBeNull();
		expect((outcome as Error).message).toBe(`${influx.url}/write: HTTP ${status}: ${said}`);
	});

	/** Three lines each. */
	const four = ['a', 'b', 'c', 'd'].map((number) => delivered({ tags: { number }, rtts: [0.1, 0.2] }));
	const linesIn = (influx: FakeInflux) => influx.asked[0]?.body.toString().trimEnd().split('\n') ?? [];
	/** What the same batch comes to when the answer is made of its lines. */
	async function verdictsFor(bodyOf: (lines: readonly string[]) => object): Promise<unknown> {
		await using influx = await FakeInflux.start();
		const sink = await openEntry({ url: influx.url });
		await sink.write(four, never);
		Object.assign(influx, { status: 400, body: JSON.stringify(bodyOf(linesIn(influx))) });
		const outcome = await sink.write(four, never).catch((error: unknown) => error);
		await sink.close();
		return outcome;
	}

	test('what a bad line swallowed is found in the answer, and written again; that line is refused', async () => {
		const verdicts = await verdictsFor((lines) => ({
			error: `partial write: unable to parse '${lines.slice(3, 8).join('\n')}': missing fields dropped=0`,
		}));
		const refused = expect.stringMatching(/^unable to parse 'tunnel,number=b loss.*': missing fields$/);
		expect(verdicts).toEqual(['taken', { refused }, 'later', 'taken']);
	});

	test('each bad line that is listed is refused, and where nothing is stored the others are written again', async () => {
		const listed = (lines: readonly string[]) =>
			`unable to parse '${lines[0]}': first\nunable to parse '${lines[9]}': second`;
		const reason = (what: string) => ({ refused: expect.stringMatching(new RegExp(`': ${what}$`)) });
		const partly = await verdictsFor((lines) => ({ error: `partial write: ${listed(lines)} dropped=0` }));
		expect(partly).toEqual([reason('first'), 'taken', 'taken', reason('second')]);
		const nothing = await verdictsFor((lines) => ({ code: 'invalid', message: listed(lines) }));
		expect(nothing).toEqual([reason('first'), 'later', 'later', reason('second')]);
	});

	test('Telegraf’s influxdb_listener has stored the others, its other listeners nothing', async () => {
		const recorded = (name: string) => {
			const path = new URL(`../../../fixtures/sinks/telegraf/${name}.json`, import.meta.url);
			return verdictsFor(() => JSON.parse(readFileSync(path, 'utf8')));
		};
		expect(await recorded('listener-one')).toEqual([
			'taken',
			{ refused: expect.stringContaining('metric parse error: expected tag at 5:6: "bad,x"') },
			'taken',
			'taken',
		]);
		// Which they are is not said, or not in a way that names of ours could not forge.
		expect(await recorded('listener-upstream')).toMatchObject({ refusedOnly: 1, ofFirst: 4 });
		expect(await recorded('listener-more')).toMatchObject({ refusedOnly: 2, ofFirst: 4 });
		for (const nothing of ['v2-listener', 'http-listener']) {
			const outcome = await recorded(nothing);
			expect(outcome).toBeInstanceOf(SinkRefusal);
			expect(outcome).toMatchObject({ refusedOnly: null });
		}
	});

	test('a request holds 4 MiB, and no more than one result that is longer; the rest is for the next', async () => {
		await using influx = await FakeInflux.start();
		const sink = await openEntry({ url: influx.url, individual: 'none' });
		const long = delivered({ tags: { long: 'x'.repeat(1_500_000) } });
		expect(await sink.write([long, long, long, delivered()], never)).toEqual([
			'taken',
			'taken',
			'later',
			'later',
		]);
		const longest = delivered({ tags: { long: 'x'.repeat(5_000_000) } });
		expect(await sink.write([longest, delivered()], never)).toEqual(['taken', 'later']);
		// What is said of how many are refused is said of those that were written.
		const body = JSON.stringify({ error: 'partial write: field type conflict dropped=1' });
		Object.assign(influx, { status: 400, body });
		const outcome = await sink.write([long, long, long], never).catch((error: unknown) => error);
		expect(outcome).toMatchObject({ refusedOnly: 1, ofFirst: 2 });
		await sink.close();
	});

	test.each([
		['of version 1', 400, { error: 'partial write: field type conflict dropped=6' }, 2],
		[
			'of version 2',
			422,
			{ message: 'failure writing points to database: partial write: field type conflict dropped=3' },
			1,
		],
		[
			'that lists what it cannot parse',
			400,
			{
				error: `partial write: unable to parse '${'x'.repeat(100_000)}': odd\nunable to parse 'y': odd\nunable to parse 'z': odd\nunable to parse 'u': odd dropped=0`,
			},
			1,
		],
		['that says no number', 400, { error: 'partial write of line protocol occurred' }, 1],
		['that counts more than there is', 400, { error: 'partial write: odd dropped=1000' }, 4],
	])(
		'a partial write %s: the rest is taken, and results are counted, not lines',
		async (_of, status, body, refused) => {
			await using influx = await FakeInflux.start();
			Object.assign(influx, { status, body: JSON.stringify(body) });
			const sink = await openEntry({ url: influx.url });
			// Three lines each.
			const batch = Array.from({ length: 4 }, () => delivered({ rtts: [0.1, 0.2] }));
			const outcome = await sink.write(batch, never).catch((error: unknown) => error);
			await sink.close();
			expect(outcome).toBeInstanceOf(SinkRefusal);
			expect((outcome as SinkRefusal).refusedOnly).toBe(refused);
			expect((outcome as SinkRefusal).message).toContain('partial write');
		},
	);

	test.each([
		[
			401,
			'{"code":"unauthorized","message":"unauthorized access"}',
			'unauthorized access. Correct token: or username: and password:',
		],
		[403, '{"error":"not allowed"}', 'not allowed. Let the token or the user write there'],
		[
			404,
			'{"error":"database not found"}',
			'database not found. Make the database or bucket, or correct its name or url:',
		],
		[400, '{"error":"database is required"}', 'database is required. Write database: or bucket:'],
		[500, 'oh\x1b[2J\nno', 'oh\\x1b[2J\\x0ano'],
		[503, 'starting', 'starting'],
		[302, 'moved', 'moved. It is somewhere else. Correct url:'],
		[500, '', ''],
	])('HTTP %i may work later: nothing is lost meanwhile: %s', async (status, body, said) => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, { status, body });
		const outcome = await influx.write({ bucket: 'b', token: 'very-secret' });
		expect(outcome).not.toBeInstanceOf(SinkRefusal);
		expect(outcome).not.toBeInstanceOf(SinkBusy);
		const message = `${influx.url}/api/v2/write?bucket=b: HTTP ${status}${said === '' ? '' : `: ${said}`}`;
		expect((outcome as Error).message).toBe(message);
	});

	test.each([
		[429, { 'retry-after': '7' }, 7000],
		[503, { 'retry-after': '0' }, 0],
		[429, {}, null],
	])('HTTP %i with %j asks for a pause of %d ms', async (status, headers, pauseMs) => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, { status, headers });
		const outcome = await influx.write();
		expect(outcome).toBeInstanceOf(SinkBusy);
		expect((outcome as SinkBusy).retryAfterMs).toBe(pauseMs);
	});

	test('a pause can also end at a time of day', async () => {
		await using influx = await FakeInflux.start();
		Object.assign(influx, {
			status: 429,
			headers: { 'retry-after': new Date(Date.now() + 100_000).toUTCString() },
		});
		const { retryAfterMs } = (await influx.write()) as SinkBusy;
		expect(retryAfterMs).toBeGreaterThan(60_000);
		expect(retryAfterMs).toBeLessThanOrEqual(100_000);
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
