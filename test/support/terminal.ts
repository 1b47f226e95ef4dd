import { type ChildProcess, spawn } from 'node:child_process';
import { vi } from 'vitest';

/** A program in a terminal of its own, which script(1) makes. The test is the keyboard and the screen. */
export class Terminal {
	/** All that the program wrote. */
	output = '';
	readonly #script: ChildProcess;
	readonly #ended: Promise<void>;

	/** @param command for sh */
	constructor(command: string, env: Readonly<Record<string, string | undefined>> = {}) {
		this.#script = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
			env: { ...process.env, SHELL: '/bin/sh', ...env },
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		// What is typed after it has ended is lost.
		this.#script.stdin?.on('error', () => {});
		this.#script.stdout?.setEncoding('utf8').on('data', (text: string) => {
			this.output += text;
		});
		this.#ended = new Promise((resolve, reject) => {
			this.#script.once('error', reject).once('close', () => resolve());
		});
	}

	type(text: string): void {
		this.#script.stdin?.write(text);
	}

	/** Waits until the program has written something that matches, and returns the match. */
	shows(pattern: RegExp): Promise<RegExpExecArray> {
		return vi.waitFor(
			() => {
				const found = pattern.exec(this.output);
				if (found === null) throw new Error(`${pattern} is not in ${JSON.stringify(this.output)}`);
				return found;
			},
			{ timeout: 60_000, interval: 10 },
		);
	}

	/** Resolves with the exit code when the program has ended. */
	async ended(): Promise<number | null> {
		await this.#ended;
		return this.#script.exitCode;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		// With it goes the terminal, which ends what runs in there: shells do not listen to SIGTERM.
		this.#script.kill('SIGKILL');
		await this.#ended;
	}
}
