/** bench: what a daemon takes with so many orders: CPU, wake-ups and memory, alone and with web, alerts and a sink */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { surroundings, writeConfig } from './around.ts';
import { DaemonUnderTest, loopbackOrder, needDisk, rrdBytesOf, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';
import { type Limits, limitsOf } from './limits.ts';
import { childrenOf, cpuSecondsByThread, ownMegabytes, type ThreadCosts } from './thread-cost.ts';
import { sumOf, wakeUpsBetween, wakeUpsOf } from './wake-ups.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '0,10,100,1000' },
		probe: { type: 'string', default: 'icmp' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		/** short: a quarter of the disk; norrd: none. */
		template: { type: 'string', default: 'smokeping' },
		/** How many whole slots are watched, after so many that are not: the second files of orders are made in the second slot. */
		slots: { type: 'string', default: '1' },
		after: { type: 'string', default: '1' },
		/** What is switched on besides: web,alerts,sink. all: all of them, none: nothing, both: one after the other. */
		with: { type: 'string', default: 'none' },
		/** Tells the threads apart. */
		threads: { type: 'boolean', default: false },
		/** Also what the same orders of icmp take in C: pings, and a row and an exchange of names each. */
		limits: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
	},
});
const counts = values.orders.split(',').map(Number);
const { probe } = values;
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
const watchedSeconds = stepSeconds * Number(values.slots);
needDisk(Math.max(...counts), rrdBytesOf(values.template));

interface Report {
	readonly orders: number;
	/** What was switched on besides. */
	readonly with: string;
	/** Sent a second, and wake-ups of all threads of the daemon a second. */
	readonly pings: number;
	readonly wakeUps: number;
	/** Of all its threads, in seconds a minute; of the programs that it ran; of the web server. */
	readonly cpuSeconds: number;
	readonly childrenCpuSeconds: number;
	readonly webCpuSeconds: number;
	/** At the end: of the daemon, without the web server. */
	readonly megabytes: number;
	readonly webMegabytes: number;
	/** How busy the whole machine was, in processors. */
	readonly machineBusy: number;
	/** What cannot be avoided, measured just afterwards. */
	readonly limits: Limits | null;
	/** By thread, the liveliest first: wake-ups a second, and CPU in seconds a minute. */
	readonly threads: readonly (readonly [string, number])[];
	readonly cpuByThread: readonly (readonly [string, number])[];
}

const reports: Report[] = [];
const ways = values.with === 'both' ? ['none', 'all'] : [values.with];
for (const orders of counts) {
	for (const way of ways) {
		const report = {
			...(await watch(orders, way)),
			limits: values.limits && orders > 0 ? limitsOf(orders, stepSeconds, pings) : null,
		};
		reports.push(report);
		if (!values.json) print(report);
	}
}
if (values.json) console.log(JSON.stringify({ probe, stepSeconds, pings, reports }));
keepFigures('idle', Object.fromEntries(reports.flatMap(figuresOf)));

/** Lets the first slot go by, in which orders are newcomers, then watches whole slots. */
async function watch(orders: number, way: string): Promise<Omit<Report, 'limits'>> {
	const daemon = new DaemonUnderTest();
	try {
		for (let i = 0; i < orders; i++) {
			daemon.order(`bench/order${i}`, loopbackOrder(i, stepSeconds, pings, probe));
		}
		const config = writeConfig(
			daemon.baseDir,
			values.template,
			way === 'all' ? surroundings : way.split(','),
		);
		await daemon.start(['--config', config], 'info');
		const slotMs = stepSeconds * 1000;
		// At the end of a slot all is quiet, but for what its jobs have left.
		const firstMs = Math.ceil((Date.now() + 10_000) / slotMs) * slotMs - slotMs * 0.02;
		await sleep(firstMs + Number(values.after) * slotMs - Date.now());
		const before = lookAt(daemon);
		await sleep(watchedSeconds * 1000);
		const after = lookAt(daemon);
		const wakeUps = wakeUpsBetween(before.wakeUps, after.wakeUps);
		const cpu = wakeUpsBetween(before.cpu, after.cpu);
		const perMinute = 60 / watchedSeconds;
		return {
			...{ orders, with: way, pings: (orders * pings) / stepSeconds },
			wakeUps: sumOf(wakeUps) / watchedSeconds,
			cpuSeconds: sumOf(cpu) * perMinute,
			childrenCpuSeconds: (after.children - before.children) * perMinute,
			webCpuSeconds: sumOf(wakeUpsBetween(before.web, after.web)) * perMinute,
			megabytes: ownMegabytes(daemon.pid),
			webMegabytes: childrenOf(daemon.pid).reduce((sum, pid) => sum + ownMegabytes(pid), 0),
			machineBusy: (after.busy - before.busy) / watchedSeconds,
			threads: liveliest(wakeUps, 1 / watchedSeconds),
			cpuByThread: liveliest(cpu, perMinute),
		};
	} finally {
		await daemon.end();
	}
}

function lookAt(daemon: DaemonUnderTest) {
	const { pid } = daemon;
	const [web] = childrenOf(pid);
	return {
		wakeUps: wakeUpsOf(pid),
		cpu: cpuSecondsByThread(pid),
		web: web === undefined ? new Map<string, number>() : cpuSecondsByThread(web),
		children: daemon.usage().childrenCpuSeconds,
		busy: busySeconds(),
	};
}

function liveliest(costs: ThreadCosts, factor: number): (readonly [string, number])[] {
	const some = [...costs].filter(([, cost]) => cost * factor >= 0.005);
	return some.sort(([, a], [, b]) => b - a).map(([thread, cost]) => [thread, cost * factor] as const);
}

/** Of all processors together, since the machine was started. */
function busySeconds(): number {
	const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (
		readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
	)
		.split(/\s+/)
		.slice(1)
		.map(Number);
	return (user + nice + system + irq + softirq) / 100;
}

function print(report: Report): void {
	const { orders, wakeUps, cpuSeconds, childrenCpuSeconds, webCpuSeconds, machineBusy, threads } = report;
	console.log(
		`${orders} ${probe} orders, with ${report.with}, ${report.pings.toFixed(1)} pings a second: ${wakeUps.toFixed(1)} wake-ups a second; ` +
			`CPU a minute: daemon ${cpuSeconds.toFixed(2)} s + children ${childrenCpuSeconds.toFixed(2)} s + web ${webCpuSeconds.toFixed(2)} s; ` +
			`${report.megabytes.toFixed(0)} MB, web ${report.webMegabytes.toFixed(0)} MB; ` +
			`machine: ${machineBusy.toFixed(2)} processors busy, load ${loadavg()[0]?.toFixed(1)}`,
	);
	if (report.limits !== null) console.log(`    ${limitsLine(report.limits, cpuSeconds)}`);
	if (!values.threads) return;
	for (const [thread, perSecond] of threads)
		console.log(`    ${thread}: woken ${perSecond.toFixed(2)} a second`);
	for (const [thread, seconds] of report.cpuByThread)
		console.log(`    ${thread}: ${seconds.toFixed(3)} s a minute`);
}

function limitsLine({ pings: inPings, files }: Limits, cpuSeconds: number): string {
	const sum = inPings + files;
	return (
		`in C beside it: pings ${inPings.toFixed(2)} s + files ${files.toFixed(2)} s = ${sum.toFixed(2)} s a minute; ` +
		`the daemon takes ${(cpuSeconds / sum).toFixed(2)} times that (limit 1.4)`
	);
}

function figuresOf(report: Report): (readonly [string, number])[] {
	const of = `${report.orders} ${probe}${report.with === 'none' ? '' : ` with ${report.with}`}`;
	return [
		[`${of}: CPU s a minute`, report.cpuSeconds + report.childrenCpuSeconds],
		[`${of}: wake-ups a second`, report.wakeUps],
		[`${of}: MB`, report.megabytes],
		...(report.limits === null
			? []
			: ([
					[`${of}: CPU to limits`, report.cpuSeconds / (report.limits.pings + report.limits.files)],
				] as const)),
	];
}
