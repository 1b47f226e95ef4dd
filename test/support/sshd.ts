import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnMortal } from './mortal.ts';
import { freePort } from './waiting.ts';

/** The real sshd on a port of its own, with host keys that were made for it. Nobody can log in. */
export class Sshd {
	readonly port: number;
	/** Everything that it wrote to its log. */
	log = '';
	readonly #folder: string;
	readonly #process: ChildProcess;

	private constructor(folder: string, port: number) {
		this.#folder = folder;
		this.port = port;
		this.#process = spawnMortal('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		this.#process.stderr?.on('data', (chunk) => {
			this.log += chunk;
		});
	}

	/** Resolves when it listens, on 127.0.0.1 and ::1. */
	static async open(keyTypes: readonly string[]): Promise<Sshd> {
		const folder = mkdtempSync(join(tmpdir(), 'pingmachine-sshd-'));
		const port = await freePort();
		const keys = keyTypes.map((type) => join(folder, type));
		for (const [index, type] of keyTypes.entries()) {
			execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', keys[index] ?? '']);
		}
		// Where it looks for this folder, it cannot be told.
		if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
		const lines = [
			`Port ${port}`,
			'ListenAddress 127.0.0.1',
			'ListenAddress ::1',
			...keys.map((key) => `HostKey ${key}`),
			'PidFile none',
			'LogLevel INFO',
			'MaxStartups 200',
		];
		writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
		const sshd = new Sshd(folder, port);
		await sshd.#listening();
		return sshd;
	}

	async close(): Promise<void> {
		if (this.#process.exitCode === null) {
			this.#process.kill('SIGTERM');
			await once(this.#process, 'close');
		}
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async #listening(): Promise<void> {
		while (this.log.split('Server listening on ').length < 3) {
			if (this.#process.exitCode !== null) throw new Error(`sshd does not start: ${this.log}`);
			await new Promise((done) => setTimeout(done, 20));
		}
	}
}
