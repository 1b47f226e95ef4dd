/** bench: watching and scanning orders/: first scan, pickup, bursts, and how long the main thread is blocked [--files 100000] */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readOrderFile } from '../src/orders/order-file.ts';
import { OrdersWatcher } from '../src/orders/watcher.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '100000' } } });
const fileCount = Number(values.files);
const perFolder = 1_500;

const base = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
const root = join(base, 'orders');
const text = 'user: bench\nstep: 300\npings: 20\nprobe: fping\nfping:\n    host: 127.0.0.1\n';

const seenAtMs = new Map<string, number>();
const touched = new Set<string>();
let scans = 0;
let calls = 0;

const log = { error: console.error, warn: console.error, info: console.error, debug: console.error };
const watcher = new OrdersWatcher({
	root,
	log,
	scanIntervalMs: 5_000,
	listener: {
		changed({ id, path, mtimeMs }) {
			calls++;
			readOrderFile(path);
			seenAtMs.set(id, performance.now());
			if (mtimeMs === 1_700_000_000_000) touched.add(id);
		},
		removed(id) {
			seenAtMs.delete(id);
		},
		scanned: ({ elapsedMs, files }) => {
			scans++;
			console.log(`  (scan ${scans}: ${files} files in ${elapsedMs.toFixed(0)} ms)`);
		},
	},
});

/** Runs a task, and prints how long it took, in processor time too, and for how long it blocked the main thread. */
async function measure(what: string, task: () => Promise<void>): Promise<void> {
	const delay = monitorEventLoopDelay({ resolution: 1 });
	delay.enable();
	const cpu = process.cpuUsage();
	const startMs = performance.now();
	calls = 0;
	await task();
	const elapsedMs = performance.now() - startMs;
	const { user, system } = process.cpuUsage(cpu);
	delay.disable();
	const ms = (value: number): string => value.toFixed(0).padStart(6);
	console.log(
		`${what.padEnd(46)}${ms(elapsedMs)} ms  cpu${ms((user + system) / 1000)} ms  ` +
			`delay p99${ms(delay.percentile(99) / 1e6)} max${ms(delay.max / 1e6)} ms  ${calls} reports`,
	);
}

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await sleep(2);
}

/** Shell commands in a process of their own, as applications would do it. */
async function shell(script: string): Promise<void> {
	const child = spawn('sh', ['-c', script], { cwd: root, stdio: 'inherit' });
	await new Promise((resolve) => child.once('exit', resolve));
}

function makeOrders(folder: string, from: number, count: number): void {
	for (let i = from; i < from + count; i++) {
		const inner = join(folder, `app${Math.floor(i / perFolder)}`);
		if (i === from || i % perFolder === 0) mkdirSync(inner, { recursive: true });
		writeFileSync(join(inner, `order-${i}`), text);
	}
}

const rssMb = (): number => process.memoryUsage.rss() / 1e6;

try {
	makeOrders(root, 0, fileCount);
	const rssBefore = rssMb();
	await measure(`first scan of ${fileCount} files`, async () => {
		watcher.start();
		await until(() => scans === 1);
	});
	console.log(
		`  ${watcher.files} files, ${watcher.watches} watches, RSS +${(rssMb() - rssBefore).toFixed(0)} MB`,
	);
	await measure('scans when nothing changed, two and the pauses', () => until(() => scans === 3));

	const latencies: number[] = [];
	await measure('200 files dropped one by one', async () => {
		for (let i = 0; i < 200; i++) {
			const id = `app0/single-${i}`;
			const startMs = performance.now();
			writeFileSync(join(root, id), text);
			await until(() => seenAtMs.has(id));
			latencies.push((seenAtMs.get(id) ?? 0) - startMs);
		}
	});
	latencies.sort((a, b) => a - b);
	console.log(`  pickup: median ${latencies[100]?.toFixed(0)} ms, worst ${latencies.at(-1)?.toFixed(0)} ms`);

	await measure('10,000 files created by another process', async () => {
		const before = watcher.files;
		await shell('mkdir burst && cd burst && seq 1 10000 | split -l 1 -a 4 -');
		await until(() => watcher.files === before + 10_000);
	});
	await measure('10,000 touches', async () => {
		await shell('cd burst && find . -type f -print0 | xargs -0 touch -d @1700000000');
		await until(() => touched.size === 10_000);
	});
	await measure('10,000 files deleted with their folder', async () => {
		const before = watcher.files;
		await shell('rm -r burst');
		await until(() => watcher.files === before - 10_000);
	});
	await measure('2,500 files moved in, in 250 nested folders', async () => {
		for (let i = 0; i < 2_500; i++) {
			const folder = join(base, 'made', `f${i % 50}`, `g${i % 250}`);
			if (i < 250) mkdirSync(folder, { recursive: true });
			writeFileSync(join(folder, `order-${i}`), text);
		}
		const before = watcher.files;
		renameSync(join(base, 'made'), join(root, 'made'));
		await until(() => watcher.files === before + 2_500);
	});
	await measure('and all of it moved out', async () => {
		renameSync(root, join(base, 'out'));
		await until(() => watcher.files === 0);
	});
	console.log(`  ${watcher.watches} watches`);
} finally {
	watcher.stop();
	execFileSync('rm', ['-rf', base]);
}
