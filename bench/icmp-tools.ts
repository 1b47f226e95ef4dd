/** What the benchmarks of the icmp probe share. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type IcmpSettings, icmp } from '../probes/icmp/index.ts';
import type { IcmpOptions } from '../probes/icmp/options.ts';
import { systemClock } from '../src/model/clock.ts';
import type { Job, TargetResult } from '../src/model/probe.ts';

/** What came of a run. */
export interface Run {
	readonly seconds: number;
	readonly cpuSeconds: number;
	readonly pings: number;
	readonly lost: number;
	/** Pings of which nothing is known. */
	readonly unknown: number;
	/** Answered ones, in seconds. */
	readonly rtts: readonly number[];
	readonly byTarget: ReadonlyMap<string, TargetResult>;
}

const inJob = 1000;

/** Pings all targets by the probe, as the daemon does: in jobs of a thousand, side by side. */
export async function runIcmp(
	targets: readonly string[],
	pings: number,
	windowMs: number,
	options: Partial<IcmpOptions> = {},
	settings: IcmpSettings = {},
): Promise<Run> {
	// The thread of the engine does not keep the process alive.
	const alive = setInterval(() => {}, 1000);
	const started = performance.now();
	const before = process.cpuUsage();
	const jobs: Promise<ReadonlyMap<string, TargetResult>>[] = [];
	for (let from = 0; from < targets.length; from += inJob) {
		const job: Job<IcmpOptions> = {
			slot: { startSeconds: 0, stepSeconds: windowMs / 1000 },
			stepSeconds: windowMs / 1000,
			pings,
			options: { host: 'any', ...options },
			targets: targets.slice(from, from + inJob),
			windowMs,
		};
		const { signal } = new AbortController();
		jobs.push(
			icmp.measure(job, {
				settings,
				version: 'bench',
				signal,
				resolve,
				clock: systemClock,
				runCommand: () => Promise.reject(new Error('there are no programs here')),
				note: () => {},
				measuredAt: () => {},
				log: () => {},
			}),
		);
	}
	const done = await Promise.all(jobs);
	const { user, system } = process.cpuUsage(before);
	const byTarget = new Map(done.flatMap((results) => [...results]));
	clearInterval(alive);
	const rtts: number[] = [];
	let lost = 0;
	for (const result of byTarget.values()) {
		if (!('samples' in result)) continue;
		for (const { rttSeconds } of result.samples) {
			if (rttSeconds === null) lost++;
			else rtts.push(rttSeconds);
		}
	}
	const all = targets.length * pings;
	const seconds = (performance.now() - started) / 1000;
	return {
		seconds,
		cpuSeconds: (user + system) / 1e6,
		pings: all,
		lost,
		unknown: all - lost - rtts.length,
		rtts,
		byTarget,
	};
}

/** All targets are addresses. */
async function resolve(names: Iterable<{ readonly name: string }>) {
	const addresses = new Map<string, { address: string }>();
	for (const { name } of names) addresses.set(name, { address: name });
	return addresses;
}

/** The same by one fping. `gapMs`: from one packet to the next. */
export function runFping(targets: readonly string[], pings: number, gapMs: number, timeoutMs = 1000): Run {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
	try {
		const [hosts, said] = [join(folder, 'hosts'), join(folder, 'said')];
		writeFileSync(hosts, `${targets.join('\n')}\n`);
		const periodMs = Math.max(20, Math.ceil(targets.length * gapMs * 1.3));
		const flags = `-q -C ${pings} -p ${periodMs} -i ${gapMs} -t ${timeoutMs}`;
		const script = `fping ${flags} < ${hosts} > /dev/null 2> ${said}; times`;
		const started = performance.now();
		const ran = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
		const seconds = (performance.now() - started) / 1000;
		// The second line of `times` is of the children: 0m1.234s 0m2.345s
		const [, children = ''] = ran.stdout.trim().split('\n');
		const cpuSeconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
			(sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
			0,
		);
		const rtts: number[] = [];
		let lost = 0;
		for (const line of readFileSync(said, 'utf8').split('\n')) {
			const [, values] = / : ([-\d. ]+)$/.exec(line) ?? [];
			for (const value of values?.trim().split(' ') ?? []) {
				if (value === '-') lost++;
				else rtts.push(Number(value) / 1000);
			}
		}
		const all = targets.length * pings;
		return {
			seconds,
			cpuSeconds,
			pings: all,
			lost,
			unknown: all - lost - rtts.length,
			rtts,
			byTarget: new Map(),
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export function quantileOf(values: readonly number[], share: number): number {
	const sorted = Float64Array.from(values).sort();
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function medianOf(values: readonly number[]): number {
	return quantileOf(values, 0.5);
}

export function microseconds(seconds: number): string {
	return `${(seconds * 1e6).toFixed(1)} us`;
}

/** Each is measured so many times, in turns; the median counts. */
export const rounds = 3;

/** Loopback addresses: 127.1.0.0 and up. */
export function loopbackTargets(count: number): string[] {
	return Array.from({ length: count }, (_, i) => `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`);
}

/**
 * Whether this process has a network of its own, with nothing but loopback; if not, it has been started again in one,
 * and is to end. Elsewhere every raw socket of other programs gets a copy of each packet, at our cost. Needs root.
 */
export function isInOwnNetwork(): boolean {
	if (process.env['PINGMACHINE_BENCH_INSIDE'] === '1') {
		execFileSync('ip', ['link', 'set', 'lo', 'up']);
		return true;
	}
	const env = { ...process.env, PINGMACHINE_BENCH_INSIDE: '1' };
	const args = ['--net', process.execPath, ...process.argv.slice(1)];
	process.exitCode = spawnSync('unshare', args, { stdio: 'inherit', env }).status ?? 1;
	return false;
}

/** Compiles bench/NAME.c. Returns where the program is, in a folder of its own that goes with this process. */
export function compileC(name: string): string {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
	process.once('exit', () => rmSync(folder, { recursive: true }));
	const program = join(folder, name);
	const source = fileURLToPath(new URL(`../../bench/${name}.c`, import.meta.url));
	const compiled = spawnSync('cc', ['-O2', '-pthread', '-o', program, source], { encoding: 'utf8' });
	if (compiled.error !== undefined || compiled.status !== 0) {
		throw new Error(`bench/${name}.c needs a C compiler that works: cc. ${compiled.stderr ?? ''}`);
	}
	return program;
}
