/** What a scrape of many orders costs, rendered by ours and by prom-client with the same series. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { usualBuckets } from '../src/config/web-setting.ts';
import { declaredFacts } from '../src/model/facts.ts';
import type { Order } from '../src/model/order.ts';
import { identityOf, measured } from '../src/model/outcome.ts';
import type { ExpositionFormat } from '../src/web/metrics/exposition.ts';
import { protobuf } from '../src/web/metrics/protobuf-format.ts';
import { MetricsRegistry } from '../src/web/metrics/registry.ts';
import { openMetricsText, prometheusText } from '../src/web/metrics/text-formats.ts';

/** How much is rendered. */
interface Load {
	readonly orders: number;
	readonly rounds: number;
	readonly pings: number;
	readonly stepSeconds: number;
	readonly scrapeSeconds: number;
}

/** Of one scrape, the mean of all rounds. */
export interface Cost {
	readonly cpuMs: number;
	readonly bytes: number;
	/** The longest time in which nothing else had its turn, in the round in which it was least: the rest is noise. */
	readonly delayMs: number;
}

/** One who keeps series. */
interface Subject {
	/** A slot of an order is measured. */
	measure(at: number, slot: number): void;
	/** All is rendered. */
	scrape(): Promise<{ bytes: number; delayMs: number }>;
}

const tags = { site: 'zrh' };

function orderOf(at: number, { stepSeconds, pings }: Load): Order {
	return {
		...{ id: `core/rack-${at % 40}/o${at}`, user: 'bench', probe: 'icmp', target: `192.0.2.${at % 250}` },
		...{ tags, stepSeconds, pings, options: {}, rrdTemplate: null, batchKey: '' },
	};
}

/** Round-trip times from 0.1 ms to 0.4 s, the same ones for both. */
function rttOf(order: number, slot: number, ping: number): number {
	return 10 ** (-4 + 3.6 * (((order * 7919 + slot * 31 + ping * 104_729) % 10_007) / 10_007));
}

function ourRegistry(load: Load): (format: ExpositionFormat) => Subject {
	const facts = declaredFacts();
	const registry = new MetricsRegistry({
		...{ labels: [], buckets: usualBuckets, seriesMax: 1e9, compat: [] },
		facts: new Map([['icmp', facts]]),
		commonFacts: new Set(facts.map(({ name }) => name)),
	});
	const all = Array.from({ length: load.orders }, (_, at) => orderOf(at, load));
	registry.take(all.map((order) => ({ about: 'changed', order }) as const));
	let measuredSlots = 0;
	const measure = (at: number) => {
		const order = all[at];
		if (order === undefined) return;
		// Each format has its rounds: no slot comes twice.
		const startSeconds = 1_795_240_800 + load.stepSeconds * measuredSlots++;
		const slot = { startSeconds, stepSeconds: load.stepSeconds };
		const samples = Array.from({ length: load.pings }, (_, ping) => ({
			sentAtSeconds: startSeconds + ping,
			rttSeconds: rttOf(at, measuredSlots, ping),
		}));
		const outcome = measured(identityOf(order), slot, load.pings, samples);
		registry.take([{ about: 'outcomes', outcomes: [outcome] }]);
	};
	return (format) => ({ measure, scrape: () => ours(registry, format) });
}

async function ours(registry: MetricsRegistry, format: ExpositionFormat) {
	let [bytes, delayMs] = [0, 0];
	let beganMs = performance.now();
	for (const ready of registry.write(format, [])) {
		bytes += ready.length;
		delayMs = Math.max(delayMs, performance.now() - beganMs);
		await nextTurn();
		beganMs = performance.now();
	}
	return { bytes, delayMs };
}

/** The families that both have: the same names, labels and numbers of series. */
function promClient(load: Load): Subject {
	const register = new Registry();
	const made = { registers: [register], help: 'x', labelNames: ['order'] as const };
	const counter = (name: string, labelNames: readonly string[] = ['order']) =>
		new Counter({ ...made, name: `pingmachine_${name}`, labelNames });
	const gauge = (name: string, labelNames: readonly string[] = ['order']) =>
		new Gauge({ ...made, name: `pingmachine_${name}`, labelNames });
	const info = gauge('order_info', ['order', 'user', 'probe', 'target', 'step', 'site']);
	const sent = counter('pings_sent_total');
	const lost = counter('pings_lost_total');
	const rtt = new Histogram({ ...made, name: 'pingmachine_rtt_seconds', buckets: [...usualBuckets] });
	const slots = counter('slots_total', ['order', 'outcome']);
	const gauges = [
		'rtt_median_seconds',
		'loss_ratio',
		'last_result_timestamp_seconds',
		'jitter_seconds',
		'mos',
	];
	const lasts = gauges.map((name) => gauge(name));
	const measure = (at: number, slot: number) => {
		const { id, user, probe, target } = orderOf(at, load);
		const own = { order: id };
		info.set({ ...own, user, probe, target, step: String(load.stepSeconds), ...tags }, 1);
		sent.inc(own, load.pings);
		lost.inc(own, 0);
		for (let ping = 0; ping < load.pings; ping++) rtt.observe(own, rttOf(at, slot, ping));
		for (const outcome of ['measured', 'failed', 'skipped']) slots.inc({ ...own, outcome }, 1);
		for (const last of lasts) last.set(own, rttOf(at, slot, 0));
	};
	return { measure, scrape: () => theirs(register) };
}

async function theirs(register: Registry) {
	const beganMs = performance.now();
	const bytes = Buffer.from(await register.metrics()).length;
	return { bytes, delayMs: performance.now() - beganMs };
}

/** Rounds that are not counted, in which code gets warm. */
const warmRounds = 3;

/** Between two scrapes as many orders are measured as really would be: what is kept of these is written anew. */
async function costOf({ measure, scrape }: Subject, load: Load): Promise<Cost> {
	const between = Math.ceil((load.orders * load.scrapeSeconds) / load.stepSeconds);
	let next = 0;
	let [bytes, delayMs, cpuUs] = [0, Number.POSITIVE_INFINITY, 0];
	for (let at = 0; at < load.orders; at++) measure(at, 0);
	for (let round = 0; round < warmRounds + load.rounds; round++) {
		for (let nth = 0; nth < between; nth++) measure(next++ % load.orders, round + 1);
		const before = process.cpuUsage();
		const one = await scrape();
		const { user, system } = process.cpuUsage(before);
		if (round < warmRounds) continue;
		cpuUs += user + system;
		bytes = one.bytes;
		delayMs = Math.min(delayMs, one.delayMs);
	}
	return { cpuMs: cpuUs / 1000 / load.rounds, bytes, delayMs };
}

/** One after the other: what one keeps in memory is no burden of the other. */
async function writtenByOurs(load: Load) {
	const subjectOf = ourRegistry(load);
	return {
		text: await costOf(subjectOf(prometheusText), load),
		openMetrics: await costOf(subjectOf(openMetricsText), load),
		protobuf: await costOf(subjectOf(protobuf), load),
	};
}

/** A scrape by each, in this process. */
export async function renderingCosts(
	load: Load,
): Promise<Record<'text' | 'openMetrics' | 'protobuf' | 'promClient', Cost>> {
	const own = await writtenByOurs(load);
	return { ...own, promClient: await costOf(promClient(load), load) };
}
