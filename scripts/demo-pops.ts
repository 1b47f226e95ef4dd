/**
 * Shows points of presence at work: a hub and two of them on this machine, which measure loopback targets and two name
 * servers of the demo. On a terminal the table is live until Ctrl-C; elsewhere it is printed once, when each has measured
 * each order. Either way nothing is left behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { startDemoNetwork } from './demo-network.ts';

const cli = new URL('../src/cli.js', import.meta.url).pathname;
const giveUpMs = 90_000;
const places = [
	{ name: 'zrh', label: 'site=zurich', place: '47.4,8.5' },
	{ name: 'nyc', label: 'site=newyork', place: '40.7,-74.0' },
];

const network = await startDemoNetwork();
const head = 'user: demo\nstep: 5\npings: 5\nwhere: {all: true, here: true}\n';
const nameServer = (port: number) =>
	`probe: dns\ndns: {name: demo.example, server: 127.0.0.1, port: ${port}, timeout: 500}\n`;
const orders: Readonly<Record<string, string>> = {
	'world/ipv4': `${head}title: IPv4\nprobe: icmp\nicmp: {host: 127.0.0.1}\n`,
	'world/lossy': `${head}title: A name server that loses questions\n${nameServer(network.lossyPort)}`,
	'world/changing': `${head}title: A name server with changing load\n${nameServer(network.changingPort)}`,
};

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-demo-'));
const hubDir = join(folder, 'hub');
const isLive = process.stdout.isTTY === true;
const daemons: ChildProcess[] = [];
let output = '';
let drawnLines = 0;
let webAddress: string | null = null;
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void finish(0));

try {
	await begin();
} catch (error) {
	process.stderr.write(`${output}\ndemo: ${(error as Error).message}\n`);
	await finish(1);
}

async function begin(): Promise<void> {
	const web = { listen: '127.0.0.1:0', public: ['health', 'metrics', 'pages', 'api'] };
	const started = run(hubDir, { hub: { listen: '127.0.0.1:0' }, web });
	for (const [id, text] of Object.entries(orders)) write(join(hubDir, 'orders', id), text);
	await started;
	for (const { name, label, place } of places) {
		const file = join(folder, `${name}.join`);
		const args = ['pop', 'add', name, '--label', label, '--place', place, '--basedir', hubDir];
		writeFileSync(file, execFileSync(process.execPath, [cli, ...args]), { mode: 0o600 });
		await run(join(folder, name), { pop: { join: file } });
	}
	console.log(`A hub and ${places.length} points of presence measure ${Object.keys(orders).length} orders`);
	const endMs = Date.now() + giveUpMs;
	setInterval(() => show(endMs), 500);
}

/** Resolves when it says that it has started. */
function run(baseDir: string, config: object): Promise<void> {
	const file = `${baseDir}.yaml`;
	write(file, JSON.stringify(config));
	const child = spawn(process.execPath, [cli, 'run', '--basedir', baseDir, '--config', file], {
		stdio: ['ignore', 'ignore', 'pipe'],
		// Ctrl-C is for the demo, which then ends the daemons in their own time.
		detached: true,
	});
	daemons.push(child);
	return new Promise((resolve, reject) => {
		child.stderr.on('data', (text) => {
			output = (output + text).slice(-4000);
			webAddress ??= /web: listens on (http:[^\s,]+)/.exec(output)?.[1] ?? null;
			if (String(text).includes('pingmachine started')) resolve();
		});
		child.on('exit', (code) => {
			reject(new Error(`a daemon ended with ${code}`));
			if (!isEnding) void finish(1);
		});
	});
}

function show(endMs: number): void {
	if (isEnding) return;
	const rows = Object.keys(orders).flatMap((id) =>
		['here', ...places.map(({ name }) => name)].map((at) => rowOf(id, at)),
	);
	const isComplete = webAddress !== null && rows.every((cells) => cells[2] !== 'waiting');
	const lines = [...table([['ORDER', 'FROM', 'MEDIAN', 'LOSS'], ...rows]), '', ...whereToLook()];
	if (isLive) {
		lines.push('', 'Ctrl-C ends the demo.');
		if (drawnLines > 0) process.stdout.write(`\x1b[${drawnLines}A\x1b[J`);
		process.stdout.write(`${lines.join('\n')}\n`);
		const columns = process.stdout.columns || 80;
		drawnLines = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
	} else if (isComplete) {
		console.log(lines.join('\n'));
		void finish(0);
	}
	if (!isComplete && Date.now() > endMs) {
		process.stderr.write(`${output}\ndemo: not every order has a result after ${giveUpMs / 1000} s\n`);
		void finish(1);
	}
}

function rowOf(id: string, from: string): string[] {
	const path = join(hubDir, 'output', id, ...(from === 'here' ? [] : [`@${from}`]), 'last_result');
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch {
		return [id, from, 'waiting', ''];
	}
	const { median, loss, pings } = load(text) as Readonly<Record<string, number | null>>;
	const shown = typeof median === 'number' ? `${(median * 1000).toFixed(3)} ms` : 'no answer';
	return [id, from, shown, `${loss} of ${pings}`];
}

function table(rows: readonly (readonly string[])[]): string[] {
	const widths =
		rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
	return rows.map((cells) =>
		cells
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join('  ')
			.trimEnd(),
	);
}

function whereToLook(): string[] {
	const page = webAddress ?? 'not yet';
	return [
		`web      ${page} in a browser: all orders; ${page}/orders/world/changing: one, with its map`,
		`orders   ${hubDir}/orders/world/ipv4`,
		`results  ${hubDir}/output/world/ipv4/@zrh/`,
		`measure  pingmachine measure icmp 127.0.0.1 --from zrh,nyc --basedir ${hubDir}`,
	];
}

function write(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

async function finish(code: number): Promise<void> {
	if (isEnding) return;
	isEnding = true;
	await Promise.all(
		daemons.map(async (daemon) => {
			if (daemon.exitCode !== null || daemon.signalCode !== null) return;
			const ended = new Promise((resolve) => daemon.once('exit', resolve));
			daemon.kill('SIGTERM');
			await ended;
		}),
	);
	network.close();
	rmSync(folder, { recursive: true, force: true });
	process.exit(code);
}
