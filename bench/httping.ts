/** bench: many httping orders against a local server: processor time and processes, a shell loop beside it */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DaemonUnderTest, needDisk, sleep } from './daemon-under-test.ts';

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

/** In a process of its own, so that what it takes is in no figure. Tells its port. */
const serverScript = `require('node:http').createServer((_, response) => response.end())
	.listen(0, '127.0.0.1', 4096, function () { console.log(this.address().port); });`;
const server = spawn(process.execPath, ['--eval', serverScript], { stdio: ['ignore', 'pipe', 'inherit'] });
const port = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(Number(text))));
const address = `127.0.0.1:${port}`;

const daemon = new DaemonUnderTest();
try {
	const result = {
		orders,
		stepSeconds,
		pings,
		daemon: await measureDaemon(),
		shell: await measureShell(),
		inProcess: await measureInProcess(),
	};
	if (values.json) console.log(JSON.stringify(result));
	else report(result);
} finally {
	await daemon.end();
	server.kill();
}

/** One whole slot. */
async function measureDaemon() {
	const ids = Array.from({ length: orders }, (_, i) => `user${i % 20}/order${i}`);
	ids.forEach((id, i) => {
		const section = `probe: httping\nhttping:\n    url: http://${address}/${i}\n`;
		daemon.order(id, `user: bench\nstep: ${stepSeconds}\npings: ${pings}\n${section}`);
	});
	let delay = '';
	daemon.onLog(({ message }) => {
		delay = /main-thread delay (.*)$/.exec(message)?.[1] ?? delay;
	});
	await daemon.start();
	await daemon.logged(({ message }) => message.startsWith('first scan done'));
	const slot = Math.ceil(Date.now() / 1000 / stepSeconds + 1) * stepSeconds;
	await sleep(slot * 1000 - Date.now());
	const before = daemon.usage();
	const processes = watchProcesses();
	await sleep((slot + stepSeconds) * 1000 - Date.now());
	const after = daemon.usage();
	const peaks = processes.stop();
	await sleep(3000);
	let fresh = 0;
	let lost = 0;
	for (const id of ids) {
		const text = readFileSync(join(daemon.baseDir, 'output', id, 'last_result'), 'utf8');
		if (Number(/^time: (\d+)$/m.exec(text)?.[1]) >= slot) fresh++;
		lost += Number(/^loss: (\d+)$/m.exec(text)?.[1]);
	}
	await daemon.end();
	return {
		freshPart: fresh / orders,
		lost,
		...peaks,
		daemonCpuSeconds: after.daemonCpuSeconds - before.daemonCpuSeconds,
		childrenCpuSeconds: after.childrenCpuSeconds - before.childrenCpuSeconds,
		delay,
	};
}

/** What somebody would write without pingmachine: all at once, over the same time. */
async function measureShell() {
	const interval = (stepSeconds * 0.8) / pings;
	const run = `httping http://${address}/$i --count ${pings} --interval ${interval} --timeout 15 >/dev/null 2>&1 &`;
	const script = `for i in $(seq ${orders}); do ${run} done; wait; times`;
	const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
	const processes = watchProcesses();
	let output = '';
	child.stdout.on('data', (text) => {
		output += text;
	});
	await new Promise((resolve) => child.once('close', resolve));
	// User and system time of the shell, then of its children: 0m1.234s
	const seconds = [...output.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
	const cpuSeconds = seconds.reduce((sum, one) => sum + one, 0);
	return { cpuSeconds, ...processes.stop() };
}

/** The same requests, a connection each, by node:http in this process, evenly over ten seconds. */
async function measureInProcess() {
	const before = process.cpuUsage();
	const requests = orders * pings;
	const perMs = requests / 10_000;
	let sent = 0;
	const startedMs = performance.now();
	const answers: Promise<void>[] = [];
	while (sent < requests) {
		const dueBy = Math.min(requests, (performance.now() - startedMs) * perMs);
		while (sent < dueBy) answers.push(requestOnce(sent++));
		await sleep(5);
	}
	await Promise.all(answers);
	const { user, system } = process.cpuUsage(before);
	return { cpuSeconds: (user + system) / 1e6 };
}

function requestOnce(number: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const options = { method: 'HEAD', agent: false };
		get(`http://${address}/${number}`, options, (response) => {
			response.resume().on('end', resolve);
		}).on('error', reject);
	});
}

/** Looks several times a second how many httping processes there are and what memory they have for themselves. */
function watchProcesses() {
	let peakProcesses = 0;
	let peakMemoryMb = 0;
	const timer = setInterval(() => {
		const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && nameOf(name) === 'httping');
		if (pids.length <= peakProcesses) return;
		peakProcesses = pids.length;
		peakMemoryMb = Math.round(pids.reduce((sum, pid) => sum + ownKilobytes(pid), 0) / 1024);
	}, 250);
	const stop = () => {
		clearInterval(timer);
		return { peakProcesses, peakMemoryMb };
	};
	return { stop };
}

function nameOf(pid: string): string {
	return readOrNothing(`/proc/${pid}/comm`).trim();
}

function ownKilobytes(pid: string): number {
	const text = readOrNothing(`/proc/${pid}/smaps_rollup`);
	return [...text.matchAll(/^Private_\w+: +(\d+)/gm)].reduce((sum, [, kB]) => sum + Number(kB), 0);
}

/** A process may be gone. */
function readOrNothing(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

function report(result: {
	daemon: Awaited<ReturnType<typeof measureDaemon>>;
	shell: Awaited<ReturnType<typeof measureShell>>;
	inProcess: Awaited<ReturnType<typeof measureInProcess>>;
}): void {
	const { daemon, shell, inProcess } = result;
	const peaks = (of: { peakProcesses: number; peakMemoryMb: number }) =>
		`at most ${of.peakProcesses} processes with ${of.peakMemoryMb} MB of their own`;
	const children = daemon.childrenCpuSeconds;
	console.log(
		`pingmachine: fresh ${(daemon.freshPart * 100).toFixed(2)} %, lost ${daemon.lost} pings, CPU ` +
			`${daemon.daemonCpuSeconds.toFixed(1)} s + children ${children.toFixed(1)} s in ${stepSeconds} s, ${peaks(daemon)}, ` +
			`main-thread delay ${daemon.delay}`,
	);
	console.log(`shell loop, all at once: CPU ${shell.cpuSeconds.toFixed(1)} s, ${peaks(shell)}`);
	console.log(`node:http in one process: CPU ${inProcess.cpuSeconds.toFixed(1)} s`);
}
