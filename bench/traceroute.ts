/** bench: routes of 12 hops to many targets, through network namespaces: exact ways, times and processor time, mtr and scamper beside it */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { traceroute } from '../probes/traceroute/index.ts';
import { tracerouteOptions } from '../probes/traceroute/options.ts';
import { systemClock } from '../src/model/clock.ts';
import { readHop } from '../src/model/hop.ts';
import type { ProbeResults } from '../src/model/probe.ts';
import { makeResolveNames } from '../src/tools/resolve-names.ts';
import { makeRunCommand } from '../src/tools/run-command.ts';
import { enterOwnNetwork } from '../test/support/own-network.ts';
import { chainOf, openRouters, v4 } from '../test/support/router-namespaces.ts';

const { values } = parseArgs({
	options: {
		targets: { type: 'string', default: '1000' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '3' },
		beside: { type: 'string', default: '10' },
		protocol: { type: 'string', default: 'icmp' },
		json: { type: 'boolean', default: false },
	},
});
const count = Number(values.targets);
const windowMs = Number(values.step) * 1000;
const pings = Number(values.pings);
const beside = Math.min(count, Number(values.beside));
const hops = 12;
const batch = 250;

const run = promisify(execFile);
const leave = enterOwnNetwork();
const chain = chainOf(hops - 1);
const close = await openRouters({
	...chain,
	more: { target: ['ip route add local 10.60.0.0/16 dev lo'] },
});
const targets = Array.from({ length: count }, (_, i) => `10.60.${Math.floor(i / 250)}.${(i % 250) + 1}`);
/** What every route is, but for the target. */
const way = Array.from({ length: hops - 1 }, (_, i) => v4(`${i + 1}.2`));
try {
	// The second slot is what it is like all day.
	const first = await slot();
	const second = await slot();
	const result = { targets: count, hops, pings, first, second, others: await others(second.medians) };
	if (values.json) console.log(JSON.stringify(result));
	else report(result);
} finally {
	await traceroute.close?.();
	await close();
	leave();
}

type SlotFigures = Awaited<ReturnType<typeof slot>>;

async function slot() {
	const options = tracerouteOptions().parse({ host: targets[0], protocol: values.protocol });
	const before = process.cpuUsage();
	const startedMs = performance.now();
	const batches = Array.from({ length: Math.ceil(count / batch) }, (_, i) =>
		targets.slice(i * batch, (i + 1) * batch),
	);
	const stepSeconds = windowMs / 1000;
	const tools = {
		...{ settings: { names: false }, version: 'bench', clock: systemClock },
		...{ runCommand: makeRunCommand(), resolve: makeResolveNames(), signal: new AbortController().signal },
		...{ note: () => {}, measuredAt: () => {}, log: () => {} },
	};
	const results = await Promise.all(
		batches.map((some) => {
			const at = { startSeconds: Math.floor(Date.now() / 1000), stepSeconds };
			return traceroute.measure({ slot: at, stepSeconds, pings, options, targets: some, windowMs }, tools);
		}),
	);
	const cpu = process.cpuUsage(before);
	const tookSeconds = (performance.now() - startedMs) / 1000;
	return { ...figuresOf(results), cpuSeconds: (cpu.user + cpu.system) / 1e6, tookSeconds };
}

function figuresOf(results: readonly ProbeResults[]) {
	let [exact, lost, samples, shared, asked] = [0, 0, 0, 0, 0];
	const medians: Record<string, number> = {};
	for (const [target, result] of results.flatMap((one) => [...one])) {
		if (!('samples' in result)) continue;
		samples += result.samples.length;
		lost += result.samples.filter(({ rttSeconds }) => rttSeconds === null).length;
		const path = (result.facts?.['path'] ?? []) as readonly (string | null)[];
		const seen = path.map((one) => (one === null ? null : readHop(one)));
		if (seen.map((hop) => hop?.addresses.join() ?? '*').join() === [...way, target].join()) exact++;
		for (const hop of seen) if (hop?.isShared === true) shared++;
		for (const hop of seen) asked += hop?.isShared === true ? 0 : 1;
		medians[target] = (seen.at(-1)?.medianSeconds ?? 0) * 1e6;
	}
	return { exact, samples, lost, shared, asked, medians };
}

/** The same ways by other programs, one target after the other. Microseconds. */
async function others(own: Readonly<Record<string, number>>) {
	const told = [];
	for (const target of targets.slice(0, beside)) {
		const mtr = await timed('mtr', [
			'--no-dns',
			'--report-cycles',
			String(pings),
			'--interval',
			'0.2',
			'--json',
			target,
		]);
		const hubs = (JSON.parse(mtr.stdout) as { report: { hubs: { host: string; Avg: number }[] } }).report
			.hubs;
		const scamper = await timed('scamper', ['-I', `trace -P icmp-paris -q ${pings} ${target}`]);
		const lines = [...scamper.stdout.matchAll(/^\s*\d+\s+([\d.]+|\*)\s+(?:([\d.]+) ms)?/gm)];
		told.push({
			target,
			ownUs: own[target] ?? 0,
			mtrUs: (hubs.at(-1)?.Avg ?? 0) * 1000,
			scamperUs: Number(lines.at(-1)?.[2] ?? 0) * 1000,
			mtrAgrees: hubs.map(({ host }) => host).join() === [...way, target].join(),
			scamperAgrees: lines.map(([, host]) => host).join() === [...way, target].join(),
			mtrCpuMs: mtr.cpuMs,
			scamperCpuMs: scamper.cpuMs,
		});
	}
	return told;
}

/** Processor time of a program, by the shell that waits for it. */
async function timed(program: string, args: readonly string[]): Promise<{ stdout: string; cpuMs: number }> {
	const script = '"$@"; times >&2';
	const { stdout, stderr } = await run('bash', ['-c', script, 'bash', program, ...args]);
	const children = stderr.trim().split('\n').at(-1) ?? '';
	const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
	return { stdout, cpuMs: seconds.reduce((sum, one) => sum + one, 0) * 1000 };
}

function report({
	first,
	second,
	others: beside,
}: {
	first: SlotFigures;
	second: SlotFigures;
	others: Awaited<ReturnType<typeof others>>;
}): void {
	const mean = (list: readonly number[]) =>
		list.reduce((sum, one) => sum + one, 0) / Math.max(1, list.length);
	console.log(
		`${count} targets of ${hops} hops, ${pings} pings, step ${windowMs / 1000} s, ${values.protocol}`,
	);
	for (const [name, one] of [
		['first slot', first],
		['second slot', second],
	] as const) {
		console.log(
			`${name}: ${one.exact} of ${count} routes exact, ${one.lost} of ${one.samples} pings lost, ` +
				`${one.shared} hops shared and ${one.asked} asked, ${one.cpuSeconds.toFixed(2)} s of processor time ` +
				`(${((one.cpuSeconds * 1000) / count).toFixed(2)} ms a target), took ${one.tookSeconds.toFixed(1)} s`,
		);
	}
	if (beside.length === 0) return;
	const us = (list: readonly number[]) => `${Math.round(mean(list))} µs`;
	const ms = (list: readonly number[]) => `${mean(list).toFixed(1)} ms`;
	console.log(
		`beside it, ${beside.length} targets: mtr agrees on ${beside.filter(({ mtrAgrees }) => mtrAgrees).length} routes, ` +
			`${ms(beside.map(({ mtrCpuMs }) => mtrCpuMs))} of processor time a target; scamper on ` +
			`${beside.filter(({ scamperAgrees }) => scamperAgrees).length}, ${ms(beside.map(({ scamperCpuMs }) => scamperCpuMs))}; ` +
			`time to the target: ours ${us(beside.map(({ ownUs }) => ownUs))}, mtr ${us(beside.map(({ mtrUs }) => mtrUs))}, ` +
			`scamper ${us(beside.map(({ scamperUs }) => scamperUs))}`,
	);
}
