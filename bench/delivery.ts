/** bench: results of 10,000 orders to a sink: how many a second, processor time, main-thread delay */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { load } from 'js-yaml';
import { readSinks } from '../src/config/sink-config.ts';
import { openDelivery } from '../src/delivery/delivery.ts';
import { allDropped, type SinkStats } from '../src/delivery/sink-stats.ts';
import { systemClock } from '../src/model/clock.ts';
import type { Order } from '../src/model/order.ts';
import { identityOf, measured, type Outcome } from '../src/model/outcome.ts';
import { builtInSinks as ownSinks } from './delivery-sinks.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		pings: { type: 'string', default: '5' },
		/** After a first one that warms up. */
		slots: { type: 'string', default: '20' },
		/** Results that are handed on at a time, as many as a job of fping has. */
		job: { type: 'string', default: '1000' },
		/** An entry of `sinks:`, in YAML. The types `null` and `outage` are the benchmark's own. */
		to: { type: 'string', default: '{type: "null"}' },
		/** No more is handed on than the sink takes, so that nothing has to go to the spool; what it has taken counts. */
		sent: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
	},
});
const pings = Number(values.pings);
const slots = Number(values.slots);
const job = Number(values.job);
const stepSeconds = 60;
/** Counters are half a second old at most, and after two seconds what waits goes to the spool. */
const underWayMax = 30_000;

// All slots come at once, which they never do: nothing is to be dropped for that.
const entry = { queue: 1_000_000, ...(load(values.to) as { readonly type: string }) };
const isOwn = ownSinks.has(entry.type);
const sinkModule = new URL(isOwn ? './delivery-sinks.js' : '../src/sinks/index.js', import.meta.url);
const { builtInSinks: table } = (await import(sinkModule.href)) as { readonly builtInSinks: typeof ownSinks };
const { entries, fileFindings } = readSinks([entry], undefined, table);
if (fileFindings.length > 0)
	throw new Error(fileFindings.map(({ key, message }) => `${key}: ${message}`).join('\n'));

const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
const say = (message: string) => process.stderr.write(`${message}\n`);
const delivery = openDelivery({
	baseDir,
	sinkModule,
	entries,
	version: 'bench',
	clock: systemClock,
	log: { error: say, warn: say, info: () => {}, debug: () => {} },
});
try {
	await until((stats) => stats.state !== 'starting');
	const orders = Array.from({ length: Number(values.orders) }, (_, number) => orderOf(number));
	await measure(orders, 0, 1);
	const report = await measure(orders, 1, slots);
	if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
	else console.table(report);
} finally {
	await delivery.close();
	rmSync(baseDir, { recursive: true, force: true });
}

/** Hands on the results of some slots, one job after the other, and waits until the sink, or its spool, has them. */
async function measure(orders: readonly Order[], firstSlot: number, count: number) {
	const loopDelay = monitorEventLoopDelay({ resolution: 1 });
	const before = settled(statsNow());
	const results = orders.length * count;
	// Making up what was measured is not to be counted.
	const jobs = Array.from({ length: count }, (_, slot) => jobsOf(orders, firstSlot + slot)).flat();
	const cpu = process.cpuUsage();
	const begunMs = performance.now();
	let mainMs = 0;
	loopDelay.enable();
	let handed = 0;
	for (const outcomes of jobs) {
		if (values.sent) await until((stats) => handed - (settled(stats) - before) < underWayMax);
		handed += outcomes.length;
		const handedMs = performance.now();
		delivery.take([{ about: 'outcomes', outcomes }]);
		mainMs += performance.now() - handedMs;
		await new Promise(setImmediate);
	}
	await until((stats) => settled(stats) - before >= results);
	const tookMs = performance.now() - begunMs;
	loopDelay.disable();
	const { user, system } = process.cpuUsage(cpu);
	const { sent, spooled, dropped } = statsNow();
	return {
		// The counters are half a second old at most.
		'results a second': Math.round(results / (tookMs / 1000)),
		'CPU, µs a result': round((user + system) / results),
		'main thread, µs a result': round((mainMs * 1000) / results),
		'main-thread delay p99, ms': round(Math.max(0, loopDelay.percentile(99) / 1e6 - 1)),
		'main-thread delay max, ms': round(Math.max(0, loopDelay.max / 1e6 - 1)),
		sent,
		spooled,
		dropped: allDropped(dropped),
	};
}

function jobsOf(orders: readonly Order[], slot: number): Outcome[][] {
	const startSeconds = 1_795_240_020 + slot * stepSeconds;
	const jobs: Outcome[][] = [];
	for (let first = 0; first < orders.length; first += job) {
		const some = orders.slice(first, first + job);
		jobs.push(some.map((order) => outcomeOf(order, startSeconds)));
	}
	return jobs;
}

function orderOf(number: number): Order {
	const target = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
	return {
		id: `user${number % 50}/tunnel-${number}`,
		user: `user${number % 50}`,
		task: `tunnel_${number}`,
		stepSeconds,
		pings,
		probe: 'fping',
		options: { host: target },
		target,
		rrdTemplate: 'smokeping',
		measurementName: 'tunnel',
		tags: { tunnel_id: String(number), interface: `eth${number % 4}` },
		batchKey: 'bench',
	};
}

function outcomeOf(order: Order, startSeconds: number): Outcome {
	const samples = Array.from({ length: pings }, (_, ping) => ({
		sentAtSeconds: startSeconds + ping * 9.6 + Math.random(),
		// Whole nanoseconds, as the kernel stamps them.
		rttSeconds: Math.random() < 0.01 ? null : Math.round(1e7 + Math.random() * 1e7) / 1e9,
	}));
	return measured(identityOf(order), { startSeconds, stepSeconds }, pings, samples);
}

function statsNow(): SinkStats {
	const [stats] = delivery.stats();
	if (stats === undefined) throw new Error('there is no sink');
	return stats;
}

/** How many results are where they are to be for now. */
function settled({ sent, spooled, dropped }: SinkStats): number {
	return sent + (values.sent ? 0 : spooled) + allDropped(dropped);
}

async function until(isTrue: (stats: SinkStats) => boolean): Promise<void> {
	const endMs = performance.now() + 120_000;
	while (!isTrue(statsNow())) {
		if (performance.now() > endMs) throw new Error(`not in time: ${JSON.stringify(statsNow())}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
