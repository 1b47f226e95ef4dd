/** bench: /metrics of many orders: CPU, bytes and delays of a scrape, beside prom-client with the same series; then live */
/*
 * Options: [--orders 10000] [--rounds 5] [--seconds 60] [--json]
 *
 * First in this process: CPU time of writing all series, ours in each format and prom-client's as text, and how long
 * anything else has to wait meanwhile. Then the real daemon measures so many orders, and is scraped every 15 seconds
 * for so long (0: not at all), in turns plain and with gzip: time and bytes of a scrape, CPU and memory of the web
 * server's process, and how long another question waits during a scrape. Then Debian's blackbox_exporter, where it is
 * installed, is asked for as many targets: one ping each, CPU of its process. Ends with exit code 1 when ours takes more than a quarter of prom-client's
 * CPU, when anything waits for more than 20 ms, or when a slot is late.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { blackboxCost } from './blackbox.ts';
import { DaemonUnderTest, loopbackOrder, quantile, sleep } from './daemon-under-test.ts';
import { renderingCosts } from './exposition-costs.ts';
import { cpuSecondsOf, rssMbOf } from './process-usage.ts';

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

/** The process of the web server. */
function webPid(pid: number): number {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
	return Number(children.find((one) => readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('--child')));
}

/** Bytes as they were sent. */
function timed(url: string, headers: Readonly<Record<string, string>> = {}) {
	const beganMs = performance.now();
	return new Promise<{ ms: number; bytes: number }>((resolve, reject) => {
		get(url, { headers }, (response) => {
			let bytes = 0;
			response.on('data', (chunk: Buffer) => {
				bytes += chunk.length;
			});
			response.on('end', () => resolve({ ms: performance.now() - beganMs, bytes })).on('error', reject);
		}).on('error', reject);
	});
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
	const late = await lateOf(url);
	const scrapes: { ms: number; bytes: number; cpuMs: number; isGzipped: boolean }[] = [];
	const waits: number[] = [];
	const endMs = performance.now() + liveSeconds * 1000;
	for (let nextMs = performance.now(); nextMs < endMs; nextMs += scrapeSeconds * 1000) {
		const isGzipped = scrapes.length % 2 === 1;
		const beganCpu = cpuSecondsOf(pid);
		const scrape = timed(`${url}/metrics`, isGzipped ? { 'accept-encoding': 'gzip' } : {});
		let isOver = false;
		void scrape.finally(() => {
			isOver = true;
		});
		while (!isOver) waits.push((await timed(`${url}/-/healthy`)).ms);
		scrapes.push({ ...(await scrape), cpuMs: (cpuSecondsOf(pid) - beganCpu) * 1000, isGzipped });
		await sleep(Math.max(0, nextMs + scrapeSeconds * 1000 - performance.now()));
	}
	const of = (wanted: boolean) => {
		const some = scrapes.filter(({ isGzipped }) => isGzipped === wanted);
		const median = (key: 'ms' | 'bytes' | 'cpuMs') =>
			quantile(
				some.map((scrape) => scrape[key]),
				0.5,
			);
		return { scrapes: some.length, ms: median('ms'), bytes: median('bytes'), cpuMs: median('cpuMs') };
	};
	return {
		...{ plain: of(false), gzip: of(true), rssMb: rssMbOf(pid) },
		othersWaitMs: { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), max: Math.max(...waits) },
		lateSlots: (await lateOf(url)) - late,
	};
}

async function lateOf(url: string): Promise<number> {
	const text = await (await fetch(`${url}/metrics?orders=none`)).text();
	return Number(/^pingmachine_daemon_slots_late_total (\d+)/m.exec(text)?.[1] ?? 'NaN');
}

const written = await renderingCosts({ orders, rounds, pings, stepSeconds, scrapeSeconds });
const ratio = written.text.cpuMs / written.promClient.cpuMs;
const daemon = new DaemonUnderTest();
const scraped = liveSeconds > 0 ? await live(daemon).finally(() => daemon.end()) : null;
await daemon.end();
const blackbox = liveSeconds > 0 ? await blackboxCost(orders) : null;
const report = { orders, written, ratio, scraped, blackbox };
if (options.json) console.log(JSON.stringify(report));
else {
	console.log(`${orders} orders, one scrape:`);
	for (const [name, { cpuMs, bytes, delayMs }] of Object.entries(written))
		console.log(
			`  ${name.padEnd(12)} ${cpuMs.toFixed(0).padStart(6)} ms CPU ${(bytes / 1e6).toFixed(1).padStart(6)} MB, others wait ${delayMs.toFixed(1)} ms at most`,
		);
	console.log(`  text takes ${ratio.toFixed(2)} of prom-client's CPU (at most ${ratioMax})`);
	if (scraped !== null) {
		console.log('while measuring:', scraped);
		console.log('blackbox_exporter:', blackbox ?? 'is not installed (prometheus-blackbox-exporter)');
	}
}
const delays = [written.text, written.openMetrics, written.protobuf].map(({ delayMs }) => delayMs);
const isGood = ratio <= ratioMax && Math.max(...delays) <= delayMaxMs && (scraped?.lateSlots ?? 0) === 0;
process.exitCode = isGood ? 0 : 1;
