/** bench: /metrics of many orders: CPU, bytes and delays of a scrape, beside prom-client with the same series; then live */
/*
 * Options: [--orders 10000] [--rounds 5] [--seconds 60] [--json]
 *
 * First in this process: CPU time of writing all series, ours in each format and prom-client's as text, and how long
 * anything else has to wait meanwhile. Then the real daemon measures so many orders, and is scraped every 15 seconds
 * for so long (0: not at all): time and bytes of a scrape, CPU and memory of the web server's process, and how long
 * another question waits during a scrape. Ends with exit code 1 when ours takes more than a quarter of prom-client's
 * CPU, when anything waits for more than 20 ms, or when a slot is late.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { usualBuckets } from '../src/config/web-setting.ts';
import { declaredFacts } from '../src/model/facts.ts';
import type { Order } from '../src/model/order.ts';
import { identityOf, measured } from '../src/model/outcome.ts';
import type { ExpositionWriter } from '../src/web/metrics/exposition.ts';
import { ProtobufWriter } from '../src/web/metrics/protobuf-writer.ts';
import { MetricsRegistry } from '../src/web/metrics/registry.ts';
import { OpenMetricsWriter, TextWriter } from '../src/web/metrics/text-writer.ts';
import { DaemonUnderTest, loopbackOrder, quantile, sleep } from './daemon-under-test.ts';

const { values: options } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		rounds: { type: 'string', default: '5' },
		seconds: { type: 'string', default: '60' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(options.orders);
const rounds = Number(options.rounds);
const liveSeconds = Number(options.seconds);
const pings = 5;
const stepSeconds = 60;
const scrapeSeconds = 15;
const ratioMax = 0.25;
const delayMaxMs = 20;

/** Of one scrape, the mean of all rounds. */
interface Cost {
	readonly cpuMs: number;
	readonly bytes: number;
	/** The longest time in which nothing else had its turn, in the round in which it was least: the rest is noise. */
	readonly delayMs: number;
}

const tags = { site: 'zrh' };

function orderOf(at: number): Order {
	return {
		...{ id: `core/rack-${at % 40}/o${at}`, user: 'bench', probe: 'icmp', target: `192.0.2.${at % 250}` },
		...{ tags, stepSeconds: 60, pings, options: {}, rrdTemplate: null, batchKey: '' },
	};
}

/** Round-trip times from 0.1 ms to 0.4 s, the same ones for both. */
function rttOf(order: number, ping: number): number {
	return 10 ** (-4 + 3.6 * (((order * 7919 + ping * 104_729) % 10_007) / 10_007));
}

function ourRegistry(): MetricsRegistry {
	const facts = declaredFacts();
	const registry = new MetricsRegistry({
		...{ labels: [], buckets: usualBuckets, seriesMax: 1e9, compat: [] },
		facts: new Map([['icmp', facts]]),
		commonFacts: new Set(facts.map(({ name }) => name)),
	});
	for (let at = 0; at < orders; at++) {
		const order = orderOf(at);
		registry.take([{ about: 'changed', order }]);
		const slot = { startSeconds: 1_795_240_800, stepSeconds: 60 };
		const samples = Array.from({ length: pings }, (_, ping) => ({
			sentAtSeconds: slot.startSeconds + ping,
			rttSeconds: rttOf(at, ping),
		}));
		registry.take([{ about: 'outcomes', outcomes: [measured(identityOf(order), slot, pings, samples)] }]);
	}
	return registry;
}

/** The families that both have: the same names, labels and numbers of series. */
function promClient(): Registry {
	const register = new Registry();
	const made = { registers: [register], help: 'x', labelNames: ['order'] as const };
	const counter = (name: string, labelNames: readonly string[] = ['order']) =>
		new Counter({ ...made, name: `pingmachine_${name}`, labelNames });
	const gauge = (name: string, labelNames: readonly string[] = ['order']) =>
		new Gauge({ ...made, name: `pingmachine_${name}`, labelNames });
	const info = gauge('order_info', ['order', 'user', 'probe', 'target', 'step', 'site']);
	const sent = counter('pings_sent_total');
	const lost = counter('pings_lost_total');
	const rtt = new Histogram({ ...made, name: 'pingmachine_rtt_seconds', buckets: [...usualBuckets] });
	const slots = counter('slots_total', ['order', 'outcome']);
	const gauges = [
		'rtt_median_seconds',
		'loss_ratio',
		'last_result_timestamp_seconds',
		'jitter_seconds',
		'mos',
	];
	const lasts = gauges.map((name) => gauge(name));
	for (let at = 0; at < orders; at++) {
		const { id, user, probe, target } = orderOf(at);
		const own = { order: id };
		info.set({ ...own, user, probe, target, step: '60', ...tags }, 1);
		sent.inc(own, pings);
		lost.inc(own, 0);
		for (let ping = 0; ping < pings; ping++) rtt.observe(own, rttOf(at, ping));
		for (const outcome of ['measured', 'failed', 'skipped']) slots.inc({ ...own, outcome }, 1);
		for (const last of lasts) last.set(own, rttOf(at, 0));
	}
	return register;
}

async function costOf(scrape: () => Promise<{ bytes: number; delayMs: number }>): Promise<Cost> {
	for (let round = 0; round < 3; round++) await scrape();
	const before = process.cpuUsage();
	let [bytes, delayMs] = [0, Number.POSITIVE_INFINITY];
	for (let round = 0; round < rounds; round++) {
		const one = await scrape();
		bytes = one.bytes;
		delayMs = Math.min(delayMs, one.delayMs);
	}
	const { user, system } = process.cpuUsage(before);
	return { cpuMs: (user + system) / 1000 / rounds, bytes, delayMs };
}

async function ours(registry: MetricsRegistry, make: () => ExpositionWriter) {
	const writer = make();
	let [bytes, delayMs] = [0, 0];
	let beganMs = performance.now();
	for (const _ of registry.write(writer, [])) {
		bytes += Buffer.from(writer.take()).length;
		delayMs = Math.max(delayMs, performance.now() - beganMs);
		await nextTurn();
		beganMs = performance.now();
	}
	return { bytes: bytes + Buffer.from(writer.take()).length, delayMs };
}

async function theirs(register: Registry) {
	const beganMs = performance.now();
	const bytes = Buffer.from(await register.metrics()).length;
	return { bytes, delayMs: performance.now() - beganMs };
}

/** The process of the web server. */
function webPid(pid: number): number {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
	return Number(children.find((one) => readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('--child')));
}

function cpuSecondsOf(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

function rssMbOf(pid: number): number {
	const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
	return Number(kilobytes) / 1024;
}

async function timed(url: string): Promise<{ ms: number; bytes: number }> {
	const beganMs = performance.now();
	const response = await fetch(url);
	const bytes = (await response.arrayBuffer()).byteLength;
	return { ms: performance.now() - beganMs, bytes };
}

async function live(daemon: DaemonUnderTest) {
	const config = join(daemon.baseDir, 'bench.yaml');
	writeFileSync(config, 'web: {listen: 127.0.0.1:0}\n');
	for (let at = 0; at < orders; at++)
		daemon.order(`o${at}`, `${loopbackOrder(at, stepSeconds, pings)}rrd_template: norrd\n`);
	const listening = daemon.logged(({ message }) => message.startsWith('web: listens on'));
	await daemon.start(['--config', config]);
	const [url = ''] = /http:[^\s,]+/.exec((await listening).message) ?? [];
	while ((await fetch(`${url}/-/ready`)).status !== 200) await sleep(500);
	// Until every order has been measured.
	await sleep(1.5 * stepSeconds * 1000);
	const pid = webPid(daemon.pid);
	const beganCpu = cpuSecondsOf(pid);
	const late = await lateOf(url);
	const scrapes: { ms: number; bytes: number }[] = [];
	const waits: number[] = [];
	const endMs = performance.now() + liveSeconds * 1000;
	for (let nextMs = performance.now(); nextMs < endMs; nextMs += scrapeSeconds * 1000) {
		const scrape = timed(`${url}/metrics`);
		let isOver = false;
		void scrape.finally(() => {
			isOver = true;
		});
		while (!isOver) waits.push((await timed(`${url}/-/healthy`)).ms);
		scrapes.push(await scrape);
		await sleep(Math.max(0, nextMs + scrapeSeconds * 1000 - performance.now()));
	}
	return {
		scrapes: scrapes.length,
		scrapeMs: quantile(
			scrapes.map(({ ms }) => ms),
			0.5,
		),
		bytes: scrapes.at(-1)?.bytes ?? 0,
		cpuMsPerScrape: ((cpuSecondsOf(pid) - beganCpu) * 1000) / scrapes.length,
		rssMb: rssMbOf(pid),
		othersWaitMs: { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), max: Math.max(...waits) },
		lateSlots: (await lateOf(url)) - late,
	};
}

async function lateOf(url: string): Promise<number> {
	const text = await (await fetch(`${url}/metrics?orders=none`)).text();
	return Number(/^pingmachine_daemon_slots_late_total (\d+)/m.exec(text)?.[1] ?? 'NaN');
}

/** One after the other: what one keeps in memory is no burden of the other. */
async function writtenByOurs() {
	const registry = ourRegistry();
	return {
		text: await costOf(() => ours(registry, () => new TextWriter())),
		openMetrics: await costOf(() => ours(registry, () => new OpenMetricsWriter())),
		protobuf: await costOf(() => ours(registry, () => new ProtobufWriter())),
	};
}

async function writtenByTheirs() {
	const register = promClient();
	return { promClient: await costOf(() => theirs(register)) };
}

const written = { ...(await writtenByOurs()), ...(await writtenByTheirs()) };
const ratio = written.text.cpuMs / written.promClient.cpuMs;
const daemon = new DaemonUnderTest();
const scraped = liveSeconds > 0 ? await live(daemon).finally(() => daemon.end()) : null;
await daemon.end();
const report = { orders, written, ratio, scraped };
if (options.json) console.log(JSON.stringify(report));
else {
	console.log(`${orders} orders, one scrape:`);
	for (const [name, { cpuMs, bytes, delayMs }] of Object.entries(written))
		console.log(
			`  ${name.padEnd(12)} ${cpuMs.toFixed(0).padStart(6)} ms CPU ${(bytes / 1e6).toFixed(1).padStart(6)} MB, others wait ${delayMs.toFixed(1)} ms at most`,
		);
	console.log(`  text takes ${ratio.toFixed(2)} of prom-client's CPU (at most ${ratioMax})`);
	if (scraped !== null) console.log('while measuring:', scraped);
}
const delays = [written.text, written.openMetrics, written.protobuf].map(({ delayMs }) => delayMs);
const isGood = ratio <= ratioMax && Math.max(...delays) <= delayMaxMs && (scraped?.lateSlots ?? 0) === 0;
process.exitCode = isGood ? 0 : 1;
