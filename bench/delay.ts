/** bench: how late the main thread of a daemon is for what is due, beside a Node that has nothing to do */
/*
 * Options: [--orders 10000] [--step 60] [--pings 5] [--template short] [--json]
 *
 * Both are looked at from within by the same few lines, which are loaded before all else: how late a timer is that is due
 * every 10 ms, over one whole slot. That wakes both a hundred times a second, so CPU is not measured here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeConfig } from './around.ts';
import { DaemonUnderTest, loopbackOrder, needDisk, rrdBytesOf, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		step: { type: 'string', default: '60' },
		pings: { type: 'string', default: '5' },
		template: { type: 'string', default: 'short' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const stepSeconds = Number(values.step);
const pings = Number(values.pings);
needDisk(orders, rrdBytesOf(values.template));

/** Milliseconds beyond what was due. */
interface Lateness {
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
}

const resolutionMs = 10;
/** `SIGWINCH` begins, and once more tells: in files named by the process. */
const onlooker = `
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) {
	const delay = monitorEventLoopDelay({ resolution: ${resolutionMs} });
	let begun = false;
	process.on('SIGWINCH', () => {
		if (begun) {
			const ms = (ns) => Math.max(0, ns / 1e6 - ${resolutionMs});
			const told = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) };
			writeFileSync(new URL(process.pid + '.json', import.meta.url), JSON.stringify(told));
		}
		begun = !begun;
		delay.reset();
		delay.enable();
	});
}
`;

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
const daemon = new DaemonUnderTest();
let idle: ChildProcess | null = null;
try {
	const module = join(folder, 'onlooker.mjs');
	writeFileSync(module, onlooker);
	for (let i = 0; i < orders; i++)
		daemon.order(`bench/order${i}`, loopbackOrder(i, stepSeconds, pings, 'icmp'));
	process.env['NODE_OPTIONS'] = `--import=${module}`;
	idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
	await daemon.start(['--config', writeConfig(daemon.baseDir, values.template, ['none'])], 'info');
	const slotMs = stepSeconds * 1000;
	// The first slot is that of newcomers; in the second the other file of each order is made.
	await sleep((Math.floor((Date.now() + 5000) / slotMs) + 3) * slotMs - Date.now());
	const both = [daemon.pid, idle.pid ?? 0];
	for (const pid of both) process.kill(pid, 'SIGWINCH');
	await sleep(slotMs);
	for (const pid of both) process.kill(pid, 'SIGWINCH');
	await sleep(1000);
	const [own, beside] = both.map(
		(pid) => JSON.parse(readFileSync(join(folder, `${pid}.json`), 'utf8')) as Lateness,
	);
	if (own !== undefined && beside !== undefined) tell(own, beside);
} finally {
	idle?.kill();
	await daemon.end();
	rmSync(folder, { recursive: true });
}

function tell(own: Lateness, beside: Lateness): void {
	keepFigures('delay', {
		[`${orders} icmp: p99 ms`]: own.p99,
		[`${orders} icmp: p99 ms above idle Node`]: Math.max(0, own.p99 - beside.p99),
	});
	if (values.json) {
		console.log(JSON.stringify({ orders, stepSeconds, pings, daemon: own, idle: beside }));
		return;
	}
	const words = ({ p50, p99, max }: Lateness) =>
		`p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${max.toFixed(1)} ms`;
	console.log(
		`${orders} orders, how late a timer of the main thread is, over ${stepSeconds} s: ${words(own)}`,
	);
	console.log(
		`Node that does nothing: ${words(beside)}; p99 ${(own.p99 - beside.p99).toFixed(2)} ms above that (limit 2)`,
	);
}
