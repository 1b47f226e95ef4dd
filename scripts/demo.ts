/**
 * Shows pingmachine at work: starts the daemon on a temporary base directory, drops a handful of orders for loopback
 * targets into it as an application would, and prints what appears in the files, and where the pages are.
 *
 * On a terminal the table is live until Ctrl-C. Elsewhere it is printed once, when every order has a result or a
 * reason. Either way nothing is left behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { startDemoNetwork } from './demo-network.ts';

const cli = new URL('../src/cli.js', import.meta.url).pathname;
const giveUpMs = 60_000;

/** Step 5, so that everything is there within two slots. */
function pingOrder(host: string, task: string): string {
	return `user: demo\ntask: ${task}\nstep: 5\npings: 5\nprobe: fping\nfping:\n    host: ${JSON.stringify(host)}\n`;
}

function nameOrder(port: number, task: string, title: string): string {
	const server = `dns:\n    name: demo.example\n    server: 127.0.0.1\n    port: ${port}\n    timeout: 500\n`;
	return `user: demo\ntask: ${task}\ntitle: ${title}\nobjective: 99.9\nstep: 5\npings: 5\nprobe: dns\n${server}`;
}

/** Rules whose alerts the pages show: nobody else is told. */
const rules: Record<string, string> = {
	down: 'title: no answer\nloss: {over: 99%, for: 3 slots, clear: 3 slots under 50%}\nseverity: critical\n',
	loss: 'title: packet loss\nloss: {over: 20%, for: 3 of 5 slots}\nseverity: warning\n',
};

const network = await startDemoNetwork();
const orders: Record<string, string> = {
	'office/ipv4': pingOrder('127.0.0.1', 'IPv4'),
	'office/ipv6': pingOrder('::1', 'IPv6'),
	'office/name': pingOrder('localhost', 'a host name'),
	'lab/another': pingOrder('127.6.6.6', 'in the same run'),
	'lab/lossy': nameOrder(network.lossyPort, 'loses pings', 'A name server that loses questions'),
	'lab/changing': nameOrder(network.changingPort, 'latency changes', 'A name server with changing load'),
	'lab/silent': pingOrder('127.255.255.255', 'does not answer'),
	'lab/wrong': pingOrder('127.0.0.1', 'typo in option').replace('host:', 'hots:'),
};

const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-demo-'));
mkdirSync(join(baseDir, 'alerts'));
for (const [name, text] of Object.entries(rules))
	writeFileSync(join(baseDir, 'alerts', `${name}.yaml`), text);
const token = makeToken();
const live = process.stdout.isTTY === true;
let daemonOutput = '';
let drawnLines = 0;
let webAddress: string | null = null;
let isEnding = false;

const daemon = startDaemon();
process.on('SIGINT', () => void finish(0));
process.on('SIGTERM', () => void finish(0));
process.on('SIGHUP', () => void finish(0));
daemon.on('exit', (code) => {
	process.stderr.write(`${daemonOutput}\ndemo: the daemon ended with ${code}\n`);
	cleanUp();
	process.exit(1);
});
for (const [id, text] of Object.entries(orders)) {
	mkdirSync(dirname(join(baseDir, 'orders', id)), { recursive: true });
	writeFileSync(join(baseDir, 'orders', id), text);
}
console.log(`pingmachine measures ${Object.keys(orders).length} orders in ${baseDir}/orders/`);
const startedMs = Date.now();
setInterval(show, 500);

/** For those who want to add an order in the browser. */
function makeToken(): string {
	const args = ['web', 'token', 'demo', '--scope', 'read,order', '--file', join(baseDir, 'tokens')];
	return execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' }).trim();
}

function startDaemon(): ChildProcess {
	const config = join(baseDir, 'pingmachine.yaml');
	const web = {
		// Any port that is free.
		listen: '127.0.0.1:0',
		tokens_file: join(baseDir, 'tokens'),
		public: ['health', 'metrics', 'sd', 'status', 'badges', 'pages', 'api'],
		status_page: { title: 'Demo', orders: ['**'] },
	};
	writeFileSync(config, JSON.stringify({ web }));
	const child = spawn(process.execPath, [cli, 'run', '--basedir', baseDir, '--config', config], {
		stdio: ['ignore', 'ignore', 'pipe'],
		// Ctrl-C is for the demo, which then ends the daemon in its own time.
		detached: true,
	});
	child.stderr.on('data', (text) => {
		daemonOutput = (daemonOutput + text).slice(-4000);
		webAddress ??= /web: listens on (http:[^\s,]+)/.exec(daemonOutput)?.[1] ?? null;
	});
	return child;
}

function show(): void {
	if (isEnding) return;
	const rows = Object.keys(orders).map(rowOf);
	const complete = rows.every((row) => row.done) && webAddress !== null;
	if (live) {
		const lines = [...report(rows), '', 'Ctrl-C ends the demo.'];
		if (drawnLines > 0) process.stdout.write(`\x1b[${drawnLines}A\x1b[J`);
		process.stdout.write(`${lines.join('\n')}\n`);
		const columns = process.stdout.columns || 80;
		drawnLines = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
	} else if (complete) {
		console.log(report(rows).join('\n'));
		void finish(0);
	}
	if (!complete && Date.now() - startedMs > giveUpMs) {
		process.stderr.write(`${daemonOutput}\ndemo: not every order has a result after ${giveUpMs / 1000} s\n`);
		void finish(1);
	}
}

interface Row {
	readonly cells: string[];
	/** Why there is no result. */
	readonly reason?: string;
	readonly done: boolean;
}

function report(rows: Row[]): string[] {
	const reasons = rows.flatMap(({ cells, reason }) =>
		reason === undefined ? [] : [`${cells[0]}: ${reason}`],
	);
	return [...table(rows.map((row) => row.cells)), '', ...reasons, '', ...whereTheFilesAre()];
}

interface DemoOrder {
	readonly task: string;
	readonly fping?: Readonly<Record<string, string>>;
	readonly dns?: Readonly<Record<string, string>>;
}

function rowOf(id: string): Row {
	const { task, fping, dns } = load(orders[id] ?? '') as DemoOrder;
	const what = [id, task, Object.values(fping ?? dns ?? {})[0] ?? ''];
	const error = readYaml(`output/${id}/error`);
	if (error !== null) {
		return { cells: [...what, '', '', 'rejected'], reason: String(error['message']), done: true };
	}
	const result = readYaml(`output/${id}/last_result`);
	if (result === null) return { cells: [...what, '', '', 'waiting'], done: false };
	const lost = `${result['loss']} of ${result['pings']}`;
	const time = new Date(Number(result['time']) * 1000).toISOString().slice(11, 19);
	return { cells: [...what, milliseconds(result['median']), lost, `at ${time}`], done: true };
}

/** Files are replaced as a whole, so that one that is there can be read. */
function readYaml(path: string): Record<string, unknown> | null {
	try {
		return load(readFileSync(join(baseDir, path), 'utf8')) as Record<string, unknown>;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw error;
	}
}

function milliseconds(seconds: unknown): string {
	return typeof seconds === 'number' ? `${(seconds * 1000).toFixed(3)} ms` : 'no answer';
}

function table(rows: string[][]): string[] {
	const all = [['ORDER', 'TASK', 'TARGET', 'MEDIAN', 'LOSS', 'STATE (UTC)'], ...rows];
	const widths = all[0]?.map((_, i) => Math.max(...all.map((cells) => cells[i]?.length ?? 0))) ?? [];
	const width = live ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
	return all.map((cells) =>
		cells
			.map((cell, i) => cell.padEnd(widths[i] ?? 0))
			.join('  ')
			.trimEnd()
			.slice(0, width),
	);
}

function whereTheFilesAre(): string[] {
	return [
		'The files, until the demo ends:',
		`orders   ${baseDir}/orders/office/ipv4`,
		`results  ${baseDir}/output/office/ipv4/`,
		`reason   ${baseDir}/output/lab/wrong/error`,
		`web      ${webAddress ?? 'not yet'} in a browser (also /public, /alerts, /metrics and /api/v1/orders)`,
		`token    ${token} (log in with it to add orders: ${webAddress ?? ''}/add)`,
	];
}

async function finish(code: number): Promise<void> {
	if (isEnding) return;
	isEnding = true;
	daemon.removeAllListeners('exit');
	const ended = new Promise((resolve) => daemon.once('exit', resolve));
	daemon.kill('SIGTERM');
	await ended;
	network.close();
	cleanUp();
	process.exit(code);
}

function cleanUp(): void {
	rmSync(baseDir, { recursive: true, force: true });
}
