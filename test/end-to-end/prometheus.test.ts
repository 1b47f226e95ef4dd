/** A real Prometheus scrapes the real daemon; what it answers is compared with the files. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fetchRrd } from '../../src/rrd/index.ts';
import { Daemon } from '../support/daemon.ts';
import { Prometheus } from '../support/prometheus.ts';
import { configureWeb, patient, webAddress } from '../support/web-daemon.ts';

const up =
	'{user: me, step: 2, pings: 2, probe: icmp, icmp: {host: 127.0.0.1, interval: 100}, tags: {site: zrh}}';
// Nobody listens there.
const down = '{user: me, step: 2, pings: 1, probe: httping, httping: {url: "http://127.0.0.1:1/"}}';

/** Starts it, and gives host and port of its web server. */
async function startWith(daemon: Daemon, web: Record<string, unknown>): Promise<string> {
	await daemon.start(['--config', configureWeb(daemon, web)]);
	const address = await webAddress(daemon);
	await expect.poll(async () => (await fetch(`${address}/-/ready`)).status, patient).toBe(200);
	return new URL(address).host;
}

/** What main.rrd has of the slots up to the one that begins then. */
function inFile(daemon: Daemon, id: string, stepSeconds: number, lastSlotSeconds: number) {
	const { names, values } = fetchRrd(daemon.path('output', id, 'main.rrd'), {
		consolidation: 'AVERAGE',
		startSeconds: lastSlotSeconds - 600,
		endSeconds: lastSlotSeconds + stepSeconds - 1,
	});
	const rtts: number[] = [];
	let [slots, lost, sum] = [0, 0, 0];
	for (let at = 0; at < values.length; at += names.length) {
		const [loss = Number.NaN, , ...pings] = values.subarray(at, at + names.length);
		if (Number.isNaN(loss)) continue;
		slots++;
		lost += loss;
		rtts.push(...pings.filter((ping) => !Number.isNaN(ping)));
	}
	for (const rtt of rtts) sum += rtt;
	return { slots, lost, sum, rtts: rtts.sort((a, b) => a - b) };
}

test('a real Prometheus takes all of it, and answers what is in main.rrd', async () => {
	await using daemon = new Daemon();
	const host = await startWith(daemon, { compat: ['meshping', 'smokeping', 'canary'] });
	daemon.order('core/up', up);
	daemon.order('core/down', down);
	const toUs = [{ target_label: '__address__', replacement: host }];
	await using prometheus = await Prometheus.start([
		{ job_name: 'pingmachine', static_configs: [{ targets: [host] }] },
		{
			...{ job_name: 'probes', metrics_path: '/probe', relabel_configs: toUs },
			http_sd_configs: [{ url: `http://${host}/sd`, refresh_interval: '1s' }],
		},
	]);
	const value = async (query: string, at?: number) =>
		(await prometheus.query(query, at))[0]?.value ?? Number.NaN;
	const sent = (id: string) => value(`pingmachine_pings_sent_total{order="${id}"}`);
	await expect.poll(() => sent('core/up'), patient).toBeGreaterThanOrEqual(10);
	await expect.poll(() => sent('core/down'), patient).toBeGreaterThanOrEqual(2);

	// Between two families of a scrape a slot may end: then they are compared once more, a little later.
	async function compared(id: string, stepSeconds: number) {
		const at = Date.now() / 1000 - 2;
		const of = (query: string) => value(query.replaceAll('ORDER', `{order="${id}"}`), at);
		const file = inFile(daemon, id, stepSeconds, await of('pingmachine_last_result_timestamp_seconds ORDER'));
		const middle = file.rtts.length / 2;
		const low = file.rtts[Math.max(0, Math.ceil(middle) - 2)] ?? 0;
		const high = file.rtts[Math.floor(middle) + 1] ?? low;
		const median = await of('histogram_quantile(0.5, pingmachine_rtt_seconds ORDER)');
		return {
			slots:
				(await of('pingmachine_slots_total{outcome="measured"} and on(order) pingmachine_loss_ratio ORDER')) -
				file.slots,
			lost: (await of('pingmachine_pings_lost_total ORDER')) - file.lost,
			answered:
				(await of('pingmachine_pings_sent_total ORDER - pingmachine_pings_lost_total ORDER')) -
				file.rtts.length,
			count: (await of('histogram_count(pingmachine_rtt_seconds ORDER)')) - file.rtts.length,
			sum: Math.round(1e6 * ((await of('histogram_sum(pingmachine_rtt_seconds ORDER)')) - file.sum)),
			isMedian: file.rtts.length === 0 || (median > low / 1.05 && median < high * 1.05),
		};
	}
	const same = { slots: 0, lost: 0, answered: 0, count: 0, sum: 0, isMedian: true };
	await expect.poll(() => compared('core/up', 2), patient).toEqual(same);
	await expect.poll(() => compared('core/down', 2), patient).toEqual(same);

	expect(await value('pingmachine_loss_ratio{order="core/down"}')).toBe(1);
	const joined = 'pingmachine_loss_ratio * on(order) group_left(site) pingmachine_order_info{site="zrh"}';
	expect((await prometheus.query(joined))[0]?.labels).toMatchObject({ order: 'core/up', site: 'zrh' });
	await expect.poll(() => value('probe_success{order="core/up"}'), patient).toBe(1);
	await expect.poll(() => value('probe_success{order="core/down"}'), patient).toBe(0);
	for (const name of ['meshping_pings_count', 'smokeping_requests_total', 'canary_latency_ms'])
		expect(await value(`max(${name})`), name).toBeGreaterThan(0);
	expect(await value('pingmachine_daemon_slots_total{outcome="measured"}')).toBeGreaterThan(0);
	await expect.poll(() => prometheus.scrapeErrors(), patient).toEqual(['', '', '']);
});

test('promtool finds nothing wrong with our own metrics', async () => {
	await using daemon = new Daemon();
	daemon.order('a', up);
	const host = await startWith(daemon, {});
	const scrape = async () => (await fetch(`http://${host}/metrics`)).text();
	await expect.poll(scrape, patient).toContain('pingmachine_jitter_seconds{');
	const checked = spawnSync('promtool', ['check', 'metrics'], { input: await scrape(), encoding: 'utf8' });
	expect(checked).toMatchObject({ status: 0, stderr: '', stdout: '' });
});
