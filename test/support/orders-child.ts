import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { OrderFileSeen, OrdersScan } from '../../src/orders/seen.ts';
import { commandAsNobody } from './as-nobody.ts';
import { OrdersRecorder } from './orders-recorder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The watcher as JavaScript, because a child process cannot read TypeScript. Call `remove` when done. */
export function compileWatcher(): { readonly module: string; remove(): void } {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-compiled-'));
	chmodSync(folder, 0o755);
	const project = join(folder, 'tsconfig.json');
	const compilerOptions = {
		noEmit: false,
		outDir: folder,
		rootDir: repository,
		typeRoots: [join(repository, 'node_modules/@types')],
	};
	const files = [join(repository, 'src/orders/watcher.ts')];
	const base = join(repository, 'tsconfig.json');
	writeFileSync(project, JSON.stringify({ extends: base, compilerOptions, files, include: [] }));
	writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
	const remove = (): void => rmSync(folder, { recursive: true });
	try {
		execFileSync(join(repository, 'node_modules/.bin/tsc'), ['-p', project], { stdio: 'inherit' });
	} catch (error) {
		remove();
		throw error;
	}
	return { module: join(folder, 'src/orders/watcher.js'), remove };
}

export interface OrdersChildOptions {
	/** From `compileWatcher`. */
	readonly module: string;
	readonly root: string;
	readonly scanIntervalMs: number;
	/** Without the rights of root. */
	readonly unprivileged?: boolean;
	/** Run in a user namespace with so many inotify watches and instances. */
	readonly limits?: Limits;
	/** How many files it may have open. */
	readonly openFiles?: number;
}

interface Limits {
	readonly max_inotify_watches?: number;
	readonly max_inotify_instances?: number;
}

type Report =
	| { readonly changed: OrderFileSeen }
	| { readonly removed: string }
	| { readonly scanned: OrdersScan; readonly watches: number }
	| { readonly log: string }
	| { readonly done: true };

const program = `
	import { closeSync, openSync, writeFileSync } from 'node:fs';
	import { createInterface } from 'node:readline';
	const { module, root, scanIntervalMs, limits } = JSON.parse(process.argv[1]);
	const say = (report) => process.stdout.write(JSON.stringify(report) + '\\n');
	const limit = (limits) => {
		for (const [name, value] of Object.entries(limits)) writeFileSync('/proc/sys/user/' + name, String(value));
	};
	const { OrdersWatcher } = await import(module);
	if (limits) limit(limits);
	const log = {};
	for (const level of ['error', 'warn', 'info', 'debug']) {
		log[level] = (message) => say({ log: level + ': ' + message });
	}
	const watcher = new OrdersWatcher({
		root,
		scanIntervalMs,
		log,
		listener: {
			changed: (changed) => say({ changed }),
			removed: (removed) => say({ removed }),
			scanned: (scanned) => say({ scanned, watches: watcher.watches }),
		},
	});
	watcher.start();
	const commands = createInterface({ input: process.stdin });
	const hoard = [];
	commands.on('line', (line) => {
		const command = JSON.parse(line);
		if (command.limits) limit(command.limits);
		if (command.hoard) try { for (;;) hoard.push(openSync('/dev/null')); } catch {}
		else for (const fd of hoard.splice(0)) closeSync(fd);
		say({ done: true });
	});
	commands.on('close', () => watcher.stop());
`;

/** A watcher in a process of its own, with fewer rights or resources than ours. */
export class OrdersChild {
	readonly seen = new OrdersRecorder();
	readonly log: string[] = [];
	/** How many folders were watched when the last scan ended. */
	watches = 0;
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #done = new EventEmitter();

	constructor(options: OrdersChildOptions) {
		const node = [process.execPath, '--input-type=module', '-e', program, JSON.stringify(options)];
		const user = options.unprivileged === true ? commandAsNobody : [];
		const namespace = options.limits === undefined ? [] : ['unshare', '--user', '--map-root-user'];
		const limit = options.openFiles === undefined ? [] : ['prlimit', `--nofile=${options.openFiles}`];
		const [command = '', ...args] = [...user, ...namespace, ...limit, ...node];
		this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
		this.#child.stderr.on('data', (text) => this.log.push(`stderr: ${text}`));
		createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(JSON.parse(line)));
	}

	/** Resolves when it is done. */
	async setLimits(limits: Limits): Promise<void> {
		await this.#command({ limits });
	}

	/** Opens as many files as the process may, or closes them. */
	async hoardFiles(hoard: boolean): Promise<void> {
		await this.#command({ hoard });
	}

	async #command(command: object): Promise<void> {
		const done = once(this.#done, 'done');
		this.#child.stdin.write(`${JSON.stringify(command)}\n`);
		await done;
	}

	/** Has the watcher stop. Resolves to the exit code once nothing keeps the process from ending. */
	async stop(): Promise<number | null> {
		const exited = once(this.#child, 'close');
		this.#child.stdin.end();
		const [code] = await exited;
		return code;
	}

	#take(report: Report): void {
		if ('changed' in report) this.seen.changed(report.changed);
		else if ('removed' in report) this.seen.removed(report.removed);
		else if ('log' in report) this.log.push(report.log);
		else if ('done' in report) this.#done.emit('done');
		else {
			this.seen.scanned(report.scanned);
			this.watches = report.watches;
		}
	}
}
