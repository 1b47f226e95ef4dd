/** bench: a daemon with little to do: wake-ups and CPU at 0, 10, 100 and 1,000 orders, on a machine that is otherwise idle */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DaemonUnderTest, loopbackOrder, needDisk, sleep } from './daemon-under-test.ts';
import { sumOf, wakeUpsBetween, wakeUpsOf } from './wake-ups.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '0,10,100,1000' },
		probe: { type: 'string', default: 'icmp' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		/** short: a quarter of the disk; norrd: none. */
		template: { type: 'string', default: 'smokeping' },
		/** How many whole slots are watched. */
		slots: { type: 'string', default: '1' },
		/** Tells the threads apart. */
		threads: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
	},
});
const counts = values.orders.split(',').map(Number);
const { probe } = values;
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
const watchedSeconds = stepSeconds * Number(values.slots);
const rrdBytes = { smokeping: 672_008, short: 160_000, norrd: 8192 }[values.template];
if (rrdBytes === undefined) throw new Error('--template is smokeping, short or norrd');
needDisk(Math.max(...counts), rrdBytes);

interface Report {
	readonly orders: number;
	/** Sent a second, and wake-ups of all threads of the daemon a second. */
	readonly pings: number;
	readonly wakeUps: number;
	/** Of all its threads, in seconds a minute; and of the programs that it ran. */
	readonly cpuSeconds: number;
	readonly childrenCpuSeconds: number;
	/** How busy the whole machine was, in processors. */
	readonly machineBusy: number;
	/** Wake-ups a second by thread, the liveliest first. */
	readonly threads: readonly (readonly [string, number])[];
}

const reports: Report[] = [];
for (const orders of counts) {
	const report = await watch(orders);
	reports.push(report);
	if (!values.json) print(report);
}
if (values.json) console.log(JSON.stringify({ probe, stepSeconds, pings, reports }));

/** Lets the first slot go by, in which orders are newcomers, then watches whole slots. */
async function watch(orders: number): Promise<Report> {
	const daemon = new DaemonUnderTest();
	try {
		for (let i = 0; i < orders; i++) {
			daemon.order(`bench/order${i}`, loopbackOrder(i, stepSeconds, pings).replaceAll('fping', probe));
		}
		const config = join(daemon.baseDir, 'config.yaml');
		writeFileSync(config, `rrd: {template: ${values.template}}\n`);
		await daemon.start(['--config', config], 'info');
		const slotMs = stepSeconds * 1000;
		// At the end of a slot all is quiet, but for what its jobs have left.
		const startMs = Math.ceil((Date.now() + 10_000) / slotMs) * slotMs - slotMs * 0.02;
		await sleep(startMs - Date.now());
		const before = { usage: daemon.usage(), wakeUps: wakeUpsOf(daemon.pid), busy: busySeconds() };
		await sleep(watchedSeconds * 1000);
		const after = { usage: daemon.usage(), wakeUps: wakeUpsOf(daemon.pid), busy: busySeconds() };
		const wakeUps = wakeUpsBetween(before.wakeUps, after.wakeUps);
		const perMinute = 60 / watchedSeconds;
		return {
			orders,
			pings: (orders * pings) / stepSeconds,
			wakeUps: sumOf(wakeUps) / watchedSeconds,
			cpuSeconds: (after.usage.daemonCpuSeconds - before.usage.daemonCpuSeconds) * perMinute,
			childrenCpuSeconds: (after.usage.childrenCpuSeconds - before.usage.childrenCpuSeconds) * perMinute,
			machineBusy: (after.busy - before.busy) / watchedSeconds,
			threads: [...wakeUps]
				.filter(([, count]) => count > 0)
				.sort(([, a], [, b]) => b - a)
				.map(([thread, count]) => [thread, count / watchedSeconds] as const),
		};
	} finally {
		await daemon.end();
	}
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
	const { orders, wakeUps, cpuSeconds, childrenCpuSeconds, machineBusy, threads } = report;
	console.log(
		`${orders} ${probe} orders, ${report.pings.toFixed(1)} pings a second: ${wakeUps.toFixed(1)} wake-ups a second; ` +
			`CPU a minute: daemon ${cpuSeconds.toFixed(2)} s + children ${childrenCpuSeconds.toFixed(2)} s; ` +
			`machine: ${machineBusy.toFixed(2)} processors busy, load ${loadavg()[0]?.toFixed(1)}`,
	);
	if (!values.threads) return;
	for (const [thread, perSecond] of threads) console.log(`    ${thread}: ${perSecond.toFixed(2)} a second`);
}
