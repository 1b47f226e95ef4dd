import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpingSettings, httping } from '../../../probes/httping/index.ts';
import type { HttpingOptions } from '../../../probes/httping/options.ts';
import type { Sample } from '../../../src/model/measurement.ts';
import type { Job, ProbeResults, ProbeTools } from '../../../src/model/probe.ts';
import { makeRunCommand } from '../../../src/tools/run-command.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { type Answer, WebServers } from '../../support/web-servers.ts';

const servers = new WebServers();
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-httping-'));
});
afterAll(async () => {
	await servers.close();
	rmSync(folder, { recursive: true });
});

interface Wanted {
	readonly urls: readonly string[];
	readonly pings?: number;
	readonly windowMs?: number;
	readonly options?: Partial<HttpingOptions>;
	readonly settings?: HttpingSettings;
	readonly tools?: Partial<ProbeTools<HttpingSettings>>;
}

function measure({ urls, pings = 2, windowMs = 3000, options, settings = {}, tools }: Wanted) {
	const stepSeconds = Math.ceil(windowMs / 1000);
	const job: Job<HttpingOptions> = {
		slot: { startSeconds: Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds, stepSeconds },
		stepSeconds,
		pings,
		options: { url: urls[0] ?? '', ...options },
		targets: urls,
		windowMs,
	};
	return httping.measure(job, probeTools(settings, tools));
}

function samplesOf(results: ProbeResults, url: string): readonly Sample[] {
	const result = results.get(url);
	if (result === undefined || !('samples' in result)) throw new Error(JSON.stringify(result));
	return result.samples;
}

const rttsOf = (results: ProbeResults, url: string) =>
	samplesOf(results, url).map(({ rttSeconds }) => rttSeconds);

const answered = expect.toSatisfy((rtt: unknown) => typeof rtt === 'number' && rtt > 0 && rtt < 2);
const ok: Answer = (_request, response) => response.end();
const status =
	(code: number, headers = {}): Answer =>
	(_request, response) =>
		response.writeHead(code, headers).end();

/** A program that takes httping's place. */
function script(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
	return path;
}

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
		expect(await gapOf({ interval: 0.2 })).toBeCloseTo(0.2, 3);
		expect(await gapOf({})).toBeCloseTo(0.8, 3);
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

describe.concurrent('a failure, no loss', () => {
	test('a name that is not known, which costs the others nothing and needs no process', async () => {
		const unknown = 'http://no-such-host.invalid/';
		const good = `http://${await servers.http(ok)}/`;
		const results = await measure({ urls: [unknown, good] });
		expect(results.get(unknown)).toEqual({
			failure: expect.stringContaining('no-such-host.invalid'),
			code: expect.stringMatching(/^name_(unknown|silent)$/),
		});
		expect(rttsOf(results, good)).toEqual([answered, answered]);
		const without = await measure({ urls: [unknown], settings: { command: '/no/such/httping' } });
		expect(without.get(unknown)).toEqual(results.get(unknown));
	});

	test('a name that only httping cannot look up', async () => {
		const url = 'http://no-such-host.invalid/';
		const tools = { resolve: async () => new Map([['no-such-host.invalid', { address: '127.0.0.1' }]]) };
		const results = await measure({ urls: [url], tools });
		expect(results.get(url)).toEqual({
			// The latter without a network.
			failure: expect.stringMatching(
				/^httping: Resolving no-such-host\.invalid failed: (Name or service not known|Temporary failure in name resolution) \(exit code 1\)$/,
			),
			code: 'program_failed',
		});
	});

	test('a resolver that does not answer delays nobody else', async () => {
		const urls = ['http://slow.test/', `http://${await servers.http(ok)}/`] as const;
		const tools: Partial<ProbeTools<HttpingSettings>> = {
			resolve: (_names, deadlineMs) =>
				new Promise((resolve) => {
					const silent = { code: 'name_silent', systemCode: null, afterMs: deadlineMs } as const;
					setTimeout(() => resolve(new Map([['slow.test', silent]])), deadlineMs);
				}),
		};
		const results = await measure({ urls, tools });
		expect(results.get(urls[0])).toEqual({
			failure: expect.stringMatching(/^no answer from the resolver within .* s: slow\.test$/),
			code: 'name_silent',
		});
		expect(rttsOf(results, urls[1])).toEqual([answered, answered]);
	});

	test('a missing program is named with its package, and works as soon as it is there', async () => {
		const command = join(folder, 'httping');
		const urls = [`http://${await servers.http(ok)}/`, `https://${await servers.https(ok)}/`];
		const results = await measure({ urls, settings: { command } });
		const failure = `${command} does not exist: correct the path in the config file, or apt-get install httping`;
		for (const url of urls) expect(results.get(url)).toEqual({ failure, code: 'no_program' });
		symlinkSync('/usr/bin/httping', command);
		const again = await measure({ urls, settings: { command }, windowMs: 6000 });
		for (const url of urls) expect(rttsOf(again, url)).toEqual([answered, answered]);
	});

	test('what a program says of itself is told without user and password', async () => {
		const command = script('talkative', 'echo "cannot use $*" >&2; exit 1');
		const url = 'http://me:hush%21@127.0.0.1:9/';
		const options = { proxy: 'http://proxyuser:quiet@127.0.0.1:9/' };
		const results = await measure({ urls: [url], settings: { command }, options });
		const told = JSON.stringify(results.get(url));
		expect(told).toContain('cannot use');
		expect(told).toContain('***');
		for (const secret of ['hush', 'quiet']) expect(told).not.toContain(secret);
	});
});

describe.concurrent('the end of the slot', () => {
	test('keeps the answers there are and drops what was under way', async () => {
		let asked = 0;
		const controller = new AbortController();
		const address = await servers.http((_request, response) => {
			if (asked++ === 0) response.end();
			else setTimeout(() => controller.abort(), 200);
		});
		const url = `http://${address}/`;
		const hanging = `https://${await servers.tcp(() => {})}/`;
		const options = { interval: 0.5 };
		const tools = { signal: controller.signal };
		const results = await measure({ urls: [url, hanging], pings: 3, windowMs: 60_000, options, tools });
		expect(rttsOf(results, url)).toEqual([answered]);
		expect(results.get(hanging)).toEqual({
			failure: 'httping was stopped before a ping was over',
			code: 'stopped',
		});
	});

	test('is heeded by those that have not begun', async () => {
		const url = `http://${await servers.http(ok)}/`;
		const results = await measure({ urls: [url], tools: { signal: AbortSignal.abort() } });
		expect(results.get(url)).toEqual({
			failure: 'httping was stopped before a ping was over',
			code: 'stopped',
		});
	});
});

test('the processes of a job do not start all at once', async () => {
	const log = join(folder, 'starts');
	const command = script('starting', `date +%s%N >> ${log}; echo '1 connects, 0 ok, '`);
	const urls = Array.from({ length: 10 }, (_, i) => `http://127.0.0.1:9/${i}`);
	await measure({ urls, pings: 1, windowMs: 20_000, settings: { command } });
	const starts = readFileSync(log, 'utf8')
		.trim()
		.split('\n')
		.map((line) => Number(line) / 1e6);
	expect(starts).toHaveLength(10);
	const spreadMs = Math.max(...starts) - Math.min(...starts);
	expect(spreadMs).toBeGreaterThan(600);
});
