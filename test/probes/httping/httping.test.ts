import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { HttpingOptions } from '../../../probes/httping/options.ts';
import { makeRunCommand } from '../../../src/tools/run-command.ts';
import type { Answer } from '../../support/web-servers.ts';
import { answered, measure, ok, rttsOf, samplesOf, servers } from './rig.ts';

const status =
	(code: number, headers = {}): Answer =>
	(_request, response) =>
		response.writeHead(code, headers).end();

describe.concurrent('a server that answers', () => {
	test('is measured, by HTTP and by HTTPS with a certificate that nobody has signed', async () => {
		const urls = [`http://${await servers.http(ok)}/`, `https://${await servers.https(ok)}/`];
		const results = await measure({ urls, windowMs: 6000 });
		for (const url of urls) expect(rttsOf(results, url)).toEqual([answered, answered]);
	});

	test('is asked with HEAD, under our name or the one of the order', async () => {
		const requests: string[] = [];
		const address = await servers.http((request, response) => {
			requests.push(`${request.method} ${request.url} ${request.headers['user-agent']}`);
			response.end();
		});
		const url = `http://${address}/a?b=c`;
		await measure({ urls: [url], pings: 1 });
		await measure({ urls: [url], pings: 1, options: { user_agent: '-my agent; 100 %s' } });
		expect(requests).toEqual(['HEAD /a?b=c pingmachine/0.0.0-test', 'HEAD /a?b=c -my agent; 100 %s']);
	});

	test('is asked at the intervals of the order, and else over 80 % of the window', async () => {
		const url = `http://${await servers.http(ok)}/`;
		const gapOf = async (options: Partial<HttpingOptions>) => {
			const before = Date.now() / 1000;
			const results = await measure({ urls: [url], windowMs: 2000, options });
			const [first = 0, second = 0] = samplesOf(results, url).map(({ sentAtSeconds }) => sentAtSeconds);
			expect(first).toBeGreaterThanOrEqual(before);
			return second - first;
		};
		// Where the first takes longer than that, as on a busy machine, the second misses its turn.
		await expect.poll(() => gapOf({ interval: 0.2 })).toBeCloseTo(0.2, 3);
		await expect.poll(() => gapOf({})).toBeCloseTo(0.8, 3);
	});

	test('is told user and password of the URL, which nobody else is shown', async () => {
		const seen: (string | undefined)[] = [];
		const address = await servers.http((request, response) => {
			seen.push(request.headers.authorization);
			response.end();
		});
		const url = `http://me:s%3Aecret%20-p@${address}/`;
		const given: (readonly string[])[] = [];
		const runCommand = makeRunCommand();
		const results = await measure({
			urls: [url],
			pings: 1,
			tools: {
				runCommand: (program, args, options) => {
					given.push(options.secrets ?? []);
					return runCommand(program, args, options);
				},
			},
		});
		expect(rttsOf(results, url)).toEqual([answered]);
		expect(seen).toEqual([`Basic ${Buffer.from('me:s:ecret -p').toString('base64')}`]);
		expect(given[0]).toContain('s:ecret -p');
	});
});

describe.concurrent('what counts as lost', () => {
	test('status codes: those of the order, and no others, whatever httping makes of them', async () => {
		const urlOf = async (code: number) =>
			`http://${await servers.http(status(code, code === 302 ? { Location: '/elsewhere' } : {}))}/`;
		const urls = await Promise.all([200, 302, 404, 403, 503].map(urlOf));
		const rttsAt = async (options: Partial<HttpingOptions>) => {
			const results = await measure({ urls, pings: 1, options });
			return urls.map((url) => rttsOf(results, url)[0]);
		};
		const listed = await rttsAt({ http_codes_as_failure: [403, 503] });
		expect(listed).toEqual([answered, answered, answered, null, null]);
		const told = (code: number) => ({
			samples: [expect.anything(), expect.anything()],
			facts: { status_code: [code, code] },
		});
		const results = await measure({ urls, pings: 2, options: { http_codes_as_failure: [403] } });
		expect(urls.map((url) => results.get(url))).toEqual([
			...[200, 302, 404].map(told),
			{ ...told(403), facts: { status_code: [403, 403], loss_reason: 'HTTP 403 (2 of 2)' } },
			told(503),
		]);
		expect(await rttsAt({})).toEqual([answered, answered, answered, answered, answered]);
	});

	test('no connection, no answer in time, a reset, half an answer, no TLS', async () => {
		const good = await servers.http(ok);
		const urls = [
			'http://127.0.0.1:1/',
			'https://127.0.0.1:1/',
			`http://${await servers.tcp(() => {})}/`,
			`http://${await servers.http((_request, response) => setTimeout(() => response.end(), 5000))}/`,
			`http://${await servers.tcp((socket) => socket.resetAndDestroy())}/`,
			`http://${await servers.tcp((socket) => socket.end('HTTP/1.1 200 O'))}/`,
			`https://${good}/`,
			`https://${await servers.https((request) => request.socket.destroy())}/`,
		];
		const results = await measure({ urls: [...urls, `http://${good}/`] });
		expect(urls.map((url) => rttsOf(results, url))).toEqual(urls.map(() => [null, null]));
		expect(rttsOf(results, `http://${good}/`)).toEqual([answered, answered]);
		const refused = { loss_reason: 'connection refused (2 of 2)' };
		for (const url of urls.slice(0, 2)) expect(results.get(url)).toMatchObject({ facts: refused });
		expect(results.get(urls[2] ?? '')).toMatchObject({ facts: { loss_reason: 'timed out (2 of 2)' } });
	});

	test('a TLS handshake that hangs, which httping itself would wait for without end', async () => {
		const url = `https://${await servers.tcp(() => {})}/`;
		const good = `https://${await servers.https(ok)}/`;
		const results = await measure({ urls: [url, good], windowMs: 6000 });
		expect(rttsOf(results, url)).toEqual([null, null]);
		expect(rttsOf(results, good)).toEqual([answered, answered]);
	});

	test('with TLS one ping, and not all those after it, for which httping makes no new handshake', async () => {
		let asked = 0;
		const address = await servers.https((request, response) =>
			asked++ === 1 ? request.socket.destroy() : response.end(),
		);
		const url = `https://${address}/`;
		const results = await measure({ urls: [url], pings: 4, windowMs: 10_000 });
		expect(rttsOf(results, url)).toEqual([answered, null, answered, answered]);
	});

	test('a server that sends its answer byte by byte for ever loses the ping and delays nobody', async () => {
		const dripping = await servers.tcp((socket) => {
			const timer = setInterval(() => socket.write('x'), 100);
			socket.on('close', () => clearInterval(timer));
		});
		const urls = [`http://${dripping}/`, `http://${await servers.http(ok)}/`] as const;
		const results = await measure({ urls });
		expect(rttsOf(results, urls[0])).toEqual([null]);
		expect(rttsOf(results, urls[1])).toEqual([answered, answered]);
	});
});

describe.concurrent('through a proxy', () => {
	const unknown = 'http://no-such-host.invalid/';

	test('it is the proxy that is asked, for HTTP and HTTPS, with its user and password', async () => {
		const seen: string[] = [];
		const address = await servers.proxy(({ method, url, headers }: IncomingMessage) => {
			seen.push(`${method} ${url} ${headers['proxy-authorization']}`);
		});
		const server = await servers.https(ok);
		const urls = [unknown, `https://${server}/`];
		const results = await measure({ urls, pings: 1, options: { proxy: `http://us:p%40ss@${address}/` } });
		for (const url of urls) expect(rttsOf(results, url)).toEqual([answered]);
		const basic = `Basic ${Buffer.from('us:p@ss').toString('base64')}`;
		expect(seen.sort()).toEqual([`CONNECT ${server} ${basic}`, `HEAD ${unknown} ${basic}`]);
	});

	test('one that is not there, says no or says nothing loses the pings', async () => {
		const refusing = await servers.tcp((socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'));
		const silent = await servers.tcp(() => {});
		const urls = [unknown, 'https://no-such-host.invalid/'];
		const options = { http_codes_as_failure: [407] };
		for (const address of ['127.0.0.1:1', refusing, silent]) {
			const results = await measure({ urls, pings: 1, options: { ...options, proxy: `http://${address}/` } });
			for (const url of urls) expect(rttsOf(results, url)).toEqual([null]);
		}
	});

	test('one whose name is not known is a failure, no loss', async () => {
		const proxy = 'http://us:pass@no-such-proxy.invalid:3128/';
		const results = await measure({ urls: [unknown], pings: 1, options: { proxy } });
		expect(results.get(unknown)).toEqual({
			failure: expect.stringContaining('no-such-proxy.invalid'),
			code: expect.stringMatching(/^name_(unknown|silent)$/),
		});
	});
});
