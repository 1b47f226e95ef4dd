/** Two real Prometheus, with native and with classic histograms, while the daemon and its web server are killed at random. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readHistograms, totalOf } from '../../src/history/histogram-lines.ts';
import type { Tally } from '../../src/history/tally.ts';
import { upperBound } from '../../src/model/histogram.ts';
import { fetchRrd, readRrdHeader } from '../../src/rrd/index.ts';
import { cli, Daemon } from '../support/daemon.ts';
import { spawnMortal } from '../support/mortal.ts';
import { Prometheus } from '../support/prometheus.ts';
import { freePort } from '../support/waiting.ts';
import { configureWeb, patient } from '../support/web-daemon.ts';

const rounds = 8;
const orders = {
	'core/up': { step: 2, pings: 2, probe: 'icmp', icmp: { host: '127.0.0.1', interval: 100 } },
	'core/fast': { step: 1, pings: 1, probe: 'icmp', icmp: { host: '127.0.0.2' } },
	// Nobody listens there.
	'core/down': { step: 2, pings: 1, probe: 'httping', httping: { url: 'http://127.0.0.1:1/' } },
};
const ids = Object.keys(orders);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function webPid(daemon: Daemon): number | undefined {
	const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ');
	const isWeb = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--child');
	const found = children.filter((pid) => pid !== '').find(isWeb);
	return found === undefined ? undefined : Number(found);
}

async function isReady(url: string): Promise<boolean> {
	return fetch(`${url}/-/ready`).then(
		({ status }) => status === 200,
		() => false,
	);
}

/** What the file `histograms` has counted since the order began. */
function counted(daemon: Daemon, id: string): Tally {
	const total = totalOf(readHistograms(daemon.read('output', id, 'histograms')));
	if (total === null) throw new Error(`nothing is counted of ${id}`);
	return total.tally;
}

/** What main.rrd has of it: it holds all, since all of it takes but some minutes. */
function inFile(daemon: Daemon, id: string) {
	const path = daemon.path('output', id, 'main.rrd');
	const { shape, lastUpdateSeconds } = readRrdHeader(path);
	const { names, values } = fetchRrd(path, {
		consolidation: 'AVERAGE',
		startSeconds: lastUpdateSeconds - 850 * shape.stepSeconds,
		endSeconds: lastUpdateSeconds - 1,
	});
	const sums = { slots: 0, lost: 0, answered: 0, sum: 0 };
	for (let at = 0; at < values.length; at += names.length) {
		const [loss = Number.NaN, , ...pings] = values.subarray(at, at + names.length);
		if (Number.isNaN(loss)) continue;
		sums.slots++;
		sums.lost += Math.round(loss);
		for (const ping of pings) {
			if (Number.isNaN(ping)) continue;
			sums.answered++;
			sums.sum += ping;
		}
	}
	return { ...sums, sum: Math.round(sums.sum * 1e9) };
}

function ofTally({ slots, lost, sent, sum }: Tally) {
	return { slots, lost, answered: sent - lost, sum: Math.round(sum * 1e9) };
}

const value = async (prometheus: Prometheus, query: string) =>
	(await prometheus.query(query))[0]?.value ?? Number.NaN;

/** Of counters, as one Prometheus has them now. */
async function answers(prometheus: Prometheus, id: string, count: string, sum: string) {
	const of = (query: string) => value(prometheus, query.replaceAll('ORDER', `order="${id}"`));
	const lost = await of('pingmachine_pings_lost_total{ORDER}');
	const answered = (await of('pingmachine_pings_sent_total{ORDER}')) - lost;
	expect(await of(count), `${id}: ${count}`).toBe(answered);
	return {
		slots: await of('pingmachine_slots_total{outcome="measured",ORDER}'),
		...{ lost, answered, sum: Math.round((await of(sum)) * 1e9) },
	};
}

test(`after ${rounds} kills PromQL answers what is in main.rrd and in histograms`, async () => {
	await using daemon = new Daemon();
	const host = `127.0.0.1:${await freePort()}`;
	const url = `http://${host}`;
	const start = () => daemon.start(['--config', configureWeb(daemon, { listen: host })]);
	for (const [id, order] of Object.entries(orders))
		daemon.order(id, JSON.stringify({ user: 'me', expires: 'never', ...order }));
	await start();
	const jobs = [{ job_name: 'pingmachine', static_configs: [{ targets: [host] }] }];
	await using native = await Prometheus.start(jobs);
	await using classic = await Prometheus.start(jobs, { isNative: false });
	const sent = (id: string) => value(native, `pingmachine_pings_sent_total{order="${id}"}`);
	for (let round = 0; round < rounds; round++) {
		const before = await Promise.all(ids.map(sent));
		await sleep(1500 + Math.random() * 4000);
		const victim = Math.random() < 0.5 ? 'web' : 'daemon';
		const web = webPid(daemon);
		if (victim === 'web' && web !== undefined) process.kill(web, 'SIGKILL');
		else {
			daemon.kill('SIGKILL');
			await daemon.exited();
			await start();
		}
		await expect.poll(() => isReady(url), patient).toBe(true);
		// Goes on from where it was.
		for (const [at, id] of ids.entries())
			await expect.poll(() => sent(id), patient).toBeGreaterThan(before[at] || 0);
	}
	await daemon.stop();
	// Nothing is measured any more: all of them say the same for good.
	await using _web = alone(daemon, host);
	await expect.poll(() => isReady(url), patient).toBe(true);
	for (const id of ids) {
		const tally = counted(daemon, id);
		const wanted = ofTally(tally);
		expect(inFile(daemon, id), id).toEqual(wanted);
		const rtt = `pingmachine_rtt_seconds{order="${id}"}`;
		await expect.poll(() => sent(id), patient).toBe(tally.sent);
		await expect
			.poll(() => value(classic, `pingmachine_pings_sent_total{order="${id}"}`), patient)
			.toBe(tally.sent);
		expect(await answers(native, id, `histogram_count(${rtt})`, `histogram_sum(${rtt})`)).toEqual(wanted);
		const part = (name: string) => `pingmachine_rtt_seconds_${name}{order="${id}"}`;
		expect(await answers(classic, id, part('count'), part('sum'))).toEqual(wanted);
		await compareBuckets(native, classic, id, tally);
		const mine = `order="${id}"`;
		for (const series of [
			`pingmachine_pings_sent_total{${mine}}`,
			`pingmachine_pings_lost_total{${mine}}`,
			`pingmachine_slots_total{outcome="measured",${mine}}`,
		])
			expect(await value(native, `resets(${series}[1h])`), series).toBe(0);
	}
});

/** Serves the files without a daemon. */
function alone(daemon: Daemon, host: string) {
	const args = [cli, 'web', '--basedir', daemon.baseDir, '--listen', host];
	const child = spawnMortal(process.execPath, args, { stdio: 'ignore' });
	return {
		[Symbol.asyncDispose]: async () => {
			child.kill('SIGTERM');
		},
	};
}

async function compareBuckets(
	native: Prometheus,
	classic: Prometheus,
	id: string,
	tally: Tally,
): Promise<void> {
	const { histogram } = tally;
	const of = `{order="${id}"}`;
	const les = await classic.query(`pingmachine_rtt_seconds_bucket${of}`);
	expect(les).toHaveLength(13);
	for (const { labels, value: count } of les)
		expect(count, `${id} ${labels['le']}`).toBe(
			histogram.countUpTo(Number(labels['le']?.replace('+Inf', 'Infinity'))),
		);
	for (const [index] of histogram.buckets()) {
		const bound = upperBound(index, histogram.schema);
		const share = await value(native, `histogram_fraction(0, ${bound}, pingmachine_rtt_seconds${of})`);
		expect(Math.round(share * histogram.count), `${id} ${index}`).toBe(histogram.countUpTo(bound));
	}
}
