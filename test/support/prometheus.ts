import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitFor } from './influxd.ts';
import { spawnMortal } from './mortal.ts';

/** A job of the config file: JSON is YAML, too. */
type Job = Readonly<Record<string, unknown>>;

export interface Series {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** A real Prometheus on 127.0.0.1, on files of its own. Use `await using`. */
export class Prometheus {
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-prometheus-'));
	readonly #port: number;
	readonly #child: ChildProcess;

	private constructor(port: number, jobs: readonly Job[], ruleFiles: readonly string[], isNative: boolean) {
		this.#port = port;
		const config = join(this.#folder, 'prometheus.yml');
		const global = { scrape_interval: '1s', evaluation_interval: '1s' };
		writeFileSync(config, JSON.stringify({ global, scrape_configs: jobs, rule_files: ruleFiles }));
		const args = [
			`--config.file=${config}`,
			`--storage.tsdb.path=${this.#folder}/data`,
			`--web.listen-address=127.0.0.1:${port}`,
			...(isNative ? ['--enable-feature=native-histograms'] : []),
			'--log.level=error',
		];
		this.#child = spawnMortal('prometheus', args, {
			stdio: 'ignore',
			env: { PATH: process.env['PATH'] ?? '' },
		});
	}

	/** `isNative`: it asks for native histograms, and keeps them instead of the classic buckets. */
	static async start(
		jobs: readonly Job[],
		{ ruleFiles = [] as readonly string[], isNative = true } = {},
	): Promise<Prometheus> {
		const server = new Prometheus(await freePort(), jobs, ruleFiles, isNative);
		const answers = () =>
			fetch(`${server.#url}/-/ready`).then(
				({ ok }) => ok,
				() => false,
			);
		await waitFor(answers, () => 'prometheus does not answer');
		return server;
	}

	get #url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** What a query of PromQL gives at a time, seconds since the epoch; by default now. */
	async query(query: string, atSeconds?: number): Promise<Series[]> {
		const at = atSeconds === undefined ? {} : { time: String(atSeconds) };
		const answer = await fetch(`${this.#url}/api/v1/query?${new URLSearchParams({ query, ...at })}`);
		const { status, data, error } = (await answer.json()) as QueryAnswer;
		if (status !== 'success') throw new Error(`${query}: ${error}`);
		return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
	}

	/** Why the last scrapes of its targets failed; empty strings for those that did not. */
	async scrapeErrors(): Promise<string[]> {
		const answer = await fetch(`${this.#url}/api/v1/targets`);
		const { data } = (await answer.json()) as { data: { activeTargets: { lastError: string }[] } };
		return data.activeTargets.map(({ lastError }) => lastError);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill('SIGTERM');
		if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

interface QueryAnswer {
	readonly status: string;
	readonly error?: string;
	readonly data: {
		readonly result: readonly {
			readonly metric: Readonly<Record<string, string>>;
			readonly value: readonly [number, string];
		}[];
	};
}
