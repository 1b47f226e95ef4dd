import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitFor } from './influxd.ts';
import { spawnMortal } from './mortal.ts';

/** A real VictoriaMetrics on 127.0.0.1, on files of its own. Use `await using`. */
export class VictoriaMetrics {
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-victoria-'));
	readonly #port: number;
	readonly #child: ChildProcess;

	private constructor(port: number) {
		this.#port = port;
		const args = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${this.#folder}`];
		this.#child = spawnMortal('victoria-metrics', [...args, '-retentionPeriod=1200', '-loggerLevel=ERROR'], {
			stdio: 'ignore',
			env: { PATH: process.env['PATH'] ?? '' },
		});
	}

	static async start(): Promise<VictoriaMetrics> {
		const server = new VictoriaMetrics(await freePort());
		const answers = () =>
			fetch(`${server.url}/health`).then(
				({ ok }) => ok,
				() => false,
			);
		await waitFor(answers, () => 'victoria-metrics does not answer');
		return server;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** The labels of all series whose name is `name`. */
	async labelsOf(name: string): Promise<Record<string, string>[]> {
		await fetch(`${this.url}/internal/force_flush`);
		const query = new URLSearchParams({
			'match[]': JSON.stringify({ __name__: name }).replace(/^\{"__name__":(.*)\}$/, '{__name__=$1}'),
		});
		const answer = await fetch(`${this.url}/api/v1/export?${query}`);
		const lines = (await answer.text()).trimEnd().split('\n');
		return lines.filter((line) => line !== '').map((line) => JSON.parse(line).metric);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill('SIGTERM');
		if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
