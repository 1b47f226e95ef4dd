/** Real servers on loopback, good and bad ones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { onBusyMachine } from '../../support/busy.ts';
import { pauseThread } from '../../support/ping-request.ts';
import { WebServers } from '../../support/web-servers.ts';
import { http, lost, measure, measureAll, pinged } from './rig.ts';

const servers = new WebServers();
afterAll(async () => {
	await servers.close();
	await http.close?.();
});
const url = async (address: Promise<string> | string, path = '/') => `http://${await address}${path}`;

describe('times', onBusyMachine, () => {
	test(
		'each phase is as long as the server makes it, and the time ends with the header',
		onBusyMachine,
		async () => {
			const slow = await url(
				servers.tcp((socket) => {
					setTimeout(() => socket.write('HTTP/1.1 200 OK\r\n'), 100);
					setTimeout(() => socket.write('Content-Length: 4\r\n\r\nab'), 160);
					setTimeout(() => socket.end('cd'), 240);
				}),
			);
			const { rtt, facts } = await pinged({ url: slow });
			const near = (ms: number) => expect.toSatisfy((s: unknown) => Math.abs(Number(s) * 1000 - ms) < 25);
			expect(rtt).toEqual(near(160));
			expect(facts).toMatchObject({ first_byte: near(100), transfer: near(140), connect: near(0) });
			expect(facts).toMatchObject({ status_code: 200, http_version: '1.1', body_bytes: 4, redirects: 0 });
			expect(facts).not.toHaveProperty('dns');
			expect(facts).not.toHaveProperty('tls');
			const whole = await pinged({ url: slow, until: 'body' });
			expect(whole.rtt).toEqual(near(240));
		},
	);

	test('stalls of this thread of 200 ms change none of them', async () => {
		const script = `require('node:http').createServer((_, response) => setTimeout(() => response.end(), 20))
			.listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
		const server = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
		onTestFinished(() => void server.kill());
		const [port] = await once(server.stdout, 'data');
		const measuring = measure({ url: `http://127.0.0.1:${Number(port)}/` }, { pings: 5 });
		for (let round = 0; round < 5; round++) {
			pauseThread(200);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
		const result = await measuring;
		if (!('samples' in result)) throw new Error(JSON.stringify(result));
		const sent = result.samples.map(({ sentAtSeconds }) => sentAtSeconds);
		// They were sent when they were due, not when this thread went on, and so were they received.
		const gaps = sent.slice(1).map((at, i) => (at - (sent[i] ?? 0)) * 1000);
		for (const gap of gaps) expect(Math.abs(gap - 160)).toBeLessThan(40);
		for (const { rttSeconds } of result.samples)
			expect(Math.abs((rttSeconds ?? 1) - 0.02)).toBeLessThan(0.04);
	});

	test('the pings to many sites are spread over each interval', async () => {
		const sentMs: number[] = [];
		const address = await servers.http((_request, response) => {
			sentMs.push(performance.now());
			response.end();
		});
		const targets = Array.from({ length: 40 }, (_, i) => `http://${address}/${i}`);
		const results = await measureAll({ url: targets[0] ?? '' }, { targets, pings: 2, stepSeconds: 2 });
		expect(results.size).toBe(40);
		expect(sentMs).toHaveLength(80);
		const spreadMs = (sentMs[39] ?? 0) - (sentMs[0] ?? 0);
		expect(spreadMs).toBeGreaterThan(100);
	});

	test('whoever looks at an order hears of its pings before the job is over', async () => {
		const site = await url(servers.http((_request, response) => response.end()));
		const told: unknown[] = [];
		const early = {
			watched: () => [site],
			onChange: () => () => {},
			tell: (target: string, pings: readonly unknown[]) => told.push([target, ...pings]),
		};
		await measure({ url: site }, { pings: 2, tools: { early } });
		expect(told).toEqual([0, 1].map((index) => [site, expect.objectContaining({ index })]));
	});
});

/** Whole answers as servers have sent them. */
const recorded: Record<string, unknown> = {
	'line-feeds-alone': {
		rtt: expect.any(Number),
		facts: expect.objectContaining({ status_code: 200, body_bytes: 3 }),
	},
	'early-hints': { rtt: expect.any(Number), facts: expect.objectContaining({ status_code: 204 }) },
	chunked: { rtt: expect.any(Number), facts: expect.objectContaining({ body_bytes: 11 }) },
	'http-1.0': {
		rtt: expect.any(Number),
		facts: expect.objectContaining({ http_version: '1.0', body_bytes: 5 }),
	},
	garbage: lost('not HTTP: Expected HTTP/'),
	ssh: lost('not HTTP: Expected HTTP/'),
	'short-body': lost('closed in the body'),
	nothing: lost('closed before an answer'),
	'half-a-header': lost('closed before an answer'),
	'bad-chunk': lost('not HTTP: Invalid character in chunk size'),
	'no-redirect': lost('redirected to what is no URL of HTTP'),
};
const fixtures = new URL('../../../fixtures/probes/http/', import.meta.url);

test('every recorded answer is read here', () => {
	expect(readdirSync(fixtures).sort()).toEqual(Object.keys(recorded).sort());
});

test.each(Object.entries(recorded))('the answer %s', onBusyMachine, async (name, expected) => {
	const bytes = readFileSync(new URL(`${name}/answer`, fixtures));
	const site = await url(servers.tcp((socket) => socket.end(bytes)));
	expect(await pinged({ url: site, until: 'body' })).toEqual(expected);
});

describe('what goes wrong', onBusyMachine, () => {
	test('refused, reset, closed and silent are lost, each with its reason', async () => {
		expect(await pinged({ url: 'http://127.0.0.1:1/' })).toEqual(lost('connection refused'));
		const resets = await url(servers.tcp((socket) => socket.resetAndDestroy()));
		expect(await pinged({ url: resets })).toEqual(lost('connection reset'));
		const closes = await url(servers.tcp((socket) => socket.end()));
		expect(await pinged({ url: closes })).toEqual(lost('closed before an answer'));
		const silent = await url(servers.tcp(() => {}));
		const timeout = 100;
		expect(await pinged({ url: silent, timeout })).toEqual(lost('timed out waiting for the first byte'));
		expect(await pinged({ url: silent.replace('http:', 'https:'), timeout })).toEqual(
			lost('timed out in the TLS handshake'),
		);
		expect(await pinged({ url: silent, timeout, http_version: 2 })).toEqual(
			lost('timed out waiting for the first byte'),
		);
	});

	test('an answer that stalls in its header or its body', async () => {
		const timeout = 150;
		const inHeader = await url(servers.tcp((socket) => socket.write('HTTP/1.1 200 OK\r\nX-')));
		expect(await pinged({ url: inHeader, timeout })).toEqual(lost('timed out waiting for the first byte'));
		const inBody = await url(servers.tcp((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nab')));
		expect(await pinged({ url: inBody, timeout })).toMatchObject({
			rtt: expect.any(Number),
			facts: { body_bytes: 2 },
		});
		for (const more of [{ until: 'body' }, { match: 'a' }])
			expect(await pinged({ url: inBody, timeout, ...more })).toEqual(lost('timed out in the answer'));
	});

	test('a header and a body without end are cut', async () => {
		const endless = (head: string, part: string) =>
			url(
				servers.tcp((socket) => {
					socket.write(head);
					const more = () => {
						while (!socket.destroyed && socket.write(part));
						if (!socket.destroyed) socket.once('drain', more);
					};
					more();
				}),
			);
		const header = await endless('HTTP/1.1 200 OK\r\n', `X-A: ${'x'.repeat(1000)}\r\n`);
		expect(await pinged({ url: header })).toEqual(lost('header too long'));
		const body = await endless('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(10_000));
		expect(await pinged({ url: body, until: 'body', match: 'x$' })).toMatchObject({
			rtt: expect.any(Number),
			facts: { body_bytes: 1 << 20 },
		});
		expect(await pinged({ url: body, match: 'y' })).toEqual(lost('no match of y in the part that was read'));
		expect(await pinged({ url: body, json: { path: 'a' } })).toEqual(lost('body too long for JSON'));
	});

	test('what this machine is to blame for is unknown', async () => {
		expect(await measure({ url: 'http://no-such.invalid/' })).toMatchObject({ code: 'name_unknown' });
		expect(await measure({ url: 'http://127.0.0.1:1/', source_ip: '192.0.2.7' })).toEqual({
			failure:
				'cannot connect from 192.0.2.7: it is no address of this machine: look at ip address (EADDRNOTAVAIL)',
			code: 'no_address',
		});
		const elsewhere = await url(
			servers.http((_request, response) =>
				response.writeHead(302, { location: 'http://no-such.invalid/' }).end(),
			),
		);
		expect(await measure({ url: elsewhere })).toMatchObject({ code: expect.stringMatching(/^name_/) });
	});

	test('a job that is stopped has what there is', async () => {
		const silent = await url(servers.tcp(() => {}));
		const stop = new AbortController();
		setTimeout(() => stop.abort(), 50);
		expect(await measure({ url: silent }, { tools: { signal: stop.signal } })).toEqual({
			failure: 'http was stopped before a ping was over',
			code: 'stopped',
		});
	});
});
