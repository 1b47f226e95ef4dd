/** What the server says beside the series of orders, of a daemon whose answers do not change. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readWebSetting } from '../../../src/config/web-setting.ts';
import { openQuestionSocket } from '../../../src/memory/question-socket.ts';
import type { DaemonAnswer } from '../../../src/model/answers.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf, measured } from '../../../src/model/outcome.ts';
import { OutcomeStream } from '../../../src/outcomes/stream.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { ArchiveSize } from '../../../src/web/metrics/archive-size.ts';
import { addressBytes, fnv1a } from '../../../src/web/metrics/target-probe.ts';
import { serveWeb } from '../../../src/web/serve.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';
import { parseText } from '../metrics/parse-exposition.ts';

const ends: (() => void)[] = [];
afterEach(() => {
	for (const end of ends.splice(0).reverse()) end();
});

const patient = { timeout: 60_000, interval: 50 };

function orderOf(id: string, more: Record<string, unknown> = {}): Order {
	const written = { user: 'me', step: 60, pings: 2, probe: 'icmp', icmp: { host: '192.0.2.7' }, ...more };
	const read = readOrder(id, JSON.stringify(written), builtInProbes);
	if (!('order' in read)) throw new Error(JSON.stringify(read));
	return read.order;
}

function outcomeOf(order: Order, startSeconds: number, rtts: readonly (number | null)[]) {
	const slot = { startSeconds, stepSeconds: order.stepSeconds };
	const samples = rtts.map((rttSeconds, at) => ({ sentAtSeconds: startSeconds + at, rttSeconds }));
	const facts = { ttl: 57, address: '192.0.2.7' };
	return measured(identityOf(order), slot, samples.length, samples, facts);
}

/** Serves what a daemon with these orders tells. */
async function served(
	orders: readonly Order[],
	{ web = {}, daemon = {} }: { web?: Record<string, unknown>; daemon?: Partial<DaemonAnswer> } = {},
) {
	const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-routes-'));
	ends.push(() => rmSync(baseDir, { recursive: true, force: true }));
	mkdirSync(join(baseDir, 'orders'));
	const stream = new OutcomeStream(() => {});
	for (const order of orders) stream.changed(order);
	const canned = { ...cannedDaemon(1_795_240_800), ...daemon };
	const socket = await openQuestionSocket(baseDir, cannedQuestions(canned, {}, undefined, stream));
	ends.push(() => socket.close());
	const read = readWebSetting({ listen: '127.0.0.1:0', ...web });
	if (!('value' in read)) throw new Error(JSON.stringify(read));
	const warnings: string[] = [];
	const log = { error: () => {}, info: () => {}, warn: (message: string) => void warnings.push(message) };
	const server = await serveWeb({
		...{ isAlone: false, explain: async () => null },
		...{ baseDir, version: '2.0.0', settings: read.value, probes: builtInProbes, log },
	});
	ends.push(() => server.close());
	const [address = ''] = server.addresses;
	await expect.poll(async () => (await fetch(`${address}/-/ready`)).status, patient).toBe(200);
	const ask = async (path: string) => {
		const response = await fetch(`${address}${path}`);
		return { status: response.status, text: await response.text() };
	};
	return { baseDir, stream, ask, warnings };
}

function valuesIn(text: string): Record<string, number> {
	return Object.fromEntries(
		parseText(text).map(({ name, labels, value }) => [
			[name, ...Object.entries(labels).map(([key, of]) => `${key}=${of}`)].join(' '),
			value,
		]),
	);
}

const sink: DaemonAnswer['sinks'][number] = {
	...{ name: 'kafka', destination: 'x', confirms: true, state: 'failing', since: 0, queued: 7, spooled: 5 },
	...{ spooled_bytes: 1234, sent: 90, failed: 3, retried: 2, lag: 12.5, last_error: 'x' },
	dropped: {
		...{ queue_full: 1, spool_full: 0, too_old: 4, refused: 0, unsent: 0, damaged: 0, overload: 0 },
	},
};

describe("the daemon's own metrics", () => {
	test('are what it answers', async () => {
		const { ask } = await served([], { daemon: { sinks: [sink], notifiers: [{ ...sink, name: 'ops' }] } });
		expect(valuesIn((await ask('/metrics')).text)).toMatchObject({
			'pingmachine_build_info version=2.0.0': 1,
			pingmachine_up: 1,
			'pingmachine_orders state=measured': 1,
			'pingmachine_orders state=rejected': 1,
			'pingmachine_daemon_slots_total outcome=measured': 1234,
			'pingmachine_daemon_slots_total outcome=failed': 2,
			'pingmachine_daemon_slots_total outcome=skipped': 1,
			pingmachine_daemon_slots_late_total: 3,
			pingmachine_config_last_reload_successful: 1,
			pingmachine_config_last_reload_success_timestamp_seconds: 1_795_240_800,
			pingmachine_store_lag_seconds: 0.0021,
			'pingmachine_store_dropped_total file=main_rrd': 0,
			'pingmachine_sink_up sink=kafka': 0,
			'pingmachine_sink_lag_seconds sink=kafka': 12.5,
			'pingmachine_sink_dropped_total sink=kafka reason=too_old': 4,
			'pingmachine_notifier_up notifier=ops': 0,
			'pingmachine_notifier_queued notifier=ops': 7,
			'pingmachine_notifier_sent_total notifier=ops': 90,
			'pingmachine_notifier_dropped_total notifier=ops reason=too_old': 4,
			'pingmachine_main_thread_delay_seconds statistic=p99': 0.0004,
			pingmachine_disk_free_bytes: 80_000_000_000,
			pingmachine_disk_main_rrd_bytes: 1_344_016,
		});
	});

	test('of smokeping_prober are there when they are asked for', async () => {
		const { ask } = await served([], { web: { compat: ['smokeping'] } });
		expect(valuesIn((await ask('/metrics')).text)).toMatchObject({
			smokeping_receive_errors_total: 0,
			smokeping_prober_errors_total: 2,
			smokeping_prober_config_last_reload_successful: 1,
			smokeping_prober_config_last_reload_success_timestamp_seconds: 1_795_240_800,
			'smokeping_prober_build_info version=2.0.0': 1,
		});
	});

	test('tell how large the archive is', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'pingmachine-archive-'));
		ends.push(() => rmSync(folder, { recursive: true, force: true }));
		const size = new ArchiveSize(folder);
		await size.look();
		expect(size.bytes).toBe(0);
		mkdirSync(join(folder, 'archive/a/b'), { recursive: true });
		writeFileSync(join(folder, 'archive/a/b/main.rrd'), Buffer.alloc(100_000, 1));
		await size.look();
		expect(size.bytes).toBeGreaterThanOrEqual(100_000);
		expect(size.bytes).toBeLessThan(200_000);
	});

	test('and a line of the log, say that series_max leaves out orders', async () => {
		const { ask, warnings } = await served([orderOf('a'), orderOf('b'), orderOf('c')], {
			web: { series_max: 80 },
		});
		const values = valuesIn((await ask('/metrics')).text);
		await ask('/metrics');
		expect(values['pingmachine_pings_sent_total order=a']).toBe(0);
		expect(values['pingmachine_pings_sent_total order=c']).toBeUndefined();
		// The metric is of the scrape before.
		expect(valuesIn((await ask('/metrics')).text)['pingmachine_orders_left_out']).toBeGreaterThan(0);
		expect(warnings.filter((line) => line.includes('series_max (80) leaves'))).toHaveLength(1);
	});
});

describe('GET /probe', () => {
	test('answers for blackbox_exporter, from the last result', async () => {
		const order = orderOf('a');
		const { ask, stream } = await served([order]);
		const now = Math.floor(Date.now() / 60_000) * 60;
		expect(await ask('/probe?target=192.0.2.7&module=icmp')).toMatchObject({ status: 503 });
		stream.outcomes([outcomeOf(order, now - 60, [0.02, null])]);
		const path = '/probe?target=192.0.2.7&module=icmp';
		await expect.poll(async () => (await ask(path)).status, patient).toBe(200);
		expect(valuesIn((await ask(path)).text)).toEqual({
			probe_success: 1,
			probe_duration_seconds: 0.02,
			probe_ip_protocol: 4,
			probe_ip_addr_hash: fnv1a([192, 0, 2, 7]),
			'probe_icmp_duration_seconds phase=rtt': 0.02,
			probe_icmp_reply_hop_limit: 57,
		});
		stream.outcomes([outcomeOf(order, now, [null, null])]);
		await expect.poll(async () => valuesIn((await ask(path)).text)['probe_success'], patient).toBe(0);
	});

	test('knows no other targets and probes, and no results that are old', async () => {
		const order = orderOf('a');
		const { ask, stream } = await served([order]);
		expect(await ask('/probe?target=192.0.2.8')).toEqual({
			status: 404,
			text: expect.stringContaining('no order measures 192.0.2.8'),
		});
		expect(await ask('/probe?target=192.0.2.7&module=ssh')).toEqual({
			status: 404,
			text: expect.stringContaining('module: icmp'),
		});
		expect((await ask('/probe')).status).toBe(400);
		stream.outcomes([outcomeOf(order, Math.floor(Date.now() / 60_000) * 60 - 600, [0.02])]);
		const has = async () => (await ask('/metrics')).text.includes('pingmachine_loss_ratio{order="a"}');
		await expect.poll(has, patient).toBe(true);
		expect((await ask('/probe?target=192.0.2.7')).status).toBe(503);
		stream.changed(orderOf('a', { icmp: { host: '192.0.2.9' } }));
		await expect.poll(async () => (await ask('/probe?target=192.0.2.7')).status, patient).toBe(404);
	});

	test('knows ports of a target apart, and a target without its port', async () => {
		const portOf = (id: string, host: string, port: number) =>
			orderOf(id, { probe: 'tcp', tcp: { host, port } });
		const orders = [
			portOf('a', '192.0.2.7', 22),
			portOf('b', '192.0.2.7', 443),
			portOf('c', '2001:db8::7', 22),
		];
		const { ask, stream, baseDir } = await served([]);
		const tell = (order: Order) => {
			const { id, probe, options } = order;
			const written = { user: 'me', step: 60, pings: 2, probe, tcp: options };
			writeFileSync(join(baseDir, 'orders', id), JSON.stringify(written));
			stream.changed(order);
		};
		for (const order of orders) tell(order);
		const now = Math.floor(Date.now() / 60_000) * 60;
		const rtts = [0.02, null, 0.06];
		stream.outcomes(orders.map((order, at) => outcomeOf(order, now - 60, [rtts[at] ?? null])));
		const targetsNow = async () => {
			const groups = JSON.parse((await ask('/sd')).text) as { labels: Record<string, string> }[];
			return groups.map(({ labels }) => labels['__param_target'] ?? '');
		};
		const targets = ['192.0.2.7:22', '192.0.2.7:443', '[2001:db8::7]:22'];
		await expect.poll(targetsNow, patient).toEqual(targets);
		const durationOf = async (target: string) => {
			const { text } = await ask(`/probe?module=tcp&target=${encodeURIComponent(target)}`);
			return valuesIn(text)['probe_duration_seconds'];
		};
		await expect.poll(() => Promise.all(targets.map(durationOf)), patient).toEqual([0.02, 0, 0.06]);
		expect((await ask('/probe?module=tcp&target=192.0.2.7')).status).toBe(200);
		expect((await ask('/probe?module=tcp&target=192.0.2.7:80')).status).toBe(404);
		tell(portOf('a', '192.0.2.7', 23));
		await expect.poll(async () => (await ask('/probe?target=192.0.2.7:22')).status, patient).toBe(404);
	});

	test('hashes addresses as blackbox_exporter does', () => {
		expect(addressBytes('2001:db8::7')).toEqual([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
		expect(addressBytes('::ffff:192.0.2.7').slice(10)).toEqual([255, 255, 192, 0, 2, 7]);
		expect(addressBytes('fe80::1%eth0')).toHaveLength(16);
		// Of the published test vectors.
		expect(fnv1a([])).toBe(0x811c9dc5);
		expect(fnv1a([...Buffer.from('foobar')])).toBe(0xbf9cf968);
	});
});

test('GET /sd lists the orders and their tags, all or some', async () => {
	const { ask } = await served([
		orderOf('core/a', { tags: { site: 'zrh', instance: 'x' } }),
		orderOf('lab/b', { user: 'tmon', icmp: { host: '192.0.2.8' } }),
	]);
	const groups = JSON.parse((await ask('/sd')).text);
	expect(groups).toEqual([
		{
			targets: ['192.0.2.7'],
			labels: {
				...{ order: 'core/a', user: 'me', probe: 'icmp', target: '192.0.2.7', step: '60' },
				...{ site: 'zrh', tag_instance: 'x', __param_target: '192.0.2.7', __param_module: 'icmp' },
			},
		},
		{ targets: ['192.0.2.8'], labels: expect.objectContaining({ order: 'lab/b', user: 'tmon' }) },
	]);
	expect(JSON.parse((await ask('/sd?user=tmon')).text)).toHaveLength(1);
	expect(JSON.parse((await ask('/sd?orders=nothing')).text)).toEqual([]);
});
