import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitFor } from '../../../support/influxd.ts';
import { spawnMortal } from '../../../support/mortal.ts';

interface SeenAlert {
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
	readonly startsAt: string;
	readonly endsAt: string;
}

/** A real Alertmanager on 127.0.0.1, on files of its own. Use `await using`. */
export class Alertmanager {
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-alertmanager-'));
	readonly url: string;
	readonly #child: ChildProcess;

	private constructor(port: number, webhook: string | null) {
		this.url = `http://127.0.0.1:${port}`;
		const config = join(this.#folder, 'alertmanager.yml');
		const receiver = webhook === null ? {} : { webhook_configs: [{ url: webhook, send_resolved: true }] };
		const route = {
			...{
				receiver: 'all',
				group_by: ['...'],
				group_wait: '0s',
				group_interval: '1s',
				repeat_interval: '1h',
			},
		};
		writeFileSync(config, JSON.stringify({ route, receivers: [{ name: 'all', ...receiver }] }));
		const args = [
			`--config.file=${config}`,
			`--storage.path=${this.#folder}/data`,
			`--web.listen-address=127.0.0.1:${port}`,
			...['--cluster.listen-address=', '--log.level=error'],
		];
		this.#child = spawnMortal('prometheus-alertmanager', args, { stdio: 'ignore', env: process.env });
	}

	/** `webhook`: what it tells of each alert. */
	static async start(webhook: string | null = null): Promise<Alertmanager> {
		const server = new Alertmanager(await freePort(), webhook);
		const answers = () =>
			fetch(`${server.url}/-/ready`).then(
				({ ok }) => ok,
				() => false,
			);
		await waitFor(answers, () => 'alertmanager does not answer');
		return server;
	}

	/** What it knows to fire. */
	async firing(): Promise<readonly SeenAlert[]> {
		return (await (await fetch(`${this.url}/api/v2/alerts`)).json()) as readonly SeenAlert[];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill('SIGKILL');
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
