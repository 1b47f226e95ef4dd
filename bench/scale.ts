/** bench: many orders, cold and warm start and slot by slot: freshness, CPU, memory, delays, disk, new orders */
import { statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
	DaemonUnderTest,
	loopbackOrder,
	needDisk,
	quantile,
	rrdBytesOf,
	sleep,
} from './daemon-under-test.ts';
import { keepFigures } from './history.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		probe: { type: 'string', default: 'fping' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		slots: { type: 'string', default: '3' },
		/** short: a quarter of the disk; norrd: none. */
		template: { type: 'string', default: 'smokeping' },
		/** Part of the orders that is replaced by others in every minute, percent. */
		churn: { type: 'string', default: '0' },
		/** The web server, too, scraped every 15 seconds. */
		web: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
const slots = Number(values.slots);
const { probe, template } = values;
/** Well before orders expire. */
const refreshSeconds = 3000;
const churnPart = Number(values.churn) / 100;
needDisk(orders * (1 + (churnPart * slots * stepSeconds) / 60), rrdBytesOf(template));

/** Of one slot, or of all (the largest of delays, the mean of the rest). */
interface SlotReport {
	readonly slotStart: string;
	/** Share of orders whose last_result is of this slot. */
	readonly freshPart: number;
	/** Loopback loses none, so each is a false loss. */
	readonly lostPings: number;
	readonly rttP50Us: number;
	readonly rttP99Us: number;
	/** All threads of the daemon, and its children, a minute. */
	readonly daemonCpuSeconds: number;
	readonly childrenCpuSeconds: number;
	readonly rssMb: number;
	readonly peakRssMb: number;
	readonly diskWrittenMb: number;
	/** One order at a time, until it is in the log. */
	readonly newOrderMs: number;
	/** What the daemon says of itself. */
	readonly store: string;
	readonly delay: string;
}

const daemon = new DaemonUnderTest();
const started = { coldMs: 0, warmMs: 0, firstResultMs: 0 };
const reports: SlotReport[] = [];
let said = { store: '', delay: '' };
let extra = 0;
const scrapeMs = 15_000;
/** Of the web server. */
let address: string | null = null;
const scrapes: number[] = [];
try {
	const ids = Array.from({ length: orders }, (_, i) => `user${i % 200}/order${i}`);
	ids.forEach((id, i) => {
		daemon.order(id, orderText(i));
	});
	daemon.onLog(({ message }) => {
		const [, store, delay] = /store: (.*?); main-thread delay (.*)$/.exec(message) ?? [];
		if (store !== undefined && delay !== undefined) said = { store, delay };
	});
	const web = values.web ? 'web: {listen: 127.0.0.1:0}\n' : '';
	writeFileSync(join(daemon.baseDir, 'config.yaml'), `rrd: {template: ${template}}\n${web}`);
	daemon.onLog(({ message }) => {
		address = /^web: listens on (http:[^\s,]+)/.exec(message)?.[1] ?? address;
	});
	started.coldMs = await start(ids[0] ?? '');
	await daemon.stop();
	started.warmMs = await start(null);
	print(
		`start: first result ${ms(started.firstResultMs)}, all enrolled cold ${ms(started.coldMs)}, warm ${ms(started.warmMs)}`,
	);
	const scraping = setInterval(scrape, scrapeMs).unref();
	let refreshedSeconds = Date.now() / 1000;
	for (let slot = nextSlot(); reports.length < slots; slot += stepSeconds) {
		await sleepUntil(slot);
		if (slot > refreshedSeconds + refreshSeconds) {
			for (const id of ids) daemon.refreshOrder(id);
			refreshedSeconds = slot;
		}
		const before = daemon.usage();
		const churning = churn(ids, slot);
		const newOrderMs = await measureNewOrders(slot);
		await churning;
		await sleepUntil(slot + stepSeconds);
		const after = daemon.usage();
		// Results of the last batch may need a moment to be written.
		await sleep(Math.min(3000, stepSeconds * 100));
		const perMinute = 60 / stepSeconds;
		const report: SlotReport = {
			slotStart: new Date(slot * 1000).toISOString(),
			...(await lookAtResults(ids, slot)),
			daemonCpuSeconds: (after.daemonCpuSeconds - before.daemonCpuSeconds) * perMinute,
			childrenCpuSeconds: (after.childrenCpuSeconds - before.childrenCpuSeconds) * perMinute,
			rssMb: after.rssMb,
			peakRssMb: after.peakRssMb,
			diskWrittenMb: after.diskWrittenMb - before.diskWrittenMb,
			newOrderMs,
			...said,
		};
		reports.push(report);
		print(
			`${report.slotStart} fresh ${(report.freshPart * 100).toFixed(2)} %, lost ${report.lostPings} pings, ` +
				`RTT p50 ${report.rttP50Us.toFixed(0)} p99 ${report.rttP99Us.toFixed(0)} us; CPU a minute: daemon ` +
				`${report.daemonCpuSeconds.toFixed(1)} s + children ${report.childrenCpuSeconds.toFixed(1)} s; RSS ${report.rssMb} MB ` +
				`(peak ${report.peakRssMb}); written ${report.diskWrittenMb.toFixed(0)} MB; new order ${ms(newOrderMs)}; ` +
				`store: ${report.store}; main-thread delay ${report.delay}`,
		);
	}
	clearInterval(scraping);
	const mean = (of: (one: SlotReport) => number) => reports.reduce((sum, one) => sum + of(one), 0) / slots;
	const what = `${orders} ${probe}`;
	keepFigures('scale', {
		[`${what}: cold start ms`]: started.coldMs,
		[`${what}: warm start ms`]: started.warmMs,
		[`${what}: own CPU s a minute`]: mean((one) => one.daemonCpuSeconds),
		[`${what}: programs' CPU s a minute`]: mean((one) => one.childrenCpuSeconds),
		[`${what}: RSS MB`]: mean((one) => one.rssMb),
	});
	if (values.web) print(`${scrapes.length} scrapes, median ${ms(quantile(scrapes, 0.5))}`);
	if (values.json)
		console.log(JSON.stringify({ orders, probe, stepSeconds, pings, template, started, reports }));
} finally {
	await daemon.end();
}

async function scrape(): Promise<void> {
	if (address === null) return;
	const beganMs = performance.now();
	const text = await fetch(`${address}/metrics`).then((answer) => answer.text());
	if (text !== '') scrapes.push(performance.now() - beganMs);
}

function print(line: string): void {
	if (!values.json) console.log(line);
}

function orderText(number: number): string {
	return loopbackOrder(number, stepSeconds, pings, probe);
}

/** Resolves with how long it took until there was room for every order's results, milliseconds. */
async function start(firstId: string | null): Promise<number> {
	const startMs = performance.now();
	const enrolled = daemon
		.logged(({ message }) => message.startsWith('all orders of the first scan are enrolled'))
		.then(() => performance.now() - startMs);
	await daemon.start(['--config', join(daemon.baseDir, 'config.yaml')]);
	if (firstId !== null) {
		const path = join(daemon.baseDir, 'output', firstId, 'last_result');
		while (statSync(path, { throwIfNoEntry: false }) === undefined) await sleep(20);
		started.firstResultMs = performance.now() - startMs;
	}
	return enrolled;
}

/** Replaces a part of the orders by others, evenly over the slot. */
async function churn(ids: string[], slot: number): Promise<void> {
	const count = Math.round(orders * churnPart * (stepSeconds / 60));
	for (let done = 0; done < count; done++) {
		const dueMs = slot * 1000 + (done / count) * stepSeconds * 900;
		if (dueMs > Date.now()) await sleep(Math.max(20, dueMs - Date.now()));
		const at = Math.floor(Math.random() * orders);
		daemon.removeOrder(ids[at] ?? '');
		ids[at] = `churn${extra % 200}/order${extra}`;
		daemon.order(ids[at] ?? '', orderText(orders + extra++));
	}
}

/** The longest that some single orders waited, at odd moments of the slot. Milliseconds. */
async function measureNewOrders(slot: number): Promise<number> {
	const times: number[] = [];
	for (let count = 0; count < 5; count++) {
		await sleepUntil(slot + stepSeconds * (0.1 + 0.15 * count + 0.1 * Math.random()));
		const id = `single/${extra}`;
		const startMs = performance.now();
		const picked = daemon.logged(({ message }) => message.startsWith(`new order: ${id} `));
		daemon.order(id, orderText(orders + extra++));
		await picked;
		times.push(performance.now() - startMs);
	}
	return Math.max(...times);
}

async function lookAtResults(
	ids: readonly string[],
	slot: number,
): Promise<Pick<SlotReport, 'freshPart' | 'lostPings' | 'rttP50Us' | 'rttP99Us'>> {
	let fresh = 0;
	let expected = 0;
	let lostPings = 0;
	const rtts: number[] = [];
	for (const id of ids) {
		// What came in the middle of the slot need not have been measured in it.
		if (id.startsWith('churn')) continue;
		expected++;
		const text = await readFile(join(daemon.baseDir, 'output', id, 'last_result'), 'utf8').catch(() => '');
		if (Number(/^time: (\d+)$/m.exec(text)?.[1]) >= slot) fresh++;
		lostPings += Number(/^loss: (\d+)$/m.exec(text)?.[1] ?? 0);
		const median = Number(/^median: (\S+)$/m.exec(text)?.[1]);
		if (!Number.isNaN(median)) rtts.push(median * 1e6);
	}
	return {
		freshPart: fresh / expected,
		lostPings,
		rttP50Us: quantile(rtts, 0.5),
		rttP99Us: quantile(rtts, 0.99),
	};
}

function nextSlot(): number {
	return Math.ceil(Date.now() / 1000 / stepSeconds) * stepSeconds;
}

function sleepUntil(seconds: number): Promise<unknown> {
	return sleep(Math.max(0, seconds * 1000 - Date.now()));
}

function ms(value: number): string {
	return value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(1)} s`;
}
