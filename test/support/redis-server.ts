import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitFor } from './influxd.ts';
import { spawnMortal } from './mortal.ts';

/** A real Redis on 127.0.0.1, by TCP, TLS and a Unix socket, that keeps its data in a file. Use `await using`. */
export class RedisServer {
	readonly folder = mkdtempSync(join(tmpdir(), 'pingmachine-redis-'));
	readonly port: number;
	readonly tlsPort: number;
	readonly #more: readonly string[];
	#child: ChildProcess | null = null;

	private constructor(port: number, tlsPort: number, more: readonly string[]) {
		this.port = port;
		this.tlsPort = tlsPort;
		this.#more = more;
	}

	/** `more`: further arguments. */
	static async start(...more: readonly string[]): Promise<RedisServer> {
		const server = new RedisServer(await freePort(), await freePort(), more);
		makeCertificate(server.folder);
		await server.start();
		return server;
	}

	get socket(): string {
		return join(this.folder, 'redis.sock');
	}

	get caFile(): string {
		return join(this.folder, 'cert.pem');
	}

	/** Starts it again on the same port and data. */
	async start(): Promise<void> {
		const tls = ['--tls-port', String(this.tlsPort), '--tls-auth-clients', 'no'];
		const files = ['--tls-cert-file', this.caFile, '--tls-key-file', join(this.folder, 'key.pem')];
		const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--unixsocket', this.socket];
		const data = ['--dir', this.folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
		const args = [...where, ...tls, ...files, '--tls-ca-cert-file', this.caFile, ...data, ...this.#more];
		this.#child = spawnMortal('redis-server', args, { stdio: 'ignore' });
		await waitFor(
			() => this.cli('PING') !== '',
			() => 'redis-server does not answer',
		);
	}

	/** What redis-cli prints, without the line feed at the end; nothing when the server does not answer. */
	cli(...words: readonly string[]): string {
		try {
			const args = ['-s', this.socket, '--no-auth-warning', ...words];
			return execFileSync('redis-cli', args, {
				encoding: 'utf8',
				stdio: ['ignore', 'pipe', 'ignore'],
			}).trimEnd();
		} catch {
			return '';
		}
	}

	/** The same, line by line; none where there is nothing. */
	lines(...words: readonly string[]): string[] {
		const text = this.cli(...words);
		return text === '' ? [] : text.split('\n');
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

function makeCertificate(folder: string): void {
	const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
	const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
	const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
	execFileSync('openssl', ['req', ...made, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
}

/** A Sentinel that watches one server. */
export class Sentinel {
	readonly folder = mkdtempSync(join(tmpdir(), 'pingmachine-sentinel-'));
	readonly port: number;
	readonly #child: ChildProcess;

	private constructor(port: number, masterPort: number) {
		this.port = port;
		const file = join(this.folder, 'sentinel.conf');
		const lines = [
			`port ${port}`,
			'bind 127.0.0.1',
			`dir ${this.folder}`,
			`sentinel monitor mymaster 127.0.0.1 ${masterPort} 1`,
			'sentinel down-after-milliseconds mymaster 1000',
			'sentinel failover-timeout mymaster 5000',
		];
		writeFileSync(file, `${lines.join('\n')}\n`);
		this.#child = spawnMortal('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
	}

	static async start(masterPort: number): Promise<Sentinel> {
		const sentinel = new Sentinel(await freePort(), masterPort);
		await waitFor(
			() => sentinel.master === masterPort,
			() => readFileSync(join(sentinel.folder, 'sentinel.conf'), 'utf8'),
		);
		return sentinel;
	}

	/** The port of the server that takes what is written; 0 when it is not known. */
	get master(): number {
		try {
			const args = ['-p', String(this.port), 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'];
			const stdio = ['ignore', 'pipe', 'ignore'] as const;
			return Number(
				execFileSync('redis-cli', args, { encoding: 'utf8', stdio: [...stdio] }).split('\n')[1] ?? 0,
			);
		} catch {
			return 0;
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill('SIGKILL');
		if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
		rmSync(this.folder, { recursive: true, force: true });
	}
}
