/** What becomes of results by what a server answers, of each and of the whole request; on the way TLS, logins, failover. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SinkBusy, SinkRefusal, SinkTooLarge } from '../../../src/model/sink.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { freePort } from '../../support/waiting.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openWith } from '../shared/open-sink.ts';
import { item, type Script, SearchServer, takesAll } from './search-server.ts';

async function write(urls: string | readonly string[], count = 1, entry: object = {}) {
	const sink = await openWith(elasticsearch, { urls, ...entry });
	try {
		const batch = Array.from({ length: count }, (_, number) => delivered({ id: `order/${number}` }));
		return await sink.write(batch, never);
	} finally {
		await sink.close();
	}
}

const answering =
	(status: number, body: unknown, headers = {}): Script =>
	() => ({ status, body, headers });

test('each document is judged by its status and by the name of what is wrong', async () => {
	const items: readonly (readonly [object, string])[] = [
		[item(201), 'taken'],
		[item(409, 'version_conflict_engine_exception', 'document already exists'), 'taken'],
		[
			item(400, 'mapper_parsing_exception', 'failed to parse field [ip]', 'not an IP'),
			'refused: mapper_parsing_exception: failed to parse field [ip]: not an IP',
		],
		[item(400, 'document_parsing_exception', 'line\n2'), 'refused: document_parsing_exception: line\\x0a2'],
		[item(429, 'es_rejected_execution_exception', 'full'), 'again: Its queue is full'],
		[item(429, 'rejected_execution_exception', 'full'), 'again: Its queue is full'],
		[item(429, 'circuit_breaking_exception', 'data too large'), 'again: It is short of memory'],
		[
			item(429, 'cluster_block_exception', 'disk usage exceeded flood-stage watermark'),
			'again: Its disk is full',
		],
		[item(403, 'cluster_block_exception', 'FORBIDDEN/8/index write (api)'), 'again: Allow writing there'],
		[item(403, 'security_exception', 'unauthorized'), 'again: Give the user or the API key the right'],
		[item(404, 'index_not_found_exception', 'no such index'), 'again: Run pingmachine sink setup'],
		[
			item(400, 'validation_exception', 'this action would add [2] shards'),
			'again: Delete old indices there',
		],
		[item(503, 'unavailable_shards_exception', 'primary is not active'), 'again: Start its servers'],
		[item(500, 'odd_exception', 'odd'), 'again: odd_exception: odd'],
		[{ create: null }, 'again: status undefined'],
	];
	const bulk = { took: 1, errors: true, items: items.map(([answer]) => answer) };
	await using server = await SearchServer.open(answering(200, bulk));
	const verdicts = (await write(server.url, items.length)) ?? [];
	for (const [index, [, wanted]] of items.entries()) {
		const verdict = verdicts[index] ?? 'none';
		const [kind, words] = wanted.split(/: (.*)/s);
		if (typeof verdict === 'string') expect(verdict).toBe(wanted);
		else {
			expect(Object.keys(verdict)).toEqual([kind]);
			expect(Object.values(verdict)[0]).toContain(words);
			expect(Object.values(verdict)[0]).toContain(`${server.url}/pingmachine-results: `);
		}
	}
});

test.each([
	[429, { error: { type: 'x', reason: 'coordinating operation rejected' } }, SinkBusy, 'operation rejected'],
	[413, '', SinkTooLarge, 'HTTP 413'],
	[
		400,
		{ error: { type: 'illegal_argument_exception', reason: 'Malformed action' } },
		SinkRefusal,
		'Malformed',
	],
	[406, { error: 'Content-Type header is not supported' }, Error, 'It does not take what we send'],
	[401, { error: { type: 'security_exception', reason: 'missing' } }, Error, 'Correct api_key_file:'],
	[403, {}, Error, 'Give the user'],
	[404, '<html><title>Not Found</title>', Error, 'HTTP 404: Not Found. Correct urls:'],
	[302, '', Error, 'It is somewhere else. Correct urls:'],
	[500, 'oh', Error, 'HTTP 500: oh'],
	[503, '', Error, 'HTTP 503'],
	[200, 'no JSON', Error, 'is none of Elasticsearch'],
	[200, { items: [] }, Error, 'is none of Elasticsearch'],
	[200, [1], Error, 'is none of Elasticsearch'],
])('%s to the whole request, %j', async (status, body, kind, words) => {
	await using server = await SearchServer.open(answering(status, body));
	const error = await write(server.url).catch((caught: unknown) => caught);
	expect(error).toBeInstanceOf(kind);
	if (kind === Error) expect(error).not.toBeInstanceOf(SinkRefusal);
	expect((error as Error).message).toContain(words);
});

test('when it says when to come back, that is when', async () => {
	await using server = await SearchServer.open(answering(503, '', { 'retry-after': '7' }));
	await expect(write(server.url)).rejects.toMatchObject({ name: 'SinkBusy', retryAfterMs: 7000 });
});

test('one that is away, one without a cluster and one that hangs are passed over, and the next stays', async () => {
	await using away = await SearchServer.open(answering(503, { error: { type: 'm', reason: 'no master' } }));
	await using hangs = await SearchServer.open(() => null);
	await using good = await SearchServer.open(takesAll);
	const nobody = `http://127.0.0.1:${await freePort()}`;
	const urls = [nobody, away.url, hangs.url, good.url];
	const { value } = { value: elasticsearch.settings.parse({ urls }) };
	const sink = await elasticsearch.open(value, {
		...{ version: '2.0.0', timeoutMs: 2000, facts: null, toJson: () => ({}), signal: never },
	});
	expect(await sink.write([delivered()], never)).toEqual(['taken']);
	expect(await sink.write([delivered()], never)).toEqual(['taken']);
	expect([away.asked.length, hangs.asked.length, good.asked.length]).toEqual([1, 1, 2]);
	await sink.close();
	await expect(write([nobody])).rejects.toThrow(
		`${nobody}: nothing listens there. Start it, or correct urls:`,
	);
	await expect(write([nobody, away.url])).rejects.toThrow('no master');
});

test('TLS with its CA, a password or an API key from files, packed', async () => {
	await using server = await SearchServer.open(takesAll, { isTls: true });
	const folder = join(server.caFile, '..');
	writeFileSync(join(folder, 'secret'), 'an id:a key\n');
	const secret = join(folder, 'secret');
	const tls = { tls_ca_file: server.caFile };
	expect(await write(server.url, 2, { ...tls, api_key_file: secret, gzip: true })).toEqual([
		'taken',
		'taken',
	]);
	await write(server.url, 1, { ...tls, username: 'elastic', password_file: secret });
	await write(`${server.url}/behind/`, 1, { tls_verify: false, api_key: 'abc=' });
	const basic = (text: string) => Buffer.from(text).toString('base64');
	expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
		`ApiKey ${basic('an id:a key')}`,
		`Basic ${basic('elastic:an id:a key')}`,
		'ApiKey abc=',
	]);
	expect(server.asked.map(({ path }) => path)).toEqual(['/_bulk', '/_bulk', '/behind/_bulk']);
	expect(server.asked[0]?.headers).toMatchObject({
		'content-type': 'application/x-ndjson',
		'content-encoding': 'gzip',
	});
	await expect(write(server.url)).rejects.toThrow('its certificate is not trusted');
	await expect(write(server.url, 1, { api_key_file: '/no/such' })).rejects.toThrow(
		'api_key_file: cannot read',
	);
});

test('what is too much for one request waits for the next', async () => {
	await using server = await SearchServer.open(takesAll);
	const sink = await openWith(elasticsearch, { urls: server.url });
	const big = Array.from({ length: 60 }, (_, number) =>
		delivered({ id: `${number}/${'x'.repeat(100_000)}`, rtts: [0.001] }),
	);
	const verdicts = (await sink.write(big, never)) ?? [];
	await sink.close();
	const taken = verdicts.filter((verdict) => verdict === 'taken').length;
	expect(taken).toBeGreaterThan(10);
	expect(verdicts.slice(taken)).toEqual(big.slice(taken).map(() => 'later'));
	expect(verdicts.slice(taken)).not.toEqual([]);
});

test.each([
	[{}, 'urls: is missing'],
	[{ urls: 'es:9200' }, 'must be http://HOST:9200'],
	[{ urls: 'http://me:secret@es:9200' }, 'holds a user or a password'],
	[{ urls: 'http://es:9200/?pretty' }, 'ends with a query'],
	[{ urls: 'http://a', cloud_id: 'x:ZXUuZXhhbXBsZS5uZXQkYWJj' }, 'cannot stand beside cloud_id'],
	[{ cloud_id: 'what?' }, 'is no cloud id'],
	[{ urls: 'http://a', index: 'Results' }, 'must have no capitals'],
	[{ urls: 'http://a', data_stream: '_all' }, 'must have no capitals'],
	[{ urls: 'http://a', index: 'a', data_stream: 'b' }, 'cannot stand beside data_stream'],
	[{ urls: 'http://a', username: 'me' }, 'needs password_file'],
	[{ urls: 'http://a', password: 'x' }, 'username: is missing'],
	[{ urls: 'http://a', api_key: 'x', api_key_file: '/y' }, 'cannot stand beside api_key_file'],
	[{ urls: 'http://a', api_key: 'x', username: 'me', password: 'y' }, 'cannot stand beside an api key'],
	[{ urls: 'http://a', setup: { keep: 'long' } }, 'setup.keep'],
])('settings that are wrong: %j', async (entry, words) => {
	await expect(async () => openWith(elasticsearch, entry)).rejects.toThrow(words);
});

test('a cloud id says where the server is', () => {
	const idOf = (text: string) => `a name:${Buffer.from(text).toString('base64')}`;
	const destinationOf = (text: string) =>
		elasticsearch.destination(elasticsearch.settings.parse({ cloud_id: idOf(text), index: 'a' }));
	expect(destinationOf('eu.example.net$abc$kib')).toBe('https://abc.eu.example.net:443/a');
	expect(destinationOf('eu.example.net:9243$abc$kib')).toBe('https://abc.eu.example.net:9243/a');
	expect(destinationOf('eu.example.net$abc:9244$')).toBe('https://abc.eu.example.net:9244/a');
});
