/** bench: many URLs by http and by httping: processor time and processes; phases compared with curl -w */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { DaemonUnderTest, needDisk, quantile, sleep } from './daemon-under-test.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '1000' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
needDisk(orders, 672_008);

const phaseNames = ['connect', 'tls', 'first_byte', 'transfer'] as const;
type Phases = Record<(typeof phaseNames)[number], number>;
/** Seconds, how many of its pings, and how many orders ask it. */
const [slowStep, slowPings, slowOrders] = [10, 10, 4];
/** What the slow server makes of a request, milliseconds. */
const truth = { first_byte: 50, transfer: 30 };

/** Servers are processes of their own, so that what they take is in no figure. They tell their ports. */
const plainScript = `require('node:http').createServer((_, response) => response.end())
	.listen(0, '127.0.0.1', 4096, function () { console.log(this.address().port); });`;
const fixture = (name: string) => new URL(`../../fixtures/tls/${name}.pem`, import.meta.url).pathname;
const slowScript = `const { readFileSync } = require('node:fs');
	const tls = { key: readFileSync('${fixture('key')}'), cert: readFileSync('${fixture('certificate')}') };
	require('node:https').createServer(tls, (_, response) => setTimeout(() => {
		response.write('a');
		setTimeout(() => response.end('b'), ${truth.transfer});
	}, ${truth.first_byte})).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const children: ChildProcess[] = [];
const port = await serve(plainScript);
const slowPort = await serve(slowScript);
const daemons: DaemonUnderTest[] = [];
try {
	const result = {
		...{ orders, stepSeconds, pings },
		httping: await measureDaemon('httping'),
		http: await measureDaemon('http'),
		phases: await measurePhases(),
	};
	if (values.json) console.log(JSON.stringify(result));
	else report(result);
} finally {
	for (const daemon of daemons) await daemon.end();
	for (const child of children) child.kill();
}

async function serve(script: string): Promise<number> {
	const server = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
	children.push(server);
	return new Promise((resolve) => server.stdout.once('data', (text) => resolve(Number(text))));
}

function newDaemon(): DaemonUnderTest {
	const daemon = new DaemonUnderTest();
	daemons.push(daemon);
	return daemon;
}

function urlOrder(probe: string, url: string, step: number, count: number, more = ''): string {
	return `user: bench\nstep: ${step}\npings: ${count}\nprobe: ${probe}\n${probe}:\n    url: ${url}\n${more}`;
}

/** One whole slot. */
async function measureDaemon(probe: 'http' | 'httping') {
	const daemon = newDaemon();
	const ids = Array.from({ length: orders }, (_, i) => `user${i % 20}/order${i}`);
	for (const [i, id] of ids.entries())
		daemon.order(id, urlOrder(probe, `http://127.0.0.1:${port}/${i}`, stepSeconds, pings));
	let delay = '';
	daemon.onLog(({ message }) => {
		delay = /main-thread delay (.*)$/.exec(message)?.[1] ?? delay;
	});
	await daemon.start();
	await daemon.logged(({ message }) => message.startsWith('first scan done'));
	const slot = Math.ceil(Date.now() / 1000 / stepSeconds + 1) * stepSeconds;
	await sleep(slot * 1000 - Date.now());
	const before = daemon.usage();
	let peakProcesses = 0;
	const timer = setInterval(() => {
		peakProcesses = Math.max(peakProcesses, 1 + childrenOf(daemon.pid));
	}, 250);
	await sleep((slot + stepSeconds) * 1000 - Date.now());
	clearInterval(timer);
	const after = daemon.usage();
	await sleep(3000);
	let fresh = 0;
	let lost = 0;
	for (const id of ids) {
		const text = readFileSync(join(daemon.baseDir, 'output', id, 'last_result'), 'utf8');
		if (Number(/^time: (\d+)$/m.exec(text)?.[1]) >= slot) fresh++;
		lost += Number(/^loss: (\d+)$/m.exec(text)?.[1]);
	}
	await daemon.end();
	const cpuSeconds =
		after.daemonCpuSeconds - before.daemonCpuSeconds + after.childrenCpuSeconds - before.childrenCpuSeconds;
	return { freshPart: fresh / orders, lost, cpuSeconds, peakProcesses, peakRssMb: after.peakRssMb, delay };
}

/** Of all that the daemon has started, whatever their names. */
function childrenOf(pid: number): number {
	let count = 0;
	for (const name of readdirSync('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		try {
			const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
			if (Number(fields[1]) === pid) count++;
		} catch {
			// It is gone.
		}
	}
	return count;
}

/** The slow server beside all the others, as the daemon and as curl see it in the same time. Milliseconds. */
async function measurePhases() {
	const daemon = newDaemon();
	for (let i = 0; i < orders; i++)
		daemon.order(`order${i}`, urlOrder('http', `http://127.0.0.1:${port}/${i}`, stepSeconds, pings));
	const slow = `https://127.0.0.1:${slowPort}/`;
	const more = '    tls_verify: false\n    http_version: 1.1\n';
	for (let i = 0; i < slowOrders; i++)
		daemon.order(`slow${i}`, urlOrder('http', `${slow}${i}`, slowStep, slowPings, more));
	const config = join(daemon.baseDir, 'config.yaml');
	const results = join(daemon.baseDir, 'results.jsonl');
	writeFileSync(config, `sinks:\n    - {type: file, path: ${results}}\n`);
	await daemon.start(['--config', config]);
	await daemon.logged(({ message }) => message.startsWith('first scan done'));
	await sleep(slowStep * 1000);
	const startSeconds = Date.now() / 1000;
	const endMs = Date.now() + stepSeconds * 1000;
	const curl: Phases[] = [];
	while (Date.now() < endMs) {
		const nextMs = Date.now() + (slowStep * 1000) / slowPings / slowOrders;
		curl.push(await askCurl(slow));
		await sleep(Math.max(0, nextMs - Date.now()));
	}
	await sleep(slowStep * 1000 + 2000);
	const http = readPhases(results, startSeconds, endMs / 1000);
	await daemon.end();
	return {
		truth,
		http: quantilesOf(http.all),
		undelayed: quantilesOf(http.undelayed),
		curl: quantilesOf(curl),
	};
}

/** Of the orders `slow0` and so on, as the sink tells them. */
function readPhases(path: string, fromSeconds: number, toSeconds: number) {
	const all: Phases[] = [];
	const undelayed: Phases[] = [];
	for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
		const { order, samples, facts } = JSON.parse(line);
		if (!order.id.startsWith('slow') || samples === undefined) continue;
		for (const [i, { sent }] of samples.entries()) {
			if (sent < fromSeconds || sent > toSeconds) continue;
			const one = Object.fromEntries(phaseNames.map((name) => [name, facts[name]?.[i] * 1000])) as Phases;
			all.push(one);
			if (facts.delayed?.[i] === false) undelayed.push(one);
		}
	}
	return { all, undelayed };
}

async function askCurl(url: string): Promise<Phases> {
	const names = ['namelookup', 'connect', 'appconnect', 'pretransfer', 'starttransfer', 'total'];
	const format = names.map((name) => `%{time_${name}}`).join(' ');
	const args = ['-sk', '--http1.1', '-o', '/dev/null', '-w', format, url];
	const { stdout } = await promisify(execFile)('curl', args);
	const times = stdout.split(' ').map((seconds) => Number(seconds) * 1000);
	const [looked = 0, connected = 0, secured = 0, ready = 0, began = 0, ended = 0] = times;
	return {
		connect: connected - looked,
		tls: secured - connected,
		first_byte: began - ready,
		transfer: ended - began,
	};
}

function quantilesOf(list: readonly Phases[]) {
	const of = (name: (typeof phaseNames)[number]) => {
		const values = list.map((one) => one[name]);
		return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
	};
	return {
		count: list.length,
		...{ connect: of('connect'), tls: of('tls'), first_byte: of('first_byte'), transfer: of('transfer') },
	};
}

function report(result: {
	readonly http: Awaited<ReturnType<typeof measureDaemon>>;
	readonly httping: Awaited<ReturnType<typeof measureDaemon>>;
	readonly phases: Awaited<ReturnType<typeof measurePhases>>;
}): void {
	for (const name of ['httping', 'http'] as const) {
		const { freshPart, lost, cpuSeconds, peakProcesses, peakRssMb, delay } = result[name];
		console.log(
			`${name}: fresh ${(freshPart * 100).toFixed(2)} %, lost ${lost} pings, CPU ${cpuSeconds.toFixed(1)} s in ${stepSeconds} s, ` +
				`at most ${peakProcesses} processes, daemon's memory ${peakRssMb} MB, main-thread delay ${delay}`,
		);
	}
	const part = (key: 'cpuSeconds' | 'peakProcesses') => (result.http[key] / result.httping[key]).toFixed(3);
	console.log(
		`http takes ${part('cpuSeconds')} of the CPU and ${part('peakProcesses')} of the processes of httping`,
	);
	const { http, undelayed, curl } = result.phases;
	const ms = (value: number) => value.toFixed(2);
	console.log(
		`${http.count} pings, ${undelayed.count} of them not delayed; ${curl.count} by curl. Phases, p50 / p99 ms:`,
	);
	for (const name of phaseNames) {
		const of = (list: typeof http) => `${ms(list[name].p50)} / ${ms(list[name].p99)}`;
		const [more, moreUndelayed] = [http, undelayed].map((list) => ms(list[name].p99 - curl[name].p99));
		console.log(
			`  ${name}: http ${of(http)}, not delayed ${of(undelayed)}, curl ${of(curl)}: p99 ${more}, not delayed ${moreUndelayed} more`,
		);
	}
}
