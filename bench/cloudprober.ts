/** bench: the daemon beside cloudprober, with the same targets in the same minute: CPU, wake-ups and memory */
/*
 * Options: [--orders 10,1000,10000,20000] [--template short] [--program PATH] [--json]
 *
 * Step 60, 5 pings, as far as cloudprober gets to send as many. Each has a network namespace of its own. --program, or
 * CLOUDPROBER in the environment: that program, made of its public source by `go build ./cmd/cloudprober`. Needs root.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeConfig } from './around.ts';
import { DaemonUnderTest, loopbackOrder, needDisk, rrdBytesOf, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';
import { isInOwnNetwork, loopbackTargets } from './icmp-tools.ts';
import { cpuSecondsByThread, ownMegabytes } from './thread-cost.ts';
import { sumOf, wakeUpsBetween, wakeUpsOf } from './wake-ups.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10,1000,10000,20000' },
		template: { type: 'string', default: 'short' },
		program: { type: 'string', default: process.env['CLOUDPROBER'] ?? 'cloudprober' },
		json: { type: 'boolean', default: false },
	},
});
const stepSeconds = 60;
const pings = 5;
/** It pauses for a millisecond after each packet, so that is how long a round takes at least. */
const itsPauseMs = 1;
const itsSpanMs = 50_000;

interface Cost {
	/** Seconds a minute. */
	readonly cpu: number;
	/** A second. */
	readonly wakeUps: number;
	readonly megabytes: number;
	/** Pings that were sent a minute. */
	readonly pings: number;
}

const results: { readonly orders: number; readonly ours: Cost; readonly theirs: Cost }[] = [];

/** Probes the same targets as often. It cannot send faster, so with many of them its rounds are longer. */
function itsConfig(orders: number): string {
	const roundMs = orders * itsPauseMs;
	const betweenMs = Math.max(25, Math.floor((itsSpanMs - pings * roundMs) / pings));
	return `surfacer { type: PROMETHEUS }
probe {
	name: "bench"
	type: PING
	targets { host_names: ${itsNames(orders)} }
	interval_msec: ${stepSeconds * 1000}
	timeout_msec: ${Math.min(stepSeconds * 1000, Math.max(59_000, roundMs))}
	ping_probe { packets_per_probe: ${pings} packets_interval_msec: ${betweenMs} use_datagram_socket: false }
}
`;
}

/** A text may be put together of several: it cannot read lines of more than 64 kB. */
function itsNames(orders: number): string {
	const names = loopbackTargets(orders).map((name, index) => (index === 0 ? name : `,${name}`));
	const lines: string[] = [];
	for (let from = 0; from < names.length; from += 1000)
		lines.push(`"${names.slice(from, from + 1000).join('')}"`);
	return lines.join('\n');
}

function startIt(orders: number, folder: string): ChildProcess {
	const file = join(folder, 'cloudprober.cfg');
	writeFileSync(file, itsConfig(orders));
	const script = 'ip link set lo up; exec "$0" --config_file "$1"';
	return spawn('unshare', ['--net', 'sh', '-c', script, values.program, file], { stdio: 'ignore' });
}

const usageOf = (pid: number) => ({
	cpu: cpuSecondsByThread(pid),
	wakeUps: wakeUpsOf(pid),
	sent: sentIn(pid),
});

/** Requests that the kernel has sent in the network namespace of a process. */
function sentIn(pid: number): number {
	const [names = [], counts = []] = readFileSync(`/proc/${pid}/net/snmp`, 'utf8')
		.split('\n')
		.filter((line) => line.startsWith('IcmpMsg:'))
		.map((line) => line.split(' '));
	return Number(counts[names.indexOf('OutType8')] ?? 0);
}

function costOf(pid: number, before: ReturnType<typeof usageOf>): Cost {
	const after = usageOf(pid);
	return {
		cpu: sumOf(wakeUpsBetween(before.cpu, after.cpu)) * (60 / stepSeconds),
		wakeUps: sumOf(wakeUpsBetween(before.wakeUps, after.wakeUps)) / stepSeconds,
		megabytes: ownMegabytes(pid),
		pings: (after.sent - before.sent) * (60 / stepSeconds),
	};
}

async function compare(orders: number): Promise<void> {
	const daemon = new DaemonUnderTest();
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
	let it: ChildProcess | null = null;
	try {
		for (let i = 0; i < orders; i++)
			daemon.order(`bench/order${i}`, loopbackOrder(i, stepSeconds, pings, 'icmp'));
		await daemon.start(['--config', writeConfig(daemon.baseDir, values.template, [])], 'info');
		it = startIt(orders, folder);
		const { pid } = it;
		if (pid === undefined) throw new Error('unshare could not be started');
		// The first minutes are those of newcomers, and of files that are made.
		await sleep(2 * stepSeconds * 1000);
		if (it.exitCode !== null) throw new Error(`${values.program} ended: is it there? Give --program`);
		const [ourStart, itsStart] = [usageOf(daemon.pid), usageOf(pid)];
		await sleep(stepSeconds * 1000);
		tell({ orders, ours: costOf(daemon.pid, ourStart), theirs: costOf(pid, itsStart) });
	} finally {
		it?.kill('SIGKILL');
		await daemon.end();
		rmSync(folder, { recursive: true, force: true });
	}
}

function tell(result: (typeof results)[number]): void {
	results.push(result);
	if (values.json) return;
	const { orders, ours, theirs } = result;
	const line = ({ cpu, wakeUps, megabytes, pings: sent }: Cost) =>
		`${cpu.toFixed(2)} s CPU a minute for ${sent} pings, ${wakeUps.toFixed(0)} wake-ups a second, ${megabytes.toFixed(0)} MB`;
	console.log(
		`${orders} targets: pingmachine ${line(ours)}; cloudprober ${line(theirs)}: ` +
			`${(ours.cpu / theirs.cpu).toFixed(2)} of its CPU (limit 1); load ${loadavg()[0]?.toFixed(1)}`,
	);
}

if (isInOwnNetwork()) {
	const counts = values.orders.split(',').map(Number);
	needDisk(Math.max(...counts), rrdBytesOf(values.template));
	for (const orders of counts) await compare(orders);
	if (values.json) console.log(JSON.stringify(results));
	const figures = results.map(
		({ orders, ours, theirs }) => [`${orders} icmp: CPU to cloudprober's`, ours.cpu / theirs.cpu] as const,
	);
	keepFigures('cloudprober', Object.fromEntries(figures));
}
