/** bench: hours with orders that come, go and change: memory and open files must not grow, no slot may be missed */
import { readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DaemonUnderTest, loopbackOrder, needDisk, sleep } from './daemon-under-test.ts';
import { growthOf, type Reading } from './soak-slope.ts';

const { values } = parseArgs({
	options: {
		minutes: { type: 'string', default: '60' },
		orders: { type: 'string', default: '2000' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		churn: { type: 'string', default: '120' },
		json: { type: 'boolean', default: false },
	},
});
const durationSeconds = Number(values.minutes) * 60;
const orders = Number(values.orders);
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
/** Orders that are deleted, put back or changed in a minute. */
const churn = Number(values.churn);
needDisk(orders, 672_008);

const sampleSeconds = Math.max(2, Math.min(30, durationSeconds / 120));
/** Often enough for the default --max-age of about an hour. */
const refreshSeconds = 1200;
/** What is filled once, such as caches and the heap up to its first collections, is no leak. */
const warmUpPart = 0.25;

const daemon = new DaemonUnderTest();
const ids = Array.from({ length: orders }, (_, i) => `user${i % 20}/order${i}`);
const gone = new Set<number>();
const memory: Reading[] = [];
const files: Reading[] = [];
let slots = '';
let delay = '';

function write(index: number): void {
	daemon.order(ids[index] as string, `${loopbackOrder(index, stepSeconds, pings)}note: ${Math.random()}\n`);
	gone.delete(index);
}

/** One order goes, comes back, or gets another text. */
function churnOnce(): void {
	const index = Math.floor(Math.random() * orders);
	if (gone.has(index) || Math.random() < 0.5) {
		write(index);
		return;
	}
	rmSync(join(daemon.baseDir, 'orders', ids[index] as string));
	gone.add(index);
}

function refreshAll(): void {
	const now = Date.now() / 1000;
	for (const [index, id] of ids.entries()) {
		if (!gone.has(index)) utimesSync(join(daemon.baseDir, 'orders', id), now, now);
	}
}

function sample(atSeconds: number): void {
	const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
	memory.push({ atSeconds, value: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 });
	files.push({ atSeconds, value: readdirSync(`/proc/${daemon.pid}/fd`).length });
	if (!values.json && process.stdout.isTTY) {
		const last = memory.at(-1)?.value ?? 0;
		process.stdout.write(
			`\r${Math.round(atSeconds / 60)} min: ${last.toFixed(0)} MB, ${files.at(-1)?.value} files `,
		);
	}
}

try {
	for (const index of ids.keys()) write(index);
	daemon.onLog(({ message }) => {
		slots = /slots since the start: (.*?); store:/.exec(message)?.[1] ?? slots;
		delay = /main-thread delay (.*)$/.exec(message)?.[1] ?? delay;
	});
	await daemon.start();
	const startMs = performance.now();
	const elapsed = () => (performance.now() - startMs) / 1000;
	let churned = 0;
	let refreshed = 0;
	for (let next = 0; elapsed() < durationSeconds; ) {
		for (; churned < (elapsed() / 60) * churn; churned++) churnOnce();
		if (elapsed() - refreshed > refreshSeconds) {
			refreshAll();
			refreshed = elapsed();
		}
		if (elapsed() >= next) {
			sample(elapsed());
			next += sampleSeconds;
		}
		await sleep(200);
	}
	const steady = (readings: readonly Reading[]) =>
		readings.filter(({ atSeconds }) => atSeconds >= durationSeconds * warmUpPart);
	const report = {
		minutes: Number(values.minutes),
		orders,
		stepSeconds,
		churned,
		memoryMb: growthOf(steady(memory), { part: 0.1, least: 16 }),
		openFiles: growthOf(steady(files), { part: 0.1, least: 8 }),
		slots,
		delay,
	};
	if (values.json) console.log(JSON.stringify(report));
	else {
		const line = (what: string, { first, last, perHour, isLeak }: typeof report.memoryMb) =>
			`${what}: ${first.toFixed(0)} at first, ${last.toFixed(0)} at last, ${perHour.toFixed(1)} an hour${isLeak ? ': IT LEAKS' : ''}`;
		console.log(
			`\n${orders} orders of ${stepSeconds} s for ${values.minutes} min, ${churned} of them changed`,
		);
		console.log(line('memory, MB', report.memoryMb));
		console.log(line('open files', report.openFiles));
		console.log(`slots since the start: ${slots}\nmain-thread delay: ${delay}`);
	}
	process.exitCode = report.memoryMb.isLeak || report.openFiles.isLeak ? 1 : 0;
} finally {
	await daemon.end();
}
