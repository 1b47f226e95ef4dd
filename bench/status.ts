/** bench: how long `pingmachine status` takes for 10,000 orders, without a daemon and with one, beside `find | xargs cat` of the same files */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../src/store/error-file.ts';
import { lastResultText } from '../src/store/last-result.ts';
import { DaemonUnderTest, sleep } from './daemon-under-test.ts';
import { keepFigures } from './history.ts';

const { values } = parseArgs({
	options: {
		orders: { type: 'string', default: '10000' },
		runs: { type: 'string', default: '5' },
		json: { type: 'boolean', default: false },
	},
});
const orders = Number(values.orders);
const runs = Number(values.runs);
const program = new URL('../src/commands/status/bin.js', import.meta.url).pathname;
const cli = new URL('../src/cli.js', import.meta.url).pathname;
const stepSeconds = 300;
const pings = 20;

const daemon = new DaemonUnderTest();
const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
try {
	for (let number = 0; number < orders; number++) writeOrder(number);
	await startDaemon();
	const commands = {
		status: [process.execPath, cli, 'status', '--basedir', baseDir],
		statusBin: [process.execPath, program, '--basedir', baseDir],
		json: [process.execPath, cli, 'status', '--json', '--basedir', baseDir],
		node: [process.execPath, '-e', '0'],
		withDaemon: [process.execPath, cli, 'status', '--basedir', daemon.baseDir],
		withDaemonJson: [process.execPath, cli, 'status', '--json', '--basedir', daemon.baseDir],
		findCat: ['sh', '-c', `find ${baseDir} -type f -print0 | xargs -0 cat`],
	};
	// All of them in turns, so that what disturbs one disturbs the others too.
	const times = Object.entries(commands).map(([name, command]) => ({ name, command, ms: [] as number[] }));
	for (let run = 0; run <= runs; run++) {
		for (const { command, ms } of times) {
			const tookMs = timeOf(command);
			// The first turn warms the page cache.
			if (run > 0) ms.push(tookMs);
		}
	}
	report(times.map(({ name, ms }) => [name, ms.toSorted((a, b) => a - b)] as const));
} finally {
	rmSync(baseDir, { recursive: true, force: true });
	await daemon.end();
}

/** One in a hundred fails, one in a thousand is rejected. */
function writeOrder(number: number): void {
	const id = `user${number % 50}/tunnel-${number}`;
	const host = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
	const key = number % 1000 === 7 ? 'hots' : 'host';
	const text = `user: user${number % 50}\ntask: tunnel_${number}\nstep: ${stepSeconds}\npings: ${pings}\nprobe: fping\nfping:\n    ${key}: ${host}\n`;
	mkdirSync(join(baseDir, 'orders', `user${number % 50}`), { recursive: true });
	writeFileSync(join(baseDir, 'orders', id), text);
	const output = join(baseDir, 'output', id);
	mkdirSync(output, { recursive: true });
	const updated = Math.floor(Date.now() / 1000);
	const time = updated - (updated % stepSeconds);
	const rtts = { min: 0.001 + number / 1e6, median: 0.0012 + number / 1e6, max: 0.004 + number / 1e6 };
	const result = { time, updated, step: stepSeconds, pings, loss: number % 7 === 0 ? 1 : 0, ...rtts };
	writeFileSync(join(output, 'last_result'), lastResultText(result));
	if (number % 100 === 3) writeFileSync(join(output, 'error'), errorText(updated, `no address for ${host}`));
}

/** Resolves when the daemon has measured as many orders, of its own. */
async function startDaemon(): Promise<void> {
	const ids = Array.from({ length: orders }, (_, number) => `user${number % 50}/tunnel-${number}`);
	for (const [number, id] of ids.entries()) {
		const host = `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
		daemon.order(
			id,
			`user: user${number % 50}\nstep: 60\npings: 5\nrrd_template: norrd\nprobe: icmp\nicmp:\n    host: ${host}\n`,
		);
	}
	await daemon.start([], 'info');
	const isMeasured = (id: string) => existsSync(join(daemon.baseDir, 'output', id, 'last_result'));
	while (!ids.every(isMeasured)) await sleep(1000);
}

/** Milliseconds, from start to end of the process. */
function timeOf([command = '', ...args]: readonly string[]): number {
	const startMs = performance.now();
	const { status, stdout } = spawnSync(command, args, { maxBuffer: 1 << 28 });
	const tookMs = performance.now() - startMs;
	if (status !== 0 || (stdout.length < orders && args.includes('status')))
		throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
	return tookMs;
}

function report(times: readonly (readonly [name: string, sortedMs: readonly number[]])[]): void {
	const files = Number(execFileSync('sh', ['-c', `find ${baseDir} -type f | wc -l`], { encoding: 'utf8' }));
	const medians = times.map(([name, ms]) => [name, ms[Math.floor(ms.length / 2)] ?? Number.NaN] as const);
	const ours = medians.filter(([name]) => name !== 'node' && name !== 'findCat');
	const figures = ours.map(([name, ms]) => [`${orders} orders, ${name}: ms`, ms] as const);
	keepFigures('status', Object.fromEntries(figures));
	if (values.json) {
		console.log(JSON.stringify({ orders, files, runs, medianMs: Object.fromEntries(medians) }));
		return;
	}
	const limit = medians.at(-1)?.[1] ?? Number.NaN;
	console.log(`${orders} orders, ${files} files, median of ${runs} runs (limit 0.3 s):`);
	for (const [name, ms] of medians) {
		console.log(
			`  ${name.padEnd(15)} ${ms.toFixed(0).padStart(5)} ms  ${(ms / limit).toFixed(1)} times find | xargs cat`,
		);
	}
}
