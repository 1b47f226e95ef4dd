import { type ChildProcess, spawn } from 'node:child_process';
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	statfsSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** The program of this build. */
export const ownCli = new URL('../src/cli.js', import.meta.url).pathname;

/** One line of the daemon's JSON log. */
export interface LogLine {
	readonly level: string;
	readonly message: string;
}

interface Usage {
	readonly daemonCpuSeconds: number;
	readonly childrenCpuSeconds: number;
	readonly rssMb: number;
	readonly peakRssMb: number;
	readonly diskWrittenMb: number;
}

/** The real daemon on a base directory of its own, seen from outside. */
export class DaemonUnderTest {
	readonly baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-bench-'));
	readonly #listeners = new Set<(line: LogLine) => void>();
	readonly #cli: string;
	readonly #interrupted = () => void this.end().then(() => process.exit(130));
	#child: ChildProcess | null = null;

	constructor(cli = ownCli) {
		this.#cli = cli;
		mkdirSync(join(this.baseDir, 'orders'));
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			process.once(signal, this.#interrupted);
		}
	}

	/** Starts it and resolves when it says that it has started. */
	async start(args: readonly string[] = [], logLevel = 'debug'): Promise<void> {
		const child = spawn(
			process.execPath,
			[this.#cli, 'run', '--basedir', this.baseDir, '--log-format', 'json', '--log-level', logLevel, ...args],
			{ stdio: ['ignore', 'ignore', 'pipe'], detached: true },
		);
		this.#child = child;
		createInterface({ input: child.stderr }).on('line', (text) => {
			const line = JSON.parse(text) as LogLine;
			for (const listener of this.#listeners) listener(line);
		});
		await this.logged((line) => line.message.startsWith('pingmachine started'));
	}

	get pid(): number {
		const pid = this.#child?.pid;
		if (pid === undefined) throw new Error('the daemon does not run');
		return pid;
	}

	/** Hears every line of the log. Returns a function that ends it. */
	onLog(listener: (line: LogLine) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Resolves with the first line from now on that `wanted` accepts. */
	logged(wanted: (line: LogLine) => boolean): Promise<LogLine> {
		return new Promise((resolve) => {
			const end = this.onLog((line) => {
				if (!wanted(line)) return;
				end();
				resolve(line);
			});
		});
	}

	/** Puts an order into place in one go, as a careful application does. */
	order(id: string, text: string): void {
		const path = join(this.baseDir, 'orders', id);
		mkdirSync(dirname(path), { recursive: true });
		const temporary = join(dirname(path), `.${Math.random()}`);
		writeFileSync(temporary, text);
		renameSync(temporary, path);
	}

	/** As an application that still wants it. */
	refreshOrder(id: string): void {
		const nowSeconds = Date.now() / 1000;
		utimesSync(join(this.baseDir, 'orders', id), nowSeconds, nowSeconds);
	}

	removeOrder(id: string): void {
		unlinkSync(join(this.baseDir, 'orders', id));
	}

	/** Processor time of the daemon and of its children that have ended, its memory, and what it wrote to the disk. */
	usage(): Usage {
		const pid = this.#child?.pid;
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
		// Clock ticks, 100 a second on Linux whatever the kernel's own rate: utime, stime, cutime, cstime.
		const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		const megabytes = (name: string) =>
			Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
		const written = /^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1];
		return {
			daemonCpuSeconds: (user + system) / 100,
			childrenCpuSeconds: (childUser + childSystem) / 100,
			rssMb: megabytes('VmRSS'),
			peakRssMb: megabytes('VmHWM'),
			diskWrittenMb: Number(written) / 1e6,
		};
	}

	/** Ends the daemon. */
	async stop(): Promise<void> {
		const child = this.#child;
		this.#child = null;
		if (child !== null && child.exitCode === null) {
			const ended = new Promise((resolve) => child.once('exit', resolve));
			child.kill('SIGTERM');
			await ended;
		}
	}

	/** Ends the daemon and removes everything. */
	async end(): Promise<void> {
		await this.stop();
		for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#interrupted);
		rmSync(this.baseDir, { recursive: true, force: true });
	}
}

/** An order for one address of 127.0.0.0/8: the same number gives the same address. */
export function loopbackOrder(number: number, stepSeconds: number, pings: number, probe = 'fping'): string {
	const host = `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
	return `user: bench\nstep: ${stepSeconds}\npings: ${pings}\nprobe: ${probe}\n${probe}:\n    host: ${host}\n`;
}

/** Fails when the files of so many orders would not fit. */
export function needDisk(orders: number, bytesPerOrder: number): void {
	const { bavail, bsize } = statfsSync(tmpdir());
	const free = bavail * bsize;
	const needed = orders * bytesPerOrder * 1.1;
	if (free < needed) {
		throw new Error(
			`${tmpdir()} has ${gigabytes(free)} free, ${gigabytes(needed)} are needed: give --orders a smaller number`,
		);
	}
}

/** Of a main.rrd for 5 pings that is made by this template, and of what is beside it. */
export function rrdBytesOf(template: string): number {
	const bytes = { smokeping: 672_008, short: 160_000, norrd: 8192 }[template];
	if (bytes === undefined) throw new Error('--template is smokeping, short or norrd');
	return bytes;
}

function gigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The value below which a part of the values lies; `part` from 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
