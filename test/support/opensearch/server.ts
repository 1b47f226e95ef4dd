import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, waitFor } from '../waiting.ts';

const root = new URL(`${import.meta.url.includes('/dist/') ? '../' : ''}../../../`, import.meta.url).pathname;
const jars = join(root, '.jars/opensearch');
const neededMb = 500;
/** Nearly full disks of who runs the tests are no matter of theirs. */
const usual = ['cluster.routing.allocation.disk.threshold_enabled=false'];

/** A real OpenSearch on 127.0.0.1, on files of its own. It ends with who started it. Use `await using`. */
export class OpenSearch {
	readonly folder = mkdtempSync(join(tmpdir(), 'pingmachine-opensearch-'));
	readonly port: number;
	readonly #more: readonly string[];
	#child: ChildProcess | null = null;

	private constructor(port: number, more: readonly string[]) {
		this.port = port;
		this.#more = more;
	}

	/**
	 * Fetches the jars where they are missing, which takes half a minute, and resolves when it takes documents.
	 * `more`: further settings, KEY=VALUE.
	 */
	static async start(...more: readonly string[]): Promise<OpenSearch> {
		await promisify(execFile)(join(root, 'scripts/jars'), ['opensearch']);
		const { bavail, bsize } = statfsSync(tmpdir());
		const freeMb = Math.floor((bavail * bsize) / 1e6);
		if (freeMb < neededMb) {
			throw new Error(`OpenSearch needs ${neededMb} MB in ${tmpdir()}, there are ${freeMb}. Free some`);
		}
		const server = new OpenSearch(await freePort(), more);
		mkdirSync(join(server.folder, 'config'));
		writeFileSync(join(server.folder, 'config/log4j2.properties'), logging);
		await server.start();
		return server;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** Starts it again on the same port and data. */
	async start(): Promise<void> {
		const logFile = join(this.folder, 'log');
		writeFileSync(logFile, '');
		const log = openSync(logFile, 'a');
		const java = ['-Xms384m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
		const properties = [
			'-Djava.locale.providers=CLDR',
			`-Dlog4j2.configurationFile=${join(this.folder, 'config/log4j2.properties')}`,
		];
		const source = join(root, 'test/support/opensearch/OneNode.java');
		const main = ['-cp', `${jars}/*`, source, this.folder, String(this.port), ...usual, ...this.#more];
		const args = ['--pdeathsig=KILL', '--', 'java', ...java, ...properties, ...main];
		const child = spawn('/usr/bin/setpriv', args, { stdio: ['ignore', log, log] });
		this.#child = child;
		const isUp = async () => {
			if (child.exitCode !== null || child.signalCode !== null)
				throw new Error(readFileSync(logFile, 'utf8'));
			const health = await fetch(`${this.url}/_cluster/health?wait_for_status=yellow&timeout=1s`).catch(
				() => null,
			);
			return health?.status === 200;
		};
		await waitFor(isUp, () => `OpenSearch does not start:\n${readFileSync(logFile, 'utf8')}`);
	}

	/** What it answers, whatever the status. */
	async ask(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> {
		const answer = await fetch(`${this.url}${path}`, {
			method,
			...(body === undefined
				? {}
				: { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
		});
		const text = await answer.text();
		return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
	}

	/** All documents of an index or data stream, oldest first, at most 10,000. */
	async documents(name: string): Promise<Found[]> {
		await this.ask('POST', `/${name}/_refresh`);
		const { json } = await this.ask('POST', `/${name}/_search`, {
			size: 10_000,
			sort: [{ '@timestamp': 'asc' }],
		});
		return (json as { readonly hits: { readonly hits: Found[] } }).hits.hits;
	}

	signal(signal: NodeJS.Signals): void {
		this.#child?.kill(signal);
	}

	async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
		const child = this.#child;
		this.#child = null;
		if (child === null || child.exitCode !== null || child.signalCode !== null) return;
		child.kill(signal);
		await once(child, 'exit');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop('SIGKILL');
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** A document, as it is found. */
export interface Found {
	readonly _id: string;
	readonly _index: string;
	readonly _source: Readonly<Record<string, unknown>>;
}

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;
