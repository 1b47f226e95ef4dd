/** bench: the icmp probe against fping and against a C program that only sends and receives, on loopback */
/*
 * Options: [--targets 1000,10000,50000] [--sustained SECONDS] [--truth] [--parts] [--json]
 *
 * --sustained: only 50,000 pings a second for so long: losses, and the memory meanwhile.
 * --truth: only 10,000 targets at a true 20 ms with 2 % loss, made by a responder.
 * --parts: only where each microsecond of a ping goes, beside C.
 *
 * All of it runs in a network namespace of its own, and needs root.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepFigures } from './history.ts';
import { againstLimit, runLimit, tellParts } from './icmp-limits.ts';
import {
	isInOwnNetwork,
	loopbackTargets,
	medianOf,
	microseconds,
	quantileOf,
	type Run,
	rounds,
	runFping,
	runIcmp,
} from './icmp-tools.ts';
import { losesSome, openTruth, targetsOf } from './icmp-truth.ts';

const { values } = parseArgs({
	options: {
		targets: { type: 'string', default: '1000,10000,50000' },
		sustained: { type: 'string' },
		truth: { type: 'boolean', default: false },
		parts: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
	},
});

const cpuPerPing = (run: Pick<Run, 'cpuSeconds' | 'pings'>) => run.cpuSeconds / run.pings;
const results: Record<string, unknown>[] = [];
const figures: Record<string, number> = {};

function told(result: Record<string, unknown>, line: string): void {
	results.push(result);
	if (!values.json) console.log(line);
}

/** One process of fping can send no more than 65,535 pings in 10 s. */
const fpingMax = 65_535;

async function againstFping(count: number): Promise<void> {
	const targets = loopbackTargets(count);
	const pings = Math.max(1, Math.min(10, Math.floor(fpingMax / count)));
	const all: { fping: Run; ours: Run; limit: { cpu: number } }[] = [];
	// A daemon runs for months: what the first round compiles is not counted.
	for (let round = -1; round < rounds; round++) {
		const fping = runFping(targets, pings, count <= 1000 ? 1 : count <= 10_000 ? 0.1 : 0);
		// As long as fping took, and 85 % of the window are for sending and for the last timeout.
		const ours = await runIcmp(targets, pings, (fping.seconds * 1000) / 0.85, {
			timeout: 500,
			interval: Math.max(10, (fping.seconds * 1000 - 500) / pings),
		});
		// fping's last second is a timeout; with -i 0 it sends as fast as it can.
		const rate = count <= 10_000 ? fping.pings / (fping.seconds - 0.5) : 0;
		if (round >= 0) all.push({ fping, ours, limit: runLimit({ targets: count, pings, rate }) });
	}
	const cpu = {
		ours: medianOf(all.map(({ ours }) => cpuPerPing(ours))),
		fping: medianOf(all.map(({ fping }) => cpuPerPing(fping))),
		limit: medianOf(all.map(({ limit }) => limit.cpu)),
	};
	const p99 = {
		ours: medianOf(all.map(({ ours }) => quantileOf(ours.rtts, 0.99))),
		fping: medianOf(all.map(({ fping }) => quantileOf(fping.rtts, 0.99))),
	};
	const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
	const lost = sum(({ ours }) => ours.lost);
	const unknown = sum(({ ours }) => ours.unknown);
	const fpingLost = sum(({ fping }) => fping.lost);
	const ratios = {
		cpu: cpu.ours / cpu.fping,
		limitCpu: cpu.limit / cpu.fping,
		p99: p99.ours / p99.fping,
	};
	figures[`${count} targets: us a ping`] = cpu.ours * 1e6;
	figures[`${count} targets: CPU to fping's`] = ratios.cpu;
	told(
		{ targets: count, pings, ...ratios, lost, unknown, fpingLost },
		`${count} targets, ${pings} pings: CPU per ping ${microseconds(cpu.ours)} to fping's ${microseconds(cpu.fping)}: ` +
			`${ratios.cpu.toFixed(2)} (limit 0.25; the program in C at the same pace: ${microseconds(cpu.limit)}, ${ratios.limitCpu.toFixed(2)}); ` +
			`p99 ${microseconds(p99.ours)} to ${microseconds(p99.fping)}: ${ratios.p99.toFixed(2)} (limit 0.5); ` +
			`lost ${lost}, unknown ${unknown}; fping lost ${fpingLost}`,
	);
}

async function sustained(seconds: number): Promise<void> {
	const rate = 50_000;
	const targets = loopbackTargets(10_000);
	const [rss, held]: [number[], number[]] = [[], []];
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	let [pings, lost, unknown, cpu] = [0, 0, 0, 0];
	const reasons = new Set<string>();
	const spanSeconds = 4;
	const perTarget = (rate * spanSeconds) / targets.length;
	const intervalMs = (spanSeconds * 1000) / perTarget;
	const count = (run: Run) => {
		pings += run.pings;
		lost += run.lost;
		unknown += run.unknown;
		for (const result of run.byTarget.values()) if ('failure' in result) reasons.add(result.failure);
	};
	const before = process.cpuUsage();
	const startMs = performance.now();
	const spans: Promise<void>[] = [];
	// The next begins when the last sending of one is over, as slots do, whatever is still to come in.
	for (let span = 0; span * spanSeconds < seconds; span++) {
		await sleep(startMs + span * spanSeconds * 1000 - performance.now());
		spans.push(runIcmp(targets, perTarget, 6000, { timeout: 500, interval: intervalMs }).then(count));
		// What is garbage says nothing about growth.
		collect();
		const memory = process.memoryUsage();
		rss.push(memory.rss / 2 ** 20);
		held.push((memory.heapUsed + memory.external) / 2 ** 20);
	}
	await Promise.all(spans);
	const { user, system } = process.cpuUsage(before);
	cpu = (user + system) / 1e6;
	const quartersOf = (all: readonly number[]) =>
		[1, 2, 3, 4].map((n) => medianOf(all.slice(((n - 1) * all.length) / 4, (n * all.length) / 4)));
	const inMb = (all: readonly number[]) => `${all.map((mb) => mb.toFixed(0)).join(', ')} MB`;
	const [resident, live] = [quartersOf(rss), quartersOf(held)];
	told(
		{ seconds, pings, lost, unknown, residentMb: resident, heldMb: live },
		`${pings} pings at ${rate} a second: lost ${lost}, unknown ${unknown}, CPU per ping ${microseconds(cpu / pings)}; ` +
			`memory in each quarter of the time: ${inMb(resident)}, of which the main thread's objects ${inMb(live)}` +
			[...reasons].map((reason) => `\nunknown: ${reason}`).join(''),
	);
	if (lost + unknown > 0) process.exitCode = 1;
}

async function truth(): Promise<void> {
	const delayMs = 20;
	const responder = await openTruth(delayMs);
	const targets = targetsOf(10_000, losesSome);
	const pings = 5;
	const run = await runIcmp(targets, pings, 20_000, { timeout: 1000, interval: Math.floor(15_000 / pings) });
	const made = await responder.stop();
	let [lost, wrong] = [0, 0];
	for (const target of targets) {
		const result = run.byTarget.get(target);
		const samples = result !== undefined && 'samples' in result ? result.samples : [];
		const seen = samples.filter(({ rttSeconds }) => rttSeconds === null).length;
		lost += made.lost[target] ?? 0;
		if (seen !== (made.lost[target] ?? 0)) wrong++;
	}
	const p99 = quantileOf(run.rtts, 0.99) * 1000;
	told(
		{
			targets: targets.length,
			pings: run.pings,
			p99,
			keptP99: made.keptMs.p99,
			lost: run.lost,
			made: lost,
			wrong,
		},
		`${run.pings} pings at a true ${delayMs} ms: median ${(quantileOf(run.rtts, 0.5) * 1000).toFixed(3)} ms, p99 ${p99.toFixed(3)} ms (limit 20.3); ` +
			`the responder itself kept them for ${made.keptMs.median} and ${made.keptMs.p99} ms; ` +
			`lost ${run.lost}, made ${lost}, targets with another number ${wrong}; unknown ${run.unknown}`,
	);
}

async function all(): Promise<void> {
	await runIcmp(loopbackTargets(2000), 50, 12_000, { timeout: 100, interval: 200 });
	for (const count of values.targets.split(',')) await againstFping(Number(count));
	for (const threads of [1, 2]) await againstLimit(threads, { told, figures });
	tellParts({ told, figures });
}

if (isInOwnNetwork()) {
	if (values.truth) await truth();
	else if (values.parts) tellParts({ told, figures });
	else if (values.sustained !== undefined) await sustained(Number(values.sustained));
	else await all();
	if (values.json) console.log(JSON.stringify(results, null, '\t'));
	keepFigures('icmp', figures);
}
