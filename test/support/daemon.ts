import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { type LastResult, readLastResult } from '../../src/store/last-result.ts';
import { spawnMortal } from './mortal.ts';
import { waitFor } from './waiting.ts';

export const cli = new URL('../../dist/src/cli.js', import.meta.url).pathname;

/** How long something that should happen at once may take on a busy machine. */
const patienceMs = 60_000;

/** The real daemon on a base directory of its own. Use `await using`, or call `remove`. */
export class Daemon {
	readonly baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-test-'));
	/** Everything that it wrote to standard error. */
	output = '';
	exitCode: number | null = null;
	exitSignal: string | null = null;
	#child: ChildProcess | null = null;
	#exited: Promise<void> = Promise.resolve();

	get pid(): number {
		const pid = this.#child?.pid;
		if (pid === undefined) throw new Error('the daemon does not run');
		return pid;
	}

	/**
	 * Starts it without waiting. `prefix` is a command that starts other commands, such as `setpriv ...`; `script` runs
	 * in place of the command line.
	 */
	spawn(
		args: readonly string[] = [],
		{ prefix = [] as readonly string[], env = {}, script = [cli, 'run'] as readonly string[] } = {},
	): void {
		const [program = '', ...rest] = [
			...prefix,
			process.execPath,
			...script,
			'--basedir',
			this.baseDir,
			...args,
		];
		const child = spawnMortal(program, rest, {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { ...process.env, ...env },
			detached: true,
		});
		this.#child = child;
		this.exitCode = null;
		this.exitSignal = null;
		child.stderr.on('data', (text) => {
			this.output += text;
		});
		this.#exited = new Promise((resolve) => {
			child.on('close', (code, signal) => {
				this.exitCode = code;
				this.exitSignal = signal;
				resolve();
			});
		});
	}

	async start(args: readonly string[] = [], options: Parameters<Daemon['spawn']>[1] = {}): Promise<void> {
		const before = this.output.length;
		this.spawn(args, options);
		await this.until('it says that it has started', () =>
			this.output.slice(before).includes('pingmachine started'),
		);
	}

	/** Sends a signal. */
	kill(signal: NodeJS.Signals): void {
		process.kill(this.pid, signal);
	}

	/** Resolves when it is gone. */
	async exited(): Promise<void> {
		await this.#exited;
		this.#child = null;
	}

	async stop(): Promise<void> {
		if (this.#child === null) return;
		if (this.#child.exitCode === null && this.#child.signalCode === null) this.kill('SIGTERM');
		await this.exited();
	}

	/** Writes an order in one go, as a careful application does. */
	order(id: string, content: string): void {
		const path = this.path('orders', id);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(join(dirname(path), '.new'), content);
		renameSync(join(dirname(path), '.new'), path);
	}

	/** Writes any file below the base directory. */
	put(relative: string, content: string | Uint8Array): void {
		mkdirSync(dirname(this.path(relative)), { recursive: true });
		writeFileSync(this.path(relative), content);
	}

	path(...parts: string[]): string {
		return join(this.baseDir, ...parts);
	}

	exists(...parts: string[]): boolean {
		return existsSync(this.path(...parts));
	}

	read(...parts: string[]): string {
		return readFileSync(this.path(...parts), 'utf8');
	}

	/** The last result of an order, or null as long as it has none. */
	result(id: string): LastResult | null {
		const path = this.path('output', id, 'last_result');
		if (!existsSync(path)) return null;
		const text = readFileSync(path, 'utf8');
		const read = readLastResult(text);
		if ('reason' in read) throw new Error(`${path}: ${read.reason}: ${JSON.stringify(text)}`);
		return load(text) as LastResult;
	}

	/** Waits for the last result of an order that `wanted` accepts. */
	async resultOf(id: string, wanted: (result: LastResult) => boolean = () => true): Promise<LastResult> {
		let result: LastResult | null = null;
		await this.until(`${id} has such a result`, () => {
			result = this.result(id);
			return result !== null && wanted(result);
		});
		return result as unknown as LastResult;
	}

	/** Waits for the error file of an order and returns its message. */
	async errorOf(id: string): Promise<string> {
		await this.until(`${id} has an error file`, () => this.exists('output', id, 'error'));
		return String((load(this.read('output', id, 'error')) as { message: string }).message);
	}

	/** Waits for something to become true, and says what did not, with the end of the log. */
	async until(what: string, isTrue: () => boolean, withinMs = patienceMs): Promise<void> {
		const wrong = () => `not within ${withinMs} ms: ${what}\n${this.output.slice(-3000)}`;
		await waitFor(isTrue, wrong, withinMs);
	}

	async logged(text: string): Promise<void> {
		await this.until(`it logs "${text}"`, () => this.output.includes(text));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null) {
			this.kill('SIGKILL');
			await this.#exited;
		}
		rmSync(this.baseDir, { recursive: true, force: true });
	}
}

/** An fping order with one ping a second, unless told otherwise. */
export function fpingOrder(host: string, { step = 1, pings = 1, more = '' } = {}): string {
	return `user: test\ntask: some_task\nstep: ${step}\npings: ${pings}\nprobe: fping\nfping:\n    host: ${JSON.stringify(host)}\n${more}`;
}
