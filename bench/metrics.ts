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
import { parseArgs } from 'node:util';
import { DaemonUnderTest, loopbackOrder, quantile, sleep } from './daemon-under-test.ts';
import { renderingCosts } from './exposition-costs.ts';

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

const written = await renderingCosts({ orders, rounds, pings, stepSeconds, scrapeSeconds });
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
