import { type ChildProcess, spawn } from 'node:child_process';
import type { Config } from '../config/config.ts';
import type { WebSettings } from '../config/web-setting.ts';
import type { LogFormat, LogLevel } from '../model/log.ts';

/** What the web server's process is told first. */
export interface WebOrder {
	readonly web: WebSettings;
	readonly logLevel: LogLevel;
	readonly logFormat: LogFormat;
	/** What holds for orders that do not say. */
	readonly rrdTemplate: Config['rrdTemplate'];
	readonly maxAgeSeconds: number | null;
}

export function webOrderOf(config: Config): WebOrder | null {
	const { web, logLevel, logFormat, rrdTemplate, maxAgeSeconds } = config;
	return web === null ? null : { web, logLevel, logFormat, rrdTemplate, maxAgeSeconds };
}

/** What it tells. */
export type WebReport = { readonly addresses: readonly string[] } | { readonly fault: string };

/** How the web server does. */
export interface WebState {
	readonly state: 'starting' | 'running' | 'failing';
	/** Where it listens, as URLs. */
	readonly addresses: readonly string[];
	/** How often it was started again after it had ended by itself. */
	readonly restarts: number;
	readonly lastError: string | null;
}

export interface WebChildOptions {
	readonly baseDir: string;
	/** Absolute path; for the probes that it names. */
	readonly configFile: string | undefined;
	/** The program of the command line. */
	readonly program: string;
	readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void };
}

const firstRetryMs = 1000;
const lastRetryMs = 60_000;
/** One that ran for so long has not failed to start. */
const soundMs = 60_000;
const endMs = 2000;

/**
 * The process of the web server: started, watched, and started again when it ends by itself. It is our own user's, and
 * has no capability: whatever the network makes of it, it can neither send raw packets nor stop the measuring.
 */
export class WebChild {
	readonly #options: WebChildOptions;
	#order: WebOrder | null = null;
	#child: ChildProcess | null = null;
	#retry: NodeJS.Timeout | null = null;
	#retryMs = firstRetryMs;
	#state: WebState = { state: 'starting', addresses: [], restarts: 0, lastError: null };

	constructor(options: WebChildOptions) {
		this.#options = options;
	}

	/** Null: there is none, and there should be none. */
	get state(): WebState | null {
		return this.#order === null ? null : this.#state;
	}

	/** Has it run like this from now on; null: not at all. */
	configure(order: WebOrder | null): void {
		if (JSON.stringify(order) === JSON.stringify(this.#order)) return;
		this.#order = order;
		this.#end();
		this.#retryMs = firstRetryMs;
		this.#state = { state: 'starting', addresses: [], restarts: 0, lastError: null };
		if (order !== null) this.#start(order);
	}

	/** Resolves when it is gone. */
	async close(): Promise<void> {
		const child = this.#child;
		this.#order = null;
		this.#end();
		if (child === null || child.exitCode !== null || child.signalCode !== null) return;
		await new Promise((resolve) => child.once('exit', resolve));
	}

	#end(): void {
		if (this.#retry !== null) clearTimeout(this.#retry);
		this.#retry = null;
		const child = this.#child;
		this.#child = null;
		if (child === null || child.exitCode !== null || child.signalCode !== null) return;
		child.kill('SIGTERM');
		setTimeout(() => child.kill('SIGKILL'), endMs).unref();
	}

	#start(order: WebOrder): void {
		const { baseDir, configFile, program, log } = this.#options;
		const config = configFile === undefined ? [] : ['--config', configFile];
		const command = [
			...withoutCapabilities(),
			process.execPath,
			program,
			'web',
			'--child',
			'--basedir',
			baseDir,
		];
		const [file = '', ...args] = [...command, ...config];
		const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
		this.#child = child;
		const startedMs = performance.now();
		child.on('message', (report: WebReport) => this.#report(child, report));
		child.on('error', (error: NodeJS.ErrnoException) => {
			const why = error.code === 'ENOENT' ? `cannot start ${file}: it is missing` : error.message;
			this.#ended(child, startedMs, why);
		});
		child.on('exit', (code, signal) =>
			this.#ended(child, startedMs, `it ended with ${signal ?? `exit code ${code}`}`),
		);
		child.send(order, (error) => {
			if (error !== null) log.warn(`web: ${error.message}`);
		});
		// The daemon's end does not wait for it: it ends with the daemon.
		child.unref();
		child.channel?.unref();
	}

	#report(child: ChildProcess, report: WebReport): void {
		if (child !== this.#child) return;
		const { log } = this.#options;
		if ('fault' in report) {
			this.#state = { ...this.#state, state: 'failing', lastError: report.fault };
			log.error(report.fault);
			return;
		}
		const { addresses } = report;
		this.#state = { ...this.#state, state: 'running', addresses };
		log.info(`web: listens on ${addresses.join(', ')}`);
	}

	#ended(child: ChildProcess, startedMs: number, why: string): void {
		if (child !== this.#child || this.#order === null) return;
		this.#child = null;
		const { lastError, restarts } = this.#state;
		const isNew = this.#state.state !== 'failing' || lastError === null;
		const reason = this.#state.state === 'failing' ? (lastError ?? why) : why;
		if (performance.now() - startedMs > soundMs) this.#retryMs = firstRetryMs;
		if (isNew) this.#options.log.error(`web: ${why}. It is started again, measuring goes on`);
		this.#state = { state: 'failing', addresses: [], restarts: restarts + 1, lastError: reason };
		const order = this.#order;
		this.#retry = setTimeout(() => this.#start(order), this.#retryMs).unref();
		this.#retryMs = Math.min(lastRetryMs, this.#retryMs * 2);
	}
}

/** What starts a program that has no capability and can get none. As root the bounding set has to go, too. */
function withoutCapabilities(): string[] {
	const isRoot = process.geteuid?.() === 0;
	return [
		'setpriv',
		'--inh-caps=-all',
		'--ambient-caps=-all',
		...(isRoot ? ['--bounding-set=-all'] : []),
		'--no-new-privs',
	];
}
