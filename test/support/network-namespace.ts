import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a program inside printed, and how it ended. */
export interface Ran {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number | null;
}

/**
 * Makes addresses that never answer, without any device: packets to them leave through loopback, come back in, belong
 * to nobody and are dropped. Within 10.99.0.0/16 and fd99::/64.
 */
export const unansweringNetworks = ['ip route add 10.99.0.0/16 dev lo', 'ip -6 route add fd99::/64 dev lo'];

/**
 * A network namespace of its own, with loopback up and nothing else in it. It goes away with `close`, or with the
 * process that made it.
 */
export class NetworkNamespace {
	readonly #holder: ChildProcessWithoutNullStreams;
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-netns-'));
	#wrappers = 0;

	private constructor(holder: ChildProcessWithoutNullStreams) {
		this.#holder = holder;
	}

	/** @param setup shell commands, run inside before anything else */
	static async open(setup: readonly string[] = []): Promise<NetworkNamespace> {
		const script = ['set -e', 'ip link set lo up', ...setup, 'echo ready', 'exec cat > /dev/null'].join('\n');
		const holder = spawn('unshare', [...unshareFlags(), 'sh', '-c', script]);
		let said = '';
		holder.stderr.on('data', (chunk) => {
			said += chunk;
		});
		const failed = once(holder, 'close').then(() => {
			throw new Error(`cannot make a network namespace (run the tests as root): ${said.trim()}`);
		});
		failed.catch(() => {});
		await Promise.race([once(holder.stdout, 'data'), failed]);
		return new NetworkNamespace(holder);
	}

	/** Runs a program inside, to its end. */
	async run(program: string, args: readonly string[], input = ''): Promise<Ran> {
		const child = spawn('nsenter', [...this.#enterFlags(), program, ...args]);
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', (chunk) => {
			stdout += chunk;
		});
		child.stderr.on('data', (chunk) => {
			stderr += chunk;
		});
		child.stdin.on('error', () => {});
		child.stdin.end(input);
		const [exitCode] = await once(child, 'close');
		return { stdout, stderr, exitCode };
	}

	/** Runs a shell script inside. */
	shell(script: string): Promise<Ran> {
		return this.run('sh', ['-c', script]);
	}

	/** The path of a program that runs `command`, shell words, inside and passes its own arguments on. */
	wrapper(command: string): string {
		const path = join(this.#folder, `wrapper${this.#wrappers++}`);
		writeFileSync(path, `#!/bin/sh\nexec nsenter ${this.#enterFlags().join(' ')} ${command} "$@"\n`);
		chmodSync(path, 0o755);
		return path;
	}

	async close(): Promise<void> {
		rmSync(this.#folder, { recursive: true, force: true });
		const closed = this.#holder.exitCode === null ? once(this.#holder, 'close') : null;
		this.#holder.stdin.end();
		await closed;
	}

	#enterFlags(): string[] {
		const user = isRoot() ? [] : ['--user', '--preserve-credentials'];
		return ['--target', String(this.#holder.pid), '--net', ...user, '--'];
	}
}

/** Without root, a user namespace may give the right to make the other one. */
function unshareFlags(): string[] {
	return isRoot() ? ['--net', '--'] : ['--user', '--map-root-user', '--net', '--'];
}

function isRoot(): boolean {
	return process.getuid?.() === 0;
}
