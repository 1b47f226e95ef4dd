/** The sink against a real OpenSearch: what is stored is what was measured, once, and what goes wrong is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { declaredFacts } from '../../../src/model/facts.ts';
import { measured, notMeasured } from '../../../src/model/outcome.ts';
import type { Delivered, Verdict } from '../../../src/model/sink.ts';
import { chosenFacts } from '../../../src/model/sink-facts.ts';
import { documentOf, idOf } from '../../../src/sinks/elasticsearch/documents.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { Daemon } from '../../support/daemon.ts';
import { Gate } from '../../support/kafka/gate.ts';
import { OpenSearch } from '../../support/opensearch/server.ts';
import { freePort, waitFor } from '../../support/waiting.ts';
import { outcomes } from '../kafka/outcomes.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openWith } from '../shared/open-sink.ts';

let server: OpenSearch;
beforeAll(async () => {
	// One writer with room for one more, and 400 kB of what is under way, so that too much is soon there.
	server = await OpenSearch.start(
		'thread_pool.write.size=1',
		'thread_pool.write.queue_size=1',
		'indexing_pressure.memory.limit=400kb',
	);
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function write(entry: Readonly<Record<string, unknown>>, ...batches: (readonly Delivered[])[]) {
	const sink = await openWith(elasticsearch, { urls: server.url, ...entry });
	try {
		const verdicts: Verdict[] = [];
		for (const batch of batches)
			verdicts.push(...((await sink.write(batch, new AbortController().signal)) ?? []));
		return verdicts;
	} finally {
		await sink.close();
	}
}

async function setUp(data_stream: string): Promise<string> {
	let said = '';
	const settings = elasticsearch.settings.parse({ urls: server.url, data_stream, setup: { replicas: 0 } });
	await elasticsearch.setup?.(settings, {
		...{ version: '2.0.0', timeoutMs: 30_000, signal: never, isDryRun: false },
		say: (text) => {
			said += `${text}\n`;
		},
	});
	return said;
}

/** Why, where it is no plain verdict. */
const wordsOf = (verdict: Verdict | undefined) =>
	typeof verdict === 'object' ? Object.entries(verdict).flat().join(' ') : String(verdict);

test('documents are those of the golden file', () => {
	const golden = readFileSync(
		new URL('../../../fixtures/sinks/elasticsearch/documents.json', import.meta.url),
		'utf8',
	);
	const declared = declaredFacts([
		{ name: 'ttl', kind: 'gauge', help: 'hops', per: 'measurement' },
		{ name: 'status_code', kind: 'gauge', help: 'status', per: 'ping' },
		{ name: 'answer', kind: 'text', help: 'records', per: 'measurement' },
	]);
	const factsOf = chosenFacts(true, new Map(['icmp', 'http', 'dns'].map((probe) => [probe, declared])));
	const lines = outcomes.map(
		(outcome) => `${idOf(outcome)} ${JSON.stringify(documentOf(outcome, factsOf))}\n`,
	);
	expect(lines.join('')).toBe(golden);
});

test('what setup makes takes all kinds of results, each once, and gives them back', async () => {
	// Of one order and slot there is one outcome.
	const kinds = outcomes.filter(
		(one, index) => outcomes.findIndex((other) => idOf(other) === idOf(one)) === index,
	);
	const said = await setUp('kinds');
	expect(said).toContain('lifecycle: this server has no ISM');
	expect(said).toContain('template kinds: made\ndata stream kinds: made\n');
	expect(await setUp('kinds')).toContain('data stream kinds: is there already, and is left alone\n');
	const taken = kinds.map(() => 'taken');
	expect(await write({ data_stream: 'kinds', gzip: true }, kinds, kinds)).toEqual([...taken, ...taken]);
	const found = await server.documents('kinds');
	expect(found).toHaveLength(kinds.length);
	for (const outcome of kinds) {
		const document = found.find(({ _id }) => _id === idOf(outcome));
		expect(document?._source).toEqual(JSON.parse(JSON.stringify(documentOf(outcome, null))));
	}
	const { json } = await server.ask('POST', '/kinds/_search', {
		...{
			size: 0,
			query: { bool: { filter: [{ term: { 'labels.site': 'zrh' } }, { term: { status: 'UP' } }] } },
		},
		aggs: { mean: { avg: { field: 'latency_ms' } } },
	});
	const { aggregations } = json as { aggregations: { mean: { value: number } } };
	const latencies = kinds.flatMap((outcome) => {
		const median = outcome.kind === 'measured' ? outcome.measurement.medianSeconds : null;
		return median === null ? [] : [median * 1000];
	});
	expect(aggregations.mean.value).toBeCloseTo(
		latencies.reduce((sum, one) => sum + one) / latencies.length,
		3,
	);
});

test('after a roll-over what is sent again is stored again, as the page says', async () => {
	await setUp('rolled');
	await write({ data_stream: 'rolled' }, [delivered()], [delivered()]);
	expect(await server.documents('rolled')).toHaveLength(1);
	await server.ask('POST', '/rolled/_rollover');
	expect(await write({ data_stream: 'rolled' }, [delivered()], [delivered()])).toEqual(['taken', 'taken']);
	expect((await server.documents('rolled')).map(({ _id }) => _id)).toEqual([
		idOf(delivered()),
		idOf(delivered()),
	]);
});

test.each(['data_stream', 'index'])(
	'odd names and texts, in a %s that nobody has made ready too',
	async (kind) => {
		const name = `odd-${kind === 'index' ? 'plain' : 'stream'}`;
		if (kind === 'data_stream') await setUp(name);
		const tags = [
			{ 'a.b': 'x', a: 'y', '.': 'z', ' ': 'q', 'x..y': '1', é: 'ü', 'n\u0000': 'v\u0000', __proto: 'p' },
			{ '\ud800': 'x\ud800', long: 'x'.repeat(100_000), ['y'.repeat(50_000)]: '1' },
			{},
		];
		const batch = tags.map((own, number) => delivered({ id: `o/${number}`, tags: own }));
		const failed = notMeasured(
			'failed',
			{ ...delivered().order, id: 'o/3' },
			{ startSeconds: 0, stepSeconds: 1 },
			1,
			{
				code: 'probe_failed',
				reason: '\u202e"\\{'.repeat(20_000),
			},
		);
		const address = { address: 'fe80::1%eth0' };
		const zone = measured(
			delivered({ id: 'o/4' }).order,
			{ startSeconds: 10, stepSeconds: 1 },
			1,
			[],
			address,
		);
		const all = [...batch, failed, zone];
		expect((await write({ [kind]: name }, all)).map(wordsOf)).toEqual(all.map(() => 'taken'));
		const found = await server.documents(name);
		expect(found).toHaveLength(all.length);
		expect(found.find(({ _id }) => _id === idOf(zone))?._source['ip']).toBe('fe80::1');
	},
);

test('what a mapping refuses is refused alone, with the reason', async () => {
	await server.ask('PUT', '/strict', {
		mappings: { dynamic: 'strict', properties: { '@timestamp': { type: 'date' } } },
	});
	const [strict] = await write({ index: 'strict' }, [delivered()]);
	expect(wordsOf(strict)).toContain('refused');
	expect(wordsOf(strict)).toContain('strict_dynamic_mapping_exception');
	await server.ask('PUT', '/typed', { mappings: { properties: { target: { type: 'ip' } } } });
	const name = { ...delivered().order, id: 'name', target: 'router.example.net' };
	const bad = notMeasured('skipped', name, { startSeconds: 0, stepSeconds: 1 }, 1, {
		code: 'overrun',
		reason: '',
	});
	const verdicts = await write({ index: 'typed' }, [delivered({ id: '1' }), bad, delivered({ id: '2' })]);
	expect([verdicts[0], verdicts[2]]).toEqual(['taken', 'taken']);
	expect(wordsOf(verdicts[1])).toMatch(
		/^refused .*mapper_parsing_exception: failed to parse field \[target\]/,
	);
});

test('a full disk and one who forbids writing are waited for', async () => {
	await setUp('blocked');
	const block = (key: string, value: boolean | null) =>
		server.ask('PUT', '/blocked/_settings', { [`index.blocks.${key}`]: value });
	// That is what it does itself when the disk is full.
	await block('read_only_allow_delete', true);
	expect(wordsOf((await write({ data_stream: 'blocked' }, [delivered()]))[0])).toMatch(
		/^again .*cluster_block_exception.*Its disk is full/,
	);
	await block('read_only_allow_delete', null);
	await block('write', true);
	expect(wordsOf((await write({ data_stream: 'blocked' }, [delivered()]))[0])).toMatch(
		/^again .*cluster_block_exception.*Allow writing there again/,
	);
	await block('write', null);
	expect(await write({ data_stream: 'blocked' }, [delivered()])).toEqual(['taken']);
	expect(await server.documents('blocked')).toHaveLength(1);
});

test('when its queue is full some of many are asked for again, and all arrive once', async () => {
	await setUp('queue');
	const batches = Array.from({ length: 30 }, (_, batch) =>
		Array.from({ length: 8 }, (__, number) => delivered({ id: `${batch}/${number}` })),
	);
	let words = '';
	for (let round = 0; !words.includes('Its queue is full'); round++) {
		expect(round, 'rounds without a full queue').toBeLessThan(50);
		const tried = batches.map((batch) => write({ data_stream: 'queue' }, batch).catch(() => []));
		words = (await Promise.all(tried)).flat().map(wordsOf).join('\n');
	}
	for (const batch of batches) await write({ data_stream: 'queue' }, batch);
	expect(await server.documents('queue')).toHaveLength(240);
}, 120_000);

test('when too much is under way the whole request is to come later', async () => {
	const batch = Array.from({ length: 2000 }, (_, number) => delivered({ id: `large/${number}` }));
	await expect(write({ index: 'large' }, batch)).rejects.toMatchObject({
		name: 'SinkBusy',
		message: expect.stringContaining('HTTP 429'),
	});
});

test('the daemon: each slot is there once, through an outage of the server and a kill of the daemon', async () => {
	await setUp('daemon');
	const port = await freePort();
	await using gate = await Gate.open({ port, to: server.port });
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	const urls = [`http://127.0.0.1:${port}`];
	const entry = {
		type: 'elasticsearch',
		name: 'search',
		urls,
		data_stream: 'daemon',
		timeout: 1,
		batch: { wait: 0 },
	};
	writeFileSync(config, JSON.stringify({ sinks: [entry] }));
	await daemon.start(['--config', config]);
	daemon.order(
		'here',
		'{user: me, step: 1, pings: 1, probe: icmp, icmp: {host: 127.0.0.1}, tags: {site: zrh}}',
	);
	const seen = new Map<number, number>();
	const more = (count: number) => {
		const wanted = seen.size + count;
		return daemon.until(`${count} more results`, () => {
			const { time, median } = daemon.result('here') ?? {};
			if (time !== undefined) seen.set(time, median ?? -1);
			return seen.size >= wanted;
		});
	};
	await more(2);
	gate.freeze();
	await daemon.until('it notices that the server hangs', () => daemon.output.includes('no answer'));
	await gate.shut();
	await more(2);
	const killedSeconds = Date.now() / 1000;
	daemon.kill('SIGKILL');
	await daemon.exited();
	await daemon.start(['--config', config]);
	await more(1);
	await gate.reopen(port);
	await more(2);
	const stored = async () => {
		const found = await server.documents('daemon');
		return found.map(
			({ _source }) => _source as { slot: { start: number }; median_ms: number; labels: object },
		);
	};
	const last = Math.max(...seen.keys());
	await waitFor(
		async () => (await stored()).some(({ slot }) => slot.start === last),
		() => `slot ${last} does not come: ${daemon.output}`,
	);
	await daemon.stop();
	const documents = await stored();
	const starts = documents.map(({ slot }) => slot.start);
	expect(new Set(starts).size).toBe(starts.length);
	// A kill may cost what was not in the spool yet.
	const isSafe = (time: number) => time < killedSeconds - 4 || time > killedSeconds;
	for (const [time, median] of seen) {
		if (!isSafe(time)) continue;
		const document = documents.find(({ slot }) => slot.start === time);
		expect(document, `slot ${time}`).toBeDefined();
		expect(document?.median_ms).toBeCloseTo(median * 1000, 4);
		expect(document?.labels).toEqual({ site: 'zrh' });
	}
}, 120_000);
