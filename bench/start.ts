/** bench: what a daemon takes to start: CPU and memory, alone, with two orders, and with web, alerts and a sink */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { surroundings, writeConfig } from './around.ts';
import { DaemonUnderTest, loopbackOrder, ownCli, quantile, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';
import { childrenOf, cpuSecondsByThread, ownMegabytes } from './thread-cost.ts';
import { sumOf } from './wake-ups.ts';

const { values } = parseArgs({
	options: {
		runs: { type: 'string', default: '7' },
		/** The cli.js of other builds, which are started in turns with this one. */
		beside: { type: 'string', multiple: true, default: [] },
		json: { type: 'boolean', default: false },
	},
});
const runs = Number(values.runs);
const builds = [ownCli, ...values.beside.map((path) => resolve(path))];
/** By then all is loaded that is at once, and first results are there. */
const settleMs = 2500;

const ways: Readonly<
	Record<string, { readonly probes: readonly string[]; readonly with: readonly string[] }>
> = {
	'no orders': { probes: [], with: [] },
	'2 orders': { probes: ['icmp', 'fping'], with: [] },
	'2 orders, web, alerts, sink': { probes: ['icmp', 'fping'], with: surroundings },
};

interface Start {
	/** CPU of the daemon until it says that it has started. */
	readonly startedSeconds: number;
	/** CPU of it and its web server until all is loaded. */
	readonly settledSeconds: number;
	/** Its memory then, and that of its web server. */
	readonly megabytes: number;
	readonly webMegabytes: number;
}

const median = (starts: readonly Start[]): Start => {
	const of = (key: keyof Start) =>
		quantile(
			starts.map((start) => start[key]),
			0.5,
		);
	return {
		startedSeconds: of('startedSeconds'),
		settledSeconds: of('settledSeconds'),
		megabytes: of('megabytes'),
		webMegabytes: of('webMegabytes'),
	};
};

const reports: { readonly way: string; readonly build: string; readonly start: Start }[] = [];
for (const way of Object.keys(ways)) {
	const starts = builds.map((build) => ({ build, all: [] as Start[] }));
	for (let run = 0; run < runs; run++)
		for (const { build, all } of starts) all.push(await startOf(build, way));
	for (const { build, all } of starts) {
		const start = median(all);
		reports.push({ way, build, start });
		if (!values.json) print(way, build, start);
	}
}
if (values.json) console.log(JSON.stringify(reports));
const own = reports.filter(({ build }) => build === ownCli);
keepFigures(
	'start',
	Object.fromEntries(
		own.flatMap(({ way, start }) => [
			[`${way}: CPU s until it has started`, start.startedSeconds],
			[`${way}: CPU s until all is loaded`, start.settledSeconds],
			[`${way}: MB`, start.megabytes],
		]),
	),
);

async function startOf(build: string, way: string): Promise<Start> {
	const { probes, with: withs } = ways[way] ?? { probes: [], with: [] };
	const daemon = new DaemonUnderTest(build);
	try {
		for (const [index, probe] of probes.entries())
			daemon.order(`bench/${probe}`, loopbackOrder(index, 60, 5, probe));
		const config = writeConfig(daemon.baseDir, 'smokeping', withs);
		const listens = withs.includes('web')
			? daemon.logged(({ message }) => message.startsWith('web: listens'))
			: null;
		await daemon.start(['--config', config], 'info');
		const startedSeconds = sumOf(cpuSecondsByThread(daemon.pid));
		await listens;
		await sleep(settleMs);
		const children = childrenOf(daemon.pid);
		const processes = [daemon.pid, ...children];
		return {
			startedSeconds,
			settledSeconds: processes.reduce((sum, pid) => sum + sumOf(cpuSecondsByThread(pid)), 0),
			megabytes: ownMegabytes(daemon.pid),
			webMegabytes: children.reduce((sum, pid) => sum + ownMegabytes(pid), 0),
		};
	} finally {
		await daemon.end();
	}
}

function print(way: string, build: string, start: Start): void {
	const { startedSeconds, settledSeconds, megabytes, webMegabytes } = start;
	console.log(
		`${way}: ${startedSeconds.toFixed(3)} s CPU until it has started, ${settledSeconds.toFixed(3)} until all is loaded; ` +
			`${megabytes.toFixed(1)} MB, web ${webMegabytes.toFixed(1)}${builds.length > 1 ? `; ${build}` : ''}`,
	);
}
