/** bench: the icmp probe against fping and against a C program that only sends and receives, on loopback */
/*
 * Options: [--targets 1000,10000,50000] [--sustained SECONDS] [--truth] [--json]
 *
 * --sustained: only 50,000 pings a second for so long: losses, and the memory meanwhile.
 * --truth: only 10,000 targets at a true 20 ms with 2 % loss, made by a responder in a network of its own. Needs root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makePingEngine, type PingEngine } from '../probes/icmp-engine/engine.ts';
import { addressBytes, packAddress } from '../probes/icmp-engine/ip-address.ts';
import { rules } from '../test/support/icmp-responder.ts';
import {
	isInOwnNetwork,
	loopbackTargets,
	openTruth,
	quantileOf,
	type Run,
	runFping,
	runIcmp,
	targetsOf,
} from './icmp-tools.ts';

const { values } = parseArgs({
	options: {
		targets: { type: 'string', default: '1000,10000,50000' },
		sustained: { type: 'string' },
		truth: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
	},
});

const microseconds = (seconds: number) => `${(seconds * 1e6).toFixed(1)} us`;
const cpuPerPing = (run: Pick<Run, 'cpuSeconds' | 'pings'>) => run.cpuSeconds / run.pings;
const results: Record<string, unknown>[] = [];

function told(result: Record<string, unknown>, line: string): void {
	results.push(result);
	if (!values.json) console.log(line);
}

/** One process of fping can send no more than 65,535 pings in 10 s. */
const fpingMax = 65_535;

async function againstFping(count: number): Promise<void> {
	const targets = loopbackTargets(count);
	const pings = Math.max(1, Math.min(5, Math.floor(fpingMax / count)));
	const fping = runFping(targets, pings, count <= 1000 ? 1 : count <= 10_000 ? 0.1 : 0);
	// As long as fping took, and 85 % of the window are for sending and for the last timeout.
	const windowMs = (fping.seconds * 1000) / 0.85;
	const ours = await runIcmp(targets, pings, windowMs, {
		timeout: 500,
		interval: Math.max(10, (fping.seconds * 1000 - 500) / pings),
	});
	const cpu = cpuPerPing(ours) / cpuPerPing(fping);
	const [ourP99, fpingP99] = [quantileOf(ours.rtts, 0.99), quantileOf(fping.rtts, 0.99)];
	told(
		{
			targets: count,
			pings,
			cpu,
			p99: ourP99 / fpingP99,
			lost: ours.lost,
			unknown: ours.unknown,
			fpingLost: fping.lost,
		},
		`${count} targets, ${pings} pings: CPU per ping ${microseconds(cpuPerPing(ours))} to fping's ${microseconds(cpuPerPing(fping))}: ` +
			`${cpu.toFixed(2)} (limit 0.25); p99 ${microseconds(ourP99)} to ${microseconds(fpingP99)}: ${(ourP99 / fpingP99).toFixed(2)} (limit 0.5); ` +
			`lost ${ours.lost}, unknown ${ours.unknown}; fping lost ${fping.lost}`,
	);
}

async function againstLimit(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
	try {
		const program = join(folder, 'icmp-limit');
		const source = fileURLToPath(new URL('../../bench/icmp-limit.c', import.meta.url));
		const compiled = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
		if (compiled.error !== undefined || compiled.status !== 0) {
			console.error(
				`the limit is not measured: there is no C compiler that works (cc). ${compiled.stderr ?? ''}`,
			);
			return;
		}
		const [targets, pings, rounds] = [5000, 20, 5];
		const limits: { rate: number; cpu: number }[] = [];
		const ours: { rate: number; cpu: number }[] = [];
		const engine = makePingEngine(1_000_000);
		// Its code is compiled while it runs.
		await runEngine(engine, targets, pings);
		for (let round = 0; round < rounds; round++) {
			const limit = JSON.parse(execFileSync(program, [String(targets), String(pings)], { encoding: 'utf8' }));
			limits.push({ rate: limit.sent / limit.seconds, cpu: limit.cpuSeconds / limit.sent });
			ours.push(await runEngine(engine, targets, pings));
		}
		const median = (all: readonly { rate: number; cpu: number }[], key: 'rate' | 'cpu') =>
			quantileOf(
				all.map((one) => one[key]),
				0.5,
			);
		const rate = median(ours, 'rate') / median(limits, 'rate');
		const cpu = median(ours, 'cpu') / median(limits, 'cpu');
		told(
			{ limit: true, rate, cpu },
			`as fast as it goes: ${Math.round(median(ours, 'rate'))} pings a second to the limit's ${Math.round(median(limits, 'rate'))}: ${rate.toFixed(2)} (limit 0.8); ` +
				`CPU per ping ${microseconds(median(ours, 'cpu'))} to ${microseconds(median(limits, 'cpu'))}: ${cpu.toFixed(2)} (limit 1.4)`,
		);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** The engine alone, as fast as it goes. */
async function runEngine(
	engine: PingEngine,
	targets: number,
	pings: number,
): Promise<{ rate: number; cpu: number }> {
	const alive = setInterval(() => {}, 1000);
	const before = process.cpuUsage();
	const inJob = 1000;
	const jobs = Array.from({ length: targets / inJob }, (_, job) => {
		const addresses = new Uint8Array(inJob * addressBytes);
		loopbackTargets(targets)
			.slice(job * inJob, (job + 1) * inJob)
			.forEach((target, i) => {
				packAddress(target, addresses, i * addressBytes);
			});
		const request = {
			addresses,
			zones: null,
			pings,
			intervalMs: 0.5,
			roundMs: 0.5,
			timeoutMs: 500,
			windowMs: 10_000,
		};
		return engine.ping({ socket: { family: 4, size: 56 }, ...request }, new AbortController().signal);
	});
	const done = (await Promise.all(jobs)).filter((one) => 'rttSeconds' in one);
	const { user, system } = process.cpuUsage(before);
	clearInterval(alive);
	let [first, last] = [Number.POSITIVE_INFINITY, 0];
	for (const { sentAtSeconds } of done) {
		for (const at of sentAtSeconds) {
			first = Math.min(first, at);
			last = Math.max(last, at);
		}
	}
	const answered = done.reduce((sum, one) => sum + one.rttSeconds.filter((rtt) => rtt > 0).length, 0);
	if (answered !== targets * pings) throw new Error(`of ${targets * pings} pings ${answered} were answered`);
	return { rate: answered / (last - first), cpu: (user + system) / 1e6 / answered };
}

async function sustained(seconds: number): Promise<void> {
	const rate = 50_000;
	const targets = loopbackTargets(10_000);
	const rss: number[] = [];
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	let [pings, lost, unknown, cpu] = [0, 0, 0, 0];
	const spanSeconds = 4;
	// One after the other without a gap, as slots are.
	for (let left = seconds; left > 0; left -= spanSeconds) {
		const perTarget = (rate * spanSeconds) / targets.length;
		const run = await runIcmp(
			targets,
			perTarget,
			6000,
			{ timeout: 100, interval: (spanSeconds * 1000) / perTarget - 10 },
			200,
		);
		pings += run.pings;
		lost += run.lost;
		unknown += run.unknown;
		cpu += run.cpuSeconds;
		// What is garbage says nothing about growth.
		collect();
		rss.push(process.memoryUsage.rss() / 2 ** 20);
	}
	const half = rss.slice(Math.floor(rss.length / 2));
	const [middle = 0, end = 0, most] = [half[0], half.at(-1), Math.max(...rss)];
	told(
		{ seconds, pings, lost, unknown, middleMb: middle, endMb: end, mostMb: most },
		`${pings} pings at ${rate} a second: lost ${lost}, unknown ${unknown}, CPU per ping ${microseconds(cpu / pings)}; ` +
			`memory ${middle.toFixed(0)} MB after half of the time, ${end.toFixed(0)} MB at the end, ${most.toFixed(0)} MB at most`,
	);
	if (lost + unknown > 0) process.exitCode = 1;
}

async function truth(): Promise<void> {
	if (!isInOwnNetwork()) return;
	const delayMs = 20;
	const responder = await openTruth(delayMs);
	const targets = targetsOf(10_000, rules.losesSome);
	const pings = 5;
	const run = await runIcmp(targets, pings, 20_000, { timeout: 1000, interval: Math.floor(15_000 / pings) });
	const made = await responder.stop();
	const lost = Object.values(made).reduce((sum, one) => sum + one.lost, 0);
	const p99 = quantileOf(run.rtts, 0.99) * 1000;
	told(
		{ targets: targets.length, pings: run.pings, p99, lost: run.lost, made: lost },
		`${run.pings} pings at a true ${delayMs} ms: p99 ${p99.toFixed(3)} ms; lost ${run.lost}, made ${lost}; unknown ${run.unknown}`,
	);
}

if (values.truth) await truth();
else if (values.sustained !== undefined) await sustained(Number(values.sustained));
else {
	// A daemon runs for months: the code that a start compiles is not counted.
	await runIcmp(loopbackTargets(2000), 10, 3000, { timeout: 100, interval: 100 });
	for (const count of values.targets.split(',')) await againstFping(Number(count));
	await againstLimit();
}
if (values.json) console.log(JSON.stringify(results, null, '\t'));
