/** A real OpenSearch that is killed, whose disk is full by its own watermark, and whose data stream is rolled over meanwhile. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { elasticsearch } from '../../src/sinks/elasticsearch/index.ts';
import { Daemon } from '../support/daemon.ts';
import { OpenSearch } from '../support/opensearch/server.ts';
import { waitFor } from '../support/waiting.ts';

const watermarks = (low: string | null) => ({
	persistent: {
		'cluster.routing.allocation.disk.threshold_enabled': low === null ? null : true,
		'cluster.routing.allocation.disk.watermark.low': low,
		'cluster.routing.allocation.disk.watermark.high': low,
		'cluster.routing.allocation.disk.watermark.flood_stage': low,
		'cluster.info.update.interval': low === null ? null : '10s',
	},
});

test('each slot is there, twice at most around a roll-over, whatever becomes of the server', async () => {
	await using server = await OpenSearch.start();
	await using daemon = new Daemon();
	const settings = elasticsearch.settings.parse({
		urls: server.url,
		data_stream: 'long',
		setup: { replicas: 0 },
	});
	await elasticsearch.setup?.(settings, {
		...{ version: '2.0.0', timeoutMs: 30_000, signal: new AbortController().signal, isDryRun: false },
		say: () => {},
	});
	const config = daemon.path('config.yaml');
	const entry = { type: 'elasticsearch', name: 'search', urls: server.url, data_stream: 'long', timeout: 5 };
	writeFileSync(config, JSON.stringify({ sinks: [{ ...entry, batch: { wait: 0.5 } }] }));
	await daemon.start(['--config', config]);
	daemon.order('here', '{user: me, step: 1, pings: 1, probe: icmp, icmp: {host: 127.0.0.1}}');
	const seen = new Set<number>();
	const more = (count: number) => {
		const wanted = seen.size + count;
		return daemon.until(`${count} more results`, () => {
			const time = daemon.result('here')?.time;
			if (time !== undefined) seen.add(time);
			return seen.size >= wanted;
		});
	};
	const starts = async () =>
		(await server.documents('long')).map(
			({ _source }) => (_source as { slot: { start: number } }).slot.start,
		);
	const allThere = async () => {
		const last = Math.max(...seen);
		await waitFor(
			async () => (await starts()).includes(last),
			() => `slot ${last} does not come: ${daemon.output}`,
		);
	};

	await more(3);
	for (let kill = 0; kill < 2; kill++) {
		await server.stop('SIGKILL');
		await more(5);
		await server.start();
		await more(2);
		await allThere();
	}

	// More than any disk has free.
	await server.ask('PUT', '/_cluster/settings', watermarks('900000gb'));
	await daemon.until(
		'it says that the disk is full',
		() => daemon.output.includes('Its disk is full'),
		120_000,
	);
	await more(5);
	await server.ask('PUT', '/_cluster/settings', watermarks(null));
	await server.ask('PUT', '/long/_settings', { 'index.blocks.read_only_allow_delete': null });
	await allThere();

	const before = await starts();
	expect(new Set(before).size).toBe(before.length);
	for (let roll = 0; roll < 3; roll++) {
		await server.ask('POST', '/long/_rollover');
		await more(2);
	}
	await allThere();
	await daemon.stop();
	const all = await starts();
	for (const time of seen)
		expect(all.filter((start) => start === time).length, `slot ${time}`).toBeGreaterThan(0);
	// At each roll-over no more than what was under way.
	expect(all.length - new Set(all).size).toBeLessThanOrEqual(6);
	expect(daemon.exists('spool', 'search', 'refused.jsonl')).toBe(false);
});
