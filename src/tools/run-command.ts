import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errnoRemedies, errnoWords, reasonIn } from '../model/errno.ts';
import { CommandError, type CommandResult, type ProgramSource, type RunCommand } from '../model/probe.ts';

/** How much of each output stream is kept. The rest is read, so that the program does not block, and dropped. */
const defaultMaxBytes = 16 * 1024 * 1024;

/** Between the polite signal and SIGKILL. */
const graceMs = 500;
/** How long the pipes may stay open after the program is gone: what it left behind may hold them. */
const drainMs = 200;
/** After SIGKILL a program that waits for a broken disk may still not go: it is then left to the kernel. */
const giveUpMs = 500;

/** Where programs are looked for. */
function searchPath(): string {
	return process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
}

/**
 * Makes what runs a program to its end, in a session of its own: a Ctrl-C in the daemon's terminal must not reach it
 * before the daemon has decided what to do. Signals go to all that it has started.
 *
 * This is plain `spawn` and not execa: when the process has no file descriptors left, execa 9 throws a TypeError and
 * leaves an `error` event that nobody listens to, which ends the daemon.
 */
export function makeRunCommand(outputMaxBytes = defaultMaxBytes): RunCommand {
	return async (program, args, options) => {
		if (options.signal.aborted) return { ...nothing, stopped: true, startedAtSeconds: Date.now() / 1000 };

		const child = await start(program, args, options);
		const startedAtSeconds = Date.now() / 1000;
		const stdout = collect(child.stdout, outputMaxBytes);
		const stderr = collect(child.stderr, outputMaxBytes);
		// A program that ends without reading its input is its own affair (EPIPE).
		child.stdin.on('error', () => {});
		child.stdin.end(options.input ?? '');

		let stopped = false;
		const ending = new Ending(child);
		const stop = () => {
			stopped = true;
			ending.begin(options.endWith);
		};
		if (options.signal.aborted) stop();
		else options.signal.addEventListener('abort', stop, { once: true });
		await ending.over;
		options.signal.removeEventListener('abort', stop);
		return {
			stdout: stdout.text(),
			stderr: stderr.text(),
			exitCode: child.exitCode,
			endedBy: child.signalCode,
			stopped,
			truncated: stdout.truncated || stderr.truncated,
			startedAtSeconds,
		};
	};
}

const nothing: Omit<CommandResult, 'startedAtSeconds'> = {
	stdout: '',
	stderr: '',
	exitCode: null,
	endedBy: null,
	stopped: false,
	truncated: false,
};

/** Resolves when the program runs, rejects with `CommandError` when it cannot. */
function start(
	program: string,
	args: readonly string[],
	source: ProgramSource,
): Promise<ChildProcessWithoutNullStreams> {
	return new Promise((resolve, reject) => {
		const fail = (error: NodeJS.ErrnoException) =>
			reject(new CommandError(whyNotStarted(program, source, error), { cause: error }));
		try {
			const child = spawn(program, args, {
				// The daemon's own working directory may be gone.
				cwd: '/',
				env: { PATH: searchPath(), LC_ALL: 'C' },
				detached: true,
				stdio: 'pipe',
			});
			child.once('spawn', () => resolve(child));
			child.on('error', fail);
		} catch (error) {
			fail(error as NodeJS.ErrnoException);
		}
	});
}

/** Waits for the end of a program, and brings it about when asked to. */
class Ending {
	/** Resolves when the program is gone and its output read, or when there is no use in waiting longer. */
	readonly over: Promise<void>;
	readonly #child: ChildProcessWithoutNullStreams;
	#settle: () => void = () => {};
	#isOver = false;
	#timer: NodeJS.Timeout | undefined;

	constructor(child: ChildProcessWithoutNullStreams) {
		this.#child = child;
		this.over = new Promise((resolve) => {
			this.#settle = () => {
				this.#isOver = true;
				clearTimeout(this.#timer);
				resolve();
			};
		});
		child.once('close', this.#settle);
		// When this process itself was held up, there may be output that it has not come round to reading.
		child.once('exit', () => this.#next(drainMs, () => setImmediate(() => this.#abandon())));
	}

	/** Sends the signal, and SIGKILL after a grace period. */
	begin(signal: NodeJS.Signals): void {
		this.#send(signal);
		// When the program itself is gone, only the pipes are waited for, and that has its own limit.
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		this.#next(graceMs, () => {
			this.#send('SIGKILL');
			this.#next(giveUpMs, () => this.#abandon());
		});
	}

	#next(delayMs: number, action: () => void): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(action, delayMs);
	}

	/** Ends what the program has left behind and stops waiting. */
	#abandon(): void {
		if (this.#isOver) return;
		this.#send('SIGKILL');
		for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy();
		this.#child.unref();
		this.#settle();
	}

	#send(signal: NodeJS.Signals): void {
		const { pid } = this.#child;
		if (pid === undefined) return;
		try {
			process.kill(-pid, signal);
		} catch {
			// It has gone by itself.
		}
	}
}

interface Collected {
	text(): string;
	readonly truncated: boolean;
}

function collect(stream: Readable, maxBytes: number): Collected {
	const chunks: Buffer[] = [];
	let bytes = 0;
	let truncated = false;
	stream.on('error', () => {});
	stream.on('data', (chunk: Buffer) => {
		const room = maxBytes - bytes;
		if (chunk.length > room) truncated = true;
		if (room === 0) return;
		const kept = chunk.subarray(0, room);
		chunks.push(kept);
		bytes += kept.length;
	});
	return {
		text: () => Buffer.concat(chunks).toString(),
		get truncated() {
			return truncated;
		},
	};
}

/** Why a program could not be started, and what to do about it. */
export function whyNotStarted(program: string, source: ProgramSource, error: NodeJS.ErrnoException): string {
	switch (error.code) {
		case 'ENOENT':
		case 'ENOTDIR':
			return whyNotFound(program, source);
		case 'EACCES':
			// So it is said, too, when a folder of the path may not be searched and the others do not have it.
			if (!program.includes('/') && !isOnPath(program)) return whyNotFound(program, source);
			return `${program} may not be run by this user: make it executable (chmod a+rx), or name another program in the config file`;
		case 'EPERM':
			return `${program} may not be run: it asks for capabilities (see getcap) that this process may not have: add them to CapabilityBoundingSet= and AmbientCapabilities= of the systemd unit`;
		default:
			return `${program} could not be started: ${reasonIn(error, whatIsShort)}`;
	}
}

const whatIsShort: Readonly<Record<string, string>> = {
	...errnoRemedies,
	EAGAIN: `${errnoWords.EAGAIN}: raise the limit (TasksMax= and LimitNPROC= of the systemd unit, ulimit -u)`,
	ENOMEM: errnoWords.ENOMEM,
};

function whyNotFound(program: string, source: ProgramSource): string {
	const install = 'howToInstall' in source ? source.howToInstall : `apt-get install ${source.debianPackage}`;
	if (!program.includes('/')) return `${program} is not installed: ${install}`;
	if (existsSync(program))
		return `${program} cannot be run: the program that its first line names does not exist`;
	return `${program} does not exist: correct the path in the config file, or ${install}`;
}

function isOnPath(program: string): boolean {
	return searchPath()
		.split(':')
		.some((folder) => existsSync(join(folder, program)));
}
