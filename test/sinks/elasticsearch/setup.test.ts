/** `pingmachine sink setup`: what it asks a server that answers as Elasticsearch, or as OpenSearch with ISM, does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { setUpSink } from '../../../src/commands/sink/setup.ts';
import { type Script, SearchServer } from './search-server.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function setUp(url: string, { dryRun = false, more = {}, name = 'search' } = {}) {
	const config = join(folder, 'config.yaml');
	const sinks = [
		{ type: 'elasticsearch', name: 'search', urls: url, ...more },
		{ type: 'stdout', name: 'stdout' },
	];
	writeFileSync(config, JSON.stringify({ sinks }));
	let [out, err] = ['', ''];
	const streams = {
		stdout: { write: (text: string) => (out += text) },
		stderr: { write: (text: string) => (err += text) },
	};
	const code = await setUpSink(name, { config, dryRun }, builtInProbes, streams);
	return {
		code,
		out: out.replaceAll(url, 'URL'),
		err: err.replaceAll(url, 'URL').replaceAll(config, 'CONFIG'),
	};
}

/** A server with nothing in it, which keeps what is put there. */
function keeping(version: object, unknown: RegExp = /^$/): Script {
	const kept = new Map<string, unknown>();
	return ({ method, path, body }) => {
		if (path === '/') return { status: 200, body: { version } };
		if (unknown.test(path)) {
			return { status: 400, body: { error: `no handler found for uri [${path}] and method [${method}]` } };
		}
		if (method === 'GET') return kept.has(path) ? { status: 200 } : { status: 404, body: { error: 'none' } };
		kept.set(path, body);
		return { status: 200, body: { acknowledged: true } };
	};
}

const elastic = { number: '9.1.0', build_flavor: 'default' };
const openSearch = { number: '3.2.0', distribution: 'opensearch' };

test.each([
	['elasticsearch', elastic],
	['opensearch', openSearch],
])('what is made in %s is what the golden file has; the second time nothing is', async (kind, version) => {
	await using server = await SearchServer.open(keeping(version));
	const more = { setup: { rollover: '12h', keep: '90d', replicas: 0 } };
	const first = await setUp(server.url, { more });
	expect(first).toMatchObject({ code: 0, err: '' });
	const put = server.asked.filter(({ method }) => method === 'PUT');
	const text = put.map(({ method, path, body }) => `${method} ${path}\n${body}\n`).join('\n');
	expect(text).toBe(
		readFileSync(new URL(`../../../fixtures/sinks/elasticsearch/setup-${kind}.txt`, import.meta.url), 'utf8'),
	);
	const again = await setUp(server.url, { more });
	expect(again.out.match(/is there already, and is left alone/g)).toHaveLength(3);
	expect(server.asked.filter(({ method }) => method === 'PUT')).toHaveLength(3);
});

test('--dry-run shows all of it, and makes nothing', async () => {
	await using server = await SearchServer.open(keeping(elastic));
	const { code, out } = await setUp(server.url, { dryRun: true });
	expect(code).toBe(0);
	for (const line of [
		'URL: Elasticsearch 9.1.0',
		'PUT /_ilm/policy/pingmachine-results',
		'PUT /_index_template/pingmachine-results',
		'PUT /_data_stream/pingmachine-results',
		'            "max_age": "1d",',
	])
		expect(out.split('\n')).toContain(line);
	expect(server.asked.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test.each([
	['ILM', elastic, /_ilm/],
	['ISM', openSearch, /_plugins/],
])('where there is no %s it says so and goes on', async (kind, version, unknown) => {
	await using server = await SearchServer.open(keeping(version, unknown));
	const { code, out } = await setUp(server.url, { more: { data_stream: 'mine' } });
	expect(code).toBe(0);
	expect(out).toContain(`lifecycle: this server has no ${kind}, nothing rolls over or deletes old results`);
	expect(out).toContain('data stream mine: made');
	const template = server.asked.find(({ method, path }) => method === 'PUT' && path.includes('template'));
	expect(template?.body).not.toContain('lifecycle');
});

test('an index has no lifecycle, which it says', async () => {
	await using server = await SearchServer.open(keeping(elastic));
	const { code, out } = await setUp(server.url, { more: { index: 'pingy-metrics' } });
	expect(code).toBe(0);
	expect(out).toContain('lifecycle: none with index:');
	expect(server.asked.filter(({ method }) => method === 'PUT').map(({ path }) => path)).toEqual([
		'/_index_template/pingy-metrics',
		'/pingy-metrics',
	]);
});

test.each([
	[
		401,
		{ error: { type: 'security_exception', reason: 'missing' } },
		'HTTP 401: security_exception: missing. Correct api_key',
	],
	[200, { hello: 1 }, 'GET /: HTTP 200'],
	[200, 'hello', 'GET /: HTTP 200'],
])('what is not well is told: %s %j', async (status, body, words) => {
	await using server = await SearchServer.open(() => ({ status, body }));
	const { code, err } = await setUp(server.url);
	expect(code).toBe(1);
	expect(err).toMatch(/^pingmachine sink setup: URL: GET \//);
	expect(err).toContain(words);
});

test('a name in the way is told with the remedy', async () => {
	await using server = await SearchServer.open((asked) =>
		asked.method === 'PUT' && asked.path.startsWith('/_data_stream')
			? { status: 400, body: { error: { type: 'x', reason: 'data stream [a] conflicts with index' } } }
			: keeping(elastic)(asked),
	);
	const { code, err } = await setUp(server.url);
	expect(code).toBe(1);
	expect(err).toContain('Rename or delete it');
});

test('a sink that is not there, one that needs nothing, and a server that is away', async () => {
	expect((await setUp('http://127.0.0.1:1', { name: 'serch' })).err).toBe(
		'pingmachine sink setup: CONFIG: no sink is called serch; did you mean search?\n',
	);
	expect(await setUp('http://127.0.0.1:1', { name: 'stdout' })).toMatchObject({
		code: 0,
		out: 'stdout: a sink of type stdout needs nothing at the other end\n',
	});
	expect((await setUp('http://127.0.0.1:1')).err).toContain('nothing listens there');
});
