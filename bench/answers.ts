/** bench: how long the web server is held up while it answers what is large: /metrics, histograms, slots, series */
/*
 * Options: [--orders 10000] [--rounds 3] [--json]
 *
 * A process of its own serves a tree of so many orders. One of them has been measured for years: hours and days in
 * histograms, 35 days of slots of a second, a hundred pings in main.rrd. Each is asked for alone, then all at once, and
 * meanwhile every turn of the server's event loop is timed: the longest one, in CPU time of its main thread (its own
 * work, whatever else the machine does) and by the clock. The same for the longest pieces of work of the store. Ends with
 * exit code 1 when any takes more than 20 ms of CPU.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { builtInProbes } from '../probes/index.ts';
import { readWebSetting } from '../src/config/web-setting.ts';
import { lineOf, sinceLineOf } from '../src/history/histogram-lines.ts';
import { emptyRing, ringWrites } from '../src/history/slot-ring.ts';
import { Tally } from '../src/history/tally.ts';
import { createRrd, updateRrd } from '../src/rrd/index.ts';
import { compactHistograms, writeSlots } from '../src/store/history-files.ts';
import { mainRrdShape, smokepingRow } from '../src/store/main-rrd-shape.ts';
import { serveWeb } from '../src/web/serve.ts';

const daySeconds = 86_400;
const delayMaxMs = 20;
const today = Math.floor(Date.now() / 1000 / daySeconds) * daySeconds;

/** The longest time that nothing else had its turn. */
interface Turn {
	readonly cpuMs: number;
	readonly wallMs: number;
}

/** CPU time of the main thread so far. */
function mainThreadMs(): number {
	return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** Between the two calls every turn of the event loop is timed. */
function timeTurns(): () => Turn {
	let isOver = false;
	let longest: Turn = { cpuMs: 0, wallMs: 0 };
	let [cpuMs, wallMs] = [mainThreadMs(), performance.now()];
	const turn = () => {
		const [cpuNow, wallNow] = [mainThreadMs(), performance.now()];
		longest = {
			cpuMs: Math.max(longest.cpuMs, cpuNow - cpuMs),
			wallMs: Math.max(longest.wallMs, wallNow - wallMs),
		};
		[cpuMs, wallMs] = [cpuNow, wallNow];
		if (!isOver) setImmediate(turn);
	};
	setImmediate(turn);
	return () => {
		isOver = true;
		return longest;
	};
}

/** The child: serves, and times its turns when it is told to. */
async function serve(baseDir: string): Promise<void> {
	const read = readWebSetting({ listen: '127.0.0.1:0' });
	if (!('value' in read)) throw new Error('the setting is wrong');
	const log = { error: console.error, info: () => {}, warn: () => {} };
	const served = await serveWeb({
		...{ baseDir, version: 'bench', settings: read.value, probes: builtInProbes, log },
		...{ explain: async () => null, isAlone: true },
	});
	let end: (() => Turn) | null = null;
	process.on('message', () => {
		if (end === null) end = timeTurns();
		else {
			process.send?.(end());
			end = null;
		}
	});
	process.send?.(served.addresses[0]);
}

/** Some hundred round-trip times in sixty buckets: as full as a line becomes. */
function fullTally(): Tally {
	const tally = new Tally();
	for (let at = 0; at < 720; at++) tally.addCounted(0, Float64Array.of(0.01 * 2 ** ((at % 60) / 16)));
	return tally;
}

/** Days and hours up to today. */
function histogramsText(): string {
	const since = { timeSeconds: today - 1095 * daySeconds, spanSeconds: 1095 * daySeconds };
	let text = sinceLineOf({ ...since, tally: fullTally() });
	for (let day = 1095; day > 0; day--)
		text += lineOf({ timeSeconds: today - day * daySeconds, spanSeconds: daySeconds, tally: fullTally() });
	for (let hour = 2160; hour > 0; hour--)
		text += lineOf({ timeSeconds: today - hour * 3600, spanSeconds: 3600, tally: fullTally() });
	return text;
}

const ringShape = { stepSeconds: 1, pings: 1, capacity: 35 * daySeconds };

function slotsBytes(): Buffer {
	const { capacity } = ringShape;
	const records = Array.from({ length: capacity }, (_, at) => ({
		...{ timeSeconds: today - capacity + at, loss: 0, medianSeconds: 0.01 + at * 1e-8 },
	}));
	const ring = emptyRing(ringShape);
	for (const { offset, bytes } of ringWrites(ringShape, 0, records).writes) bytes.copy(ring, offset);
	return ring;
}

function makeTree(baseDir: string, orders: number): void {
	const text = JSON.stringify({
		...{ user: 'bench', step: 60, pings: 20, probe: 'icmp', icmp: { host: '127.0.0.1' } },
		...{ expires: 'never', tags: { site: 'zrh' } },
	});
	for (let at = 0; at < orders; at++) {
		const folder = join(baseDir, 'orders', 'core', `rack-${at % 40}`);
		if (at < 40) mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, `o${at}`), text);
	}
	const output = join(baseDir, 'output', 'big');
	mkdirSync(output, { recursive: true });
	writeFileSync(join(baseDir, 'orders', 'big'), text);
	writeFileSync(join(output, 'histograms'), histogramsText());
	mkdirSync(join(baseDir, 'output', 'seconds'));
	writeFileSync(join(baseDir, 'orders', 'seconds'), text);
	writeFileSync(join(baseDir, 'output', 'seconds', 'slots'), slotsBytes());
	const [step, pings, slots] = [600, 100, 1000];
	const first = Math.floor(Date.now() / 1000 / step) * step - slots * step;
	const path = join(output, 'main.rrd');
	createRrd(path, mainRrdShape('smokeping', step, pings), first);
	for (let at = 0; at < slots; at++) {
		const rtts = Array.from({ length: pings }, (_, ping) => 0.01 + ping * 1e-5);
		updateRrd(path, first + (at + 1) * step, smokepingRow(pings, 0, 0.01, rtts));
	}
}

const questions = {
	metrics: '/metrics',
	histograms: '/api/v1/orders/big/histograms',
	slots: '/api/v1/orders/seconds/slots?start=0',
	series: '/api/v1/orders/big/series?start=-7d&points=10000',
	orders: '/api/v1/orders?limit=1000',
} as const;

async function ask(url: string): Promise<number> {
	const response = await fetch(url);
	const { byteLength } = await response.arrayBuffer();
	if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
	return byteLength;
}

/** The longest pieces of work of the store with these orders. */
function storeTurns(baseDir: string): Record<string, Turn> {
	const folder = join(baseDir, 'output', 'big');
	const seconds = join(baseDir, 'output', 'seconds');
	const timed = (work: () => void): Turn => {
		const [cpuMs, wallMs] = [mainThreadMs(), performance.now()];
		work();
		return { cpuMs: mainThreadMs() - cpuMs, wallMs: performance.now() - wallMs };
	};
	const limits = { hoursSeconds: 90 * daySeconds, daysSeconds: 1095 * daySeconds };
	const lot = (at: number) =>
		Array.from({ length: 600 }, (_, nth) => ({
			...{ timeSeconds: today + at * 600 + nth, loss: 0, medianSeconds: 0.01 },
		}));
	return {
		'store: a lot of slots': timed(() => writeSlots(seconds, ringShape, lot(0), 'x')),
		'store: slots_keep changed': timed(() =>
			writeSlots(seconds, { ...ringShape, capacity: 8 * daySeconds }, lot(1), 'x'),
		),
		'store: a day of histograms': timed(() => compactHistograms(folder, today + 3600, limits)),
		'store: histograms anew': timed(() => compactHistograms(folder, today + 9 * daySeconds, limits)),
	};
}

async function run(): Promise<void> {
	const { values } = parseArgs({
		options: {
			orders: { type: 'string', default: '10000' },
			rounds: { type: 'string', default: '3' },
			json: { type: 'boolean', default: false },
		},
	});
	const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-bench-answers-'));
	makeTree(baseDir, Number(values.orders));
	const child = fork(fileURLToPath(import.meta.url), ['--serve', baseDir]);
	const turns: Record<string, Turn & { readonly bytes?: number }> = {};
	try {
		const [url] = (await once(child, 'message')) as [string];
		while ((await fetch(`${url}/-/ready`)).status !== 200) await new Promise((done) => setTimeout(done, 200));
		const timed = async (name: string, paths: readonly string[]) => {
			// Not those in which code gets warm.
			for (const path of paths) await ask(url + path);
			child.send('begin');
			let bytes = 0;
			for (let round = 0; round < Number(values.rounds); round++)
				for (const one of await Promise.all(paths.map((path) => ask(url + path)))) bytes += one;
			child.send('end');
			const [turn] = (await once(child, 'message')) as [Turn];
			turns[name] = { ...turn, bytes: bytes / Number(values.rounds) };
		};
		for (const [name, path] of Object.entries(questions)) await timed(name, [path]);
		await timed('all at once', Object.values(questions));
		Object.assign(turns, storeTurns(baseDir));
	} finally {
		child.kill();
		rmSync(baseDir, { recursive: true, force: true });
	}
	if (values.json) console.log(JSON.stringify(turns));
	else
		for (const [name, { cpuMs, wallMs, bytes = 0 }] of Object.entries(turns))
			console.log(
				`${name.padEnd(26)} longest turn ${cpuMs.toFixed(1).padStart(6)} ms CPU, ${wallMs.toFixed(1).padStart(6)} ms by the clock` +
					(bytes > 0 ? `; ${(bytes / 1e6).toFixed(1)} MB` : ''),
			);
	process.exitCode = Object.values(turns).some(({ cpuMs }) => cpuMs > delayMaxMs) ? 1 : 0;
}

const [, , mode, served = ''] = process.argv;
await (mode === '--serve' ? serve(served) : run());
