import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnMortal } from './mortal.ts';
import { freePort, waitFor } from './waiting.ts';

export { freePort, waitFor };

const authorization = `Basic ${btoa('admin:secret')}`;

/** A real InfluxDB 1 with its HTTP and UDP listeners on 127.0.0.1, on files of its own. Use `await using`. */
export class Influxd {
	readonly #folder = mkdtempSync(join(tmpdir(), 'pingmachine-influxd-'));
	readonly httpPort: number;
	readonly udpPort: number;
	#child: ChildProcess | null = null;
	#output = '';

	private constructor(httpPort: number, udpPort: number) {
		this.httpPort = httpPort;
		this.udpPort = udpPort;
	}

	/** Starts one with the databases `http` and `udp`. */
	static async start(options: { readonly auth?: boolean } = {}): Promise<Influxd> {
		const influxd = new Influxd(await freePort(), await freePort());
		influxd.#configure(options.auth ?? false);
		await influxd.start();
		if (options.auth) await influxd.query(`CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES`);
		await influxd.query('CREATE DATABASE http; CREATE DATABASE udp');
		return influxd;
	}

	get url(): string {
		return `http://127.0.0.1:${this.httpPort}`;
	}

	/** Starts it again on the same files and ports, and resolves when it answers. */
	async start(): Promise<void> {
		const child = spawnMortal('influxd', ['run', '-config', join(this.#folder, 'influxdb.conf')], {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { PATH: process.env['PATH'] ?? '', HOME: this.#folder },
		});
		child.stderr.on('data', (text) => {
			this.#output += text;
		});
		this.#child = child;
		const answers = () =>
			fetch(`${this.url}/ping`).then(
				({ ok }) => ok,
				() => false,
			);
		await waitFor(
			async () => child.exitCode === null && (await answers()),
			() => `influxd does not answer:\n${this.#output}`,
		);
	}

	async stop(): Promise<void> {
		const child = this.#child;
		this.#child = null;
		if (child === null || child.exitCode !== null || child.signalCode !== null) return;
		child.kill('SIGTERM');
		await once(child, 'exit');
	}

	/** Rows of the first statement, each with its tags and values by column; times are nanoseconds, as text. */
	async query(text: string, database = ''): Promise<Record<string, unknown>[]> {
		const body = new URLSearchParams({ q: text, db: database, epoch: 'ns' });
		const answer = await fetch(`${this.url}/query`, { method: 'POST', body, headers: { authorization } });
		// Times are beyond what JSON.parse keeps.
		const json = (await answer.text()).replaceAll(/\[(\d{16,})(?=[,\]])/g, '["$1"');
		const { results = [], error } = JSON.parse(json) as Answer;
		const fault = error ?? results.find((result) => result.error !== undefined)?.error;
		if (fault !== undefined) throw new Error(`${text}: ${fault}`);
		return (results[0]?.series ?? []).flatMap(({ columns, values, tags = {} }) =>
			values.map((row) => ({ ...tags, ...Object.fromEntries(columns.map((name, i) => [name, row[i]])) })),
		);
	}

	/** The same, asked until `wanted` accepts the rows. */
	async queryUntil(
		text: string,
		database: string,
		wanted: (rows: readonly Record<string, unknown>[]) => boolean,
	): Promise<Record<string, unknown>[]> {
		let rows: Record<string, unknown>[] = [];
		await waitFor(
			async () => {
				rows = await this.query(text, database);
				return wanted(rows);
			},
			() => `not such rows: ${text}: ${JSON.stringify(rows)}`,
		);
		return rows;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#configure(auth: boolean): void {
		const at = (name: string) => JSON.stringify(join(this.#folder, name));
		writeFileSync(
			join(this.#folder, 'influxdb.conf'),
			`reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = ${at('meta')}
[data]
  dir = ${at('data')}
  wal-dir = ${at('wal')}
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${this.httpPort}"
  log-enabled = false
  auth-enabled = ${auth}
  max-body-size = 1000000
[[udp]]
  enabled = true
  bind-address = "127.0.0.1:${this.udpPort}"
  database = "udp"
  batch-size = 1000
  batch-timeout = "50ms"
  read-buffer = 4000000
`,
		);
	}
}

interface Answer {
	readonly error?: string;
	readonly results?: readonly {
		readonly error?: string;
		readonly series?: readonly {
			readonly tags?: Record<string, string>;
			readonly columns: readonly string[];
			readonly values: readonly (readonly unknown[])[];
		}[];
	}[];
}
