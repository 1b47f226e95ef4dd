/** bench: CPU time of an RRD update and of a creation: ours against rrdtool in pipe mode, on files of the same shapes */
/*
 * Options: [--files 10000] [--rounds 3] [--dir DIR] [--json]
 *
 * Ours is the user and system time of this process within the calls, rrdtool's that of its process; what feeds
 * rrdtool is not counted. Ends with exit code 1 when an update of ours takes more than one of rrdtool.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quickestFileCalls } from '../src/host/native-file-calls.ts';
import { createRrd, type RrdShape, updateRrd } from '../src/rrd/index.ts';
import { mainRrdShape } from '../src/store/main-rrd-shape.ts';
import { keepFigures } from './history.ts';
import { type Cost, createLine, Rrdtool, updateLine } from './rrdtool-pipe.ts';

interface Case {
	readonly name: string;
	readonly shape: RrdShape;
	readonly fileBytes: number;
}

interface Result {
	readonly case: string;
	readonly files: number;
	readonly update: Comparison;
	readonly create: Comparison;
}

interface Comparison {
	readonly ours: Cost;
	readonly rrdtool: Cost;
	/** Ours to rrdtool's. */
	readonly ratio: number;
}

const cases: readonly Case[] = [
	{ name: 'step 60, pings 5', shape: mainRrdShape('smokeping', 60, 5), fileBytes: 672_008 },
	{ name: 'step 300, pings 20', shape: mainRrdShape('smokeping', 300, 20), fileBytes: 1_639_136 },
];

/** As the store calls it. */
const files = quickestFileCalls();
const nothing: Cost = { user: 0, system: 0 };
/** How many updates of each are not counted, at least. */
const warmUpCalls = 10_000;

/** How many files each creates in turn. */
const chunkFiles = 250;

/** Updates go on from here. Seconds since the epoch, a multiple of every step. */
const baseSeconds = 1_700_006_400;
/** Files start this many steps apart in turn, so that all archives have rows due as often as in real life. */
const spreadSteps = 10_080;

const { values: options } = parseArgs({
	options: {
		files: { type: 'string', default: '10000' },
		rounds: { type: 'string', default: '3' },
		dir: { type: 'string', default: tmpdir() },
		json: { type: 'boolean', default: false },
	},
});

async function compare(one: Case, wanted: number, rounds: number): Promise<Result> {
	const files = affordable(one, wanted);
	const folder = join(directory, `step-${one.shape.stepSeconds}`);
	fs.mkdirSync(folder);
	const paths = Array.from({ length: files }, (_, index) => join(folder, `${index}.rrd`));
	const rrdtool = await Rrdtool.start();
	stopRrdtool = () => rrdtool.kill();
	try {
		const created = await compareCreation(rrdtool, one.shape, paths);
		const updated = await compareUpdates(rrdtool, one.shape, paths, rounds);
		return { case: one.name, files, update: updated, create: created };
	} finally {
		await rrdtool.stop();
		fs.rmSync(folder, { recursive: true });
	}
}

/** Each creates half of the files, in turn, so that both find the memory of the system in the same state. */
async function compareCreation(
	rrdtool: Rrdtool,
	shape: RrdShape,
	paths: readonly string[],
): Promise<Comparison> {
	let ours = nothing;
	let theirs = nothing;
	let oursCount = 0;
	for (let from = 0; from < paths.length; from += 2 * chunkFiles) {
		const middle = from + Math.ceil(Math.min(2 * chunkFiles, paths.length - from) / 2);
		const here = costHere(() => {
			for (const [index, path] of paths.slice(from, middle).entries()) {
				createRrd(path, shape, startOf(shape, from + index));
			}
		});
		const lines = paths
			.slice(middle, from + 2 * chunkFiles)
			.map((path, index) => createLine(path, shape, startOf(shape, middle + index)));
		ours = sum(ours, here);
		theirs = sum(theirs, await rrdtool.cost(lines));
		oursCount += middle - from;
	}
	return comparison(perCall(ours, oursCount), perCall(theirs, paths.length - oursCount));
}

/** Both update all files in turn, step by step. */
async function compareUpdates(
	rrdtool: Rrdtool,
	shape: RrdShape,
	paths: readonly string[],
	rounds: number,
): Promise<Comparison> {
	const values = paths.map((_, index) => sampleOf(shape, index));
	let ours = nothing;
	let theirs = nothing;
	// The first rounds are not counted: code is compiled, files are read for the first time.
	const warmUps = Math.ceil(warmUpCalls / paths.length);
	for (let round = 0; round < warmUps + rounds; round += 1) {
		const at = (index: number, half: number) =>
			startOf(shape, index) + (2 * round + half + 1) * shape.stepSeconds;
		const here = costHere(() => {
			paths.forEach((path, index) => {
				updateRrd(path, at(index, 0), values[index] ?? [], shape, files);
			});
		});
		const there = await rrdtool.cost(
			paths.map((path, index) => updateLine(path, at(index, 1), values[index] ?? [])),
		);
		if (round < warmUps) continue;
		ours = sum(ours, here);
		theirs = sum(theirs, there);
	}
	return comparison(perCall(ours, rounds * paths.length), perCall(theirs, rounds * paths.length));
}

/** Like a measurement: every tenth has a loss. */
function sampleOf(shape: RrdShape, index: number): number[] {
	const pings = shape.dataSources.length - 2;
	const lost = index % 10 === 0 ? 1 : 0;
	const received = Array.from({ length: pings - lost }, (_, ping) =>
		Number((0.0123 + index * 1e-6 + ping * 1.7e-5).toPrecision(7)),
	);
	const median = received[Math.floor(received.length / 2)] ?? Number.NaN;
	return [lost, median, ...received, ...new Array<number>(lost).fill(Number.NaN)];
}

function startOf(shape: RrdShape, index: number): number {
	return baseSeconds + (index % spreadSteps) * shape.stepSeconds;
}

/** As many files as fit on nine tenths of the free space. */
function affordable(one: Case, wanted: number): number {
	const { bavail, bsize } = fs.statfsSync(options.dir);
	const most = Math.floor((0.9 * bavail * bsize) / one.fileBytes);
	if (most >= wanted) return wanted;
	console.error(`${one.name}: ${most} files instead of ${wanted}: no more fit in ${options.dir}`);
	return most;
}

function count(name: 'files' | 'rounds', least: number): number {
	const value = Number(options[name]);
	if (Number.isInteger(value) && value >= least) return value;
	console.error(`--${name} ${options[name]}: give a whole number from ${least}`);
	return process.exit(2);
}

function costHere(work: () => void): Cost {
	const before = process.cpuUsage();
	work();
	return process.cpuUsage(before);
}

function sum(a: Cost, b: Cost): Cost {
	return { user: a.user + b.user, system: a.system + b.system };
}

function perCall(cost: Cost, calls: number): Cost {
	return { user: cost.user / calls, system: cost.system / calls };
}

function comparison(ours: Cost, rrdtool: Cost): Comparison {
	return { ours, rrdtool, ratio: (ours.user + ours.system) / (rrdtool.user + rrdtool.system) };
}

function tableOf(all: readonly Result[]): string {
	const rows = all.flatMap((result) =>
		(['update', 'create'] as const).map((what) => {
			const { ours, rrdtool, ratio } = result[what];
			return [result.case, String(result.files), what, costText(ours), costText(rrdtool), ratio.toFixed(2)];
		}),
	);
	const head = ['case', 'files', 'call', 'ours, µs (user + system)', 'rrdtool -, µs', 'ratio'];
	return [head, ...rows]
		.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(''))
		.join('\n');
}

const widths = [22, 8, 9, 28, 24, 6];

function costText(cost: Cost): string {
	const all = cost.user + cost.system;
	return `${all.toFixed(1)} (${cost.user.toFixed(1)} + ${cost.system.toFixed(1)})`;
}

function removeAtExit(path: string): void {
	process.on('exit', () => fs.rmSync(path, { recursive: true, force: true }));
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		// rrdtool has to go first: it might be making files.
		process.once(signal, () => void stopRrdtool().finally(() => process.exit(130)));
	}
}

let stopRrdtool = async () => {};
const directory = fs.mkdtempSync(join(options.dir, 'pingmachine-bench-'));
removeAtExit(directory);
const results: Result[] = [];
for (const one of cases) results.push(await compare(one, count('files', 2), count('rounds', 1)));
console.log(options.json ? JSON.stringify(results, null, '\t') : tableOf(results));
keepFigures(
	'rrd-update',
	Object.fromEntries(
		results.flatMap((result) =>
			(['update', 'create'] as const).flatMap((what) => [
				[`${result.case}, ${what}: us`, result[what].ours.user + result[what].ours.system],
				[`${result.case}, ${what}: CPU to rrdtool's`, result[what].ratio],
			]),
		),
	),
);
if (results.some((result) => result.update.ratio > 1)) process.exitCode = 1;
