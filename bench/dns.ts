/** bench: many names asked for at a name server of known delay: times and processor time, dig beside it */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
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

/** What the name server makes of a question, milliseconds. */
const truthMs = 20;
/** Between two runs of dig, milliseconds. */
const digEveryMs = 200;

/** In a process of its own, so that what it takes is in no figure: sends each question back as an empty answer. Tells its port. */
const serverScript = `const socket = require('node:dgram').createSocket('udp4');
	socket.on('message', (message, { port, address }) => {
		message[2] |= 0x80;
		setTimeout(() => socket.send(message, port, address), ${truthMs});
	});
	socket.bind(0, '127.0.0.1', function () { console.log(this.address().port); });`;
const server: ChildProcess = spawn(process.execPath, ['--eval', serverScript], {
	stdio: ['ignore', 'pipe', 'inherit'],
});
const port = await new Promise<number>((resolve) =>
	server.stdout?.once('data', (text) => resolve(Number(text))),
);
const daemon = new DaemonUnderTest();
try {
	const result = { orders, stepSeconds, pings, truthMs, ...(await measure()) };
	if (values.json) console.log(JSON.stringify(result));
	else report(result);
} finally {
	await daemon.end();
	server.kill();
}

/** One whole slot; dig asks meanwhile. */
async function measure() {
	for (let i = 0; i < orders; i++) {
		const section = `    name: host${i}.example.net\n    server: 127.0.0.1\n    port: ${port}\n`;
		const head = `user: bench\nstep: ${stepSeconds}\npings: ${pings}\nprobe: dns\ndns:\n`;
		daemon.order(`user${i % 20}/order${i}`, head + section);
	}
	const config = join(daemon.baseDir, 'config.yaml');
	const results = join(daemon.baseDir, 'results.jsonl');
	writeFileSync(config, `sinks:\n    - {type: file, path: ${results}}\n`);
	await daemon.start(['--config', config]);
	await daemon.logged(({ message }) => message.startsWith('first scan done'));
	const slot = Math.ceil(Date.now() / 1000 / stepSeconds + 1) * stepSeconds;
	await sleep(slot * 1000 - Date.now());
	const before = daemon.usage();
	const digBefore = childrenCpuMs();
	const digMs: number[] = [];
	const endMs = (slot + stepSeconds) * 1000;
	while (Date.now() < endMs) {
		const nextMs = Date.now() + digEveryMs;
		digMs.push(await askDig());
		await sleep(Math.max(0, Math.min(nextMs, endMs) - Date.now()));
	}
	const after = daemon.usage();
	const digCpuMs = childrenCpuMs() - digBefore;
	await sleep(3000);
	const told = readResults(results, slot);
	const cpuSeconds = after.daemonCpuSeconds - before.daemonCpuSeconds;
	return {
		...told,
		cpuSeconds,
		cpuMsPerQuestion: (cpuSeconds * 1000) / (orders * pings),
		dig: { count: digMs.length, cpuMsPerQuestion: digCpuMs / digMs.length, ms: quantiles(digMs) },
	};
}

/** Of the children of this process that have ended. */
function childrenCpuMs(): number {
	const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
	// Clock ticks, 100 a second: cutime and cstime.
	const [user = 0, system = 0] = fields.slice(13, 15);
	return (user + system) * 10;
}

/** Milliseconds, as dig says. */
async function askDig(): Promise<number> {
	const args = ['@127.0.0.1', '-p', String(port), '-u', '+tries=1', 'dig.example.net'];
	const { stdout } = await promisify(execFile)('dig', args);
	return Number(/Query time: (\d+) usec/.exec(stdout)?.[1]) / 1000;
}

function readResults(path: string, slot: number) {
	const all: number[] = [];
	const undelayed: number[] = [];
	let fresh = 0;
	let lost = 0;
	for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
		const outcome = JSON.parse(line);
		if (outcome.slot !== slot || outcome.samples === undefined) continue;
		fresh++;
		for (const [i, { rtt }] of outcome.samples.entries()) {
			if (rtt === null) lost++;
			else all.push(rtt * 1000);
			if (rtt !== null && outcome.facts?.delayed?.[i] === false) undelayed.push(rtt * 1000);
		}
	}
	return { freshPart: fresh / orders, lost, ms: quantiles(all), undelayedMs: quantiles(undelayed) };
}

function quantiles(list: readonly number[]) {
	return { count: list.length, p50: quantile(list, 0.5), p99: quantile(list, 0.99) };
}

function report(result: Awaited<ReturnType<typeof measure>>): void {
	const times = ({ count, p50, p99 }: ReturnType<typeof quantiles>) =>
		`p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms of ${count}`;
	console.log(
		`pingmachine: fresh ${(result.freshPart * 100).toFixed(2)} %, lost ${result.lost} pings, CPU ` +
			`${result.cpuSeconds.toFixed(1)} s in ${stepSeconds} s (${result.cpuMsPerQuestion.toFixed(2)} ms a question)`,
	);
	console.log(
		`times, truth ${truthMs} ms: ${times(result.ms)}; that were not delayed: ${times(result.undelayedMs)}`,
	);
	const { dig } = result;
	console.log(
		`dig, in the same time: ${times(dig.ms)}, CPU ${dig.cpuMsPerQuestion.toFixed(1)} ms a question`,
	);
}
