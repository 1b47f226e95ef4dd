import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, waitFor } from '../waiting.ts';
import { type Listener, listeners, logging, login, makeCertificates, propertiesOf } from './properties.ts';

const root = new URL(`${import.meta.url.includes('/dist/') ? '../' : ''}../../../`, import.meta.url).pathname;
const jars = join(root, '.jars/kafka');
const run = promisify(execFile);
const neededMb = 500;
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg';

/** Where a broker is, as plain data. */
export interface Place {
	readonly folder: string;
	readonly ports: Readonly<Partial<Record<Listener, number>>>;
	readonly advertised: Readonly<Partial<Record<Listener, number>>>;
}

export interface BrokerOptions {
	/** With passwords, TLS and rights as well; in the folder are the certificates. */
	readonly secure?: boolean;
	/** Ways in that say they were somewhere else: a test listens there, and lets through what it likes. */
	readonly vias?: number;
	/** One of several. */
	readonly node?: { readonly id: number; readonly controllerPorts: readonly number[] };
	/** Further lines of its settings. */
	readonly more?: readonly string[];
}

/**
 * A real Apache Kafka on 127.0.0.1, on files of its own: broker and controller in one process. It ends with who started
 * it. Use `await using`.
 */
export class KafkaBroker implements Place {
	readonly folder = mkdtempSync(join(tmpdir(), 'pingmachine-kafka-'));
	readonly ports: Readonly<Partial<Record<Listener, number>>>;
	readonly advertised: Readonly<Partial<Record<Listener, number>>>;
	#child: ChildProcess | null = null;

	private constructor(ports: Place['ports'], advertised: Place['advertised']) {
		this.ports = ports;
		this.advertised = advertised;
	}

	/** Fetches the jars where they are missing, which takes ten seconds, and resolves when it takes messages. */
	static async start(options: BrokerOptions = {}): Promise<KafkaBroker> {
		await run(join(root, 'scripts/jars'), ['kafka']);
		const { bavail, bsize } = statfsSync(tmpdir());
		const freeMb = Math.floor((bavail * bsize) / 1e6);
		if (freeMb < neededMb)
			throw new Error(`Kafka needs ${neededMb} MB in ${tmpdir()}, there are ${freeMb}. Free some`);
		const {
			secure = false,
			vias = 0,
			node = { id: 1, controllerPorts: [await freePort()] },
			more = [],
		} = options;
		const names = (Object.keys(listeners) as Listener[]).filter((name) =>
			name.startsWith('via') ? Number(name.slice(3)) < vias : secure || name === 'plain',
		);
		const ports: Partial<Record<Listener, number>> = {};
		const advertised: Partial<Record<Listener, number>> = {};
		for (const name of names) {
			ports[name] = await freePort();
			if (name.startsWith('via')) advertised[name] = await freePort();
		}
		const broker = new KafkaBroker(ports, advertised);
		const { folder } = broker;
		if (secure) makeCertificates(folder);
		writeFileSync(
			join(folder, 'server.properties'),
			propertiesOf({ ...node, folder, ports, advertised, more }),
		);
		writeFileSync(join(folder, 'log4j2.properties'), logging);
		const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
			'--add-scram',
			`${mechanism}=[name=${login.username},password=${login.password}]`,
		]);
		const format = [
			'format',
			'-t',
			clusterId,
			'-c',
			join(folder, 'server.properties'),
			...(secure ? users : []),
		];
		await run('java', [
			...broker.#java,
			'-Xmx128m',
			'-cp',
			`${jars}/*`,
			'kafka.tools.StorageTool',
			...format,
		]);
		await broker.start();
		return broker;
	}

	get #java(): readonly string[] {
		const logged = `-Dlog4j2.configurationFile=${join(this.folder, 'log4j2.properties')}`;
		return ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', logged];
	}

	/** `host:port` for clients that bring nothing. */
	get bootstrap(): string {
		return `127.0.0.1:${this.ports.plain}`;
	}

	/** Starts it again on the same ports and data. */
	async start(): Promise<void> {
		const logFile = join(this.folder, 'broker.log');
		writeFileSync(logFile, '');
		const log = openSync(logFile, 'a');
		const main = [
			'-Xms64m',
			'-Xmx256m',
			'-cp',
			`${jars}/*`,
			'kafka.Kafka',
			join(this.folder, 'server.properties'),
		];
		const args = ['--pdeathsig=KILL', '--', 'java', ...this.#java, ...main];
		const child = spawn('/usr/bin/setpriv', args, { stdio: ['ignore', log, log] });
		this.#child = child;
		const isUp = () => {
			if (child.exitCode !== null || child.signalCode !== null)
				throw new Error(readFileSync(logFile, 'utf8'));
			return readFileSync(logFile, 'utf8').includes('Kafka Server started');
		};
		await waitFor(isUp, () => `Kafka does not start:\n${readFileSync(logFile, 'utf8')}`);
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
		if (existsSync(this.folder)) rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Several brokers, each topic on all of them. */
export async function startCluster(size: number): Promise<KafkaBroker[]> {
	await run(join(root, 'scripts/jars'), ['kafka']);
	const controllerPorts: number[] = [];
	for (let count = 0; count < size; count++) controllerPorts.push(await freePort());
	return Promise.all(
		controllerPorts.map((_, index) => KafkaBroker.start({ node: { id: index + 1, controllerPorts } })),
	);
}

/** A message, as another program reads it. */
export interface ReadMessage {
	readonly key: string;
	readonly partition: number;
	readonly offset: number;
	readonly headers: string;
	readonly value: string;
}

/** All messages of a topic, read by kcat: of each partition in order. */
export async function readTopic(bootstrap: string, topic: string): Promise<ReadMessage[]> {
	const format = '%k\\t%p\\t%o\\t%h\\t%s\\n';
	const args = ['-C', '-b', bootstrap, '-t', topic, '-o', 'beginning', '-e', '-q', '-f', format];
	const { stdout: text } = await run('kcat', args, { maxBuffer: 1e9 });
	return text.split('\n').flatMap((line) => {
		if (line === '') return [];
		const [key = '', partition = '', offset = '', headers = '', ...value] = line.split('\t');
		return [{ key, partition: Number(partition), offset: Number(offset), headers, value: value.join('\t') }];
	});
}
