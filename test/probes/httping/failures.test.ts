/** Failures that are no loss, and the end of the slot. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpingSettings } from '../../../probes/httping/index.ts';
import type { ProbeTools } from '../../../src/model/probe.ts';
import { answered, measure, ok, rttsOf, servers } from './rig.ts';

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-httping-'));
});

afterAll(async () => {
	await servers.close();
	rmSync(folder, { recursive: true });
});

/** A program that takes httping's place. */
function script(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
	return path;
}

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
