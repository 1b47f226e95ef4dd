import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkNamespace } from './network-namespace.ts';

const conf = new URL('../../fixtures/scion', import.meta.url).pathname;
const link = new URL('scion-link.mjs', import.meta.url).pathname;
const asNames = ['ff00_0_110', 'ff00_0_111', 'ff00_0_112'] as const;

/** Where our SCION daemon listens. */
export const sciond = '127.0.0.28:30255';

/**
 * A SCION network of three ASes on the loopback of a network namespace of its own: we are in 1-ff00:0:111, behind the
 * core 1-ff00:0:110 lies 1-ff00:0:112, where every address of 127.0.0.0/8 answers. Its programs are those of scionproto
 * 0.15, in the folder `bin`.
 */
export class ScionNetwork {
	readonly namespace: NetworkNamespace;
	readonly #bin: string;
	readonly #folder: string;
	readonly #enter: string;
	readonly #programs = new Map<string, ChildProcess>();

	private constructor(bin: string, namespace: NetworkNamespace) {
		this.#bin = bin;
		this.namespace = namespace;
		this.#folder = mkdtempSync(join(tmpdir(), 'pingmachine-scion-'));
		this.#enter = namespace.wrapper('');
	}

	/** Resolves when there are paths; rejects after 60 s without. */
	static async start(bin: string): Promise<ScionNetwork> {
		const network = new ScionNetwork(bin, await NetworkNamespace.open());
		try {
			await network.#makeKeys();
			for (const name of network.#names()) network.run(name);
			await network.#waitForPaths();
			return network;
		} catch (error) {
			await network.close();
			throw error;
		}
	}

	/** The path of a program that runs others inside. */
	get enter(): string {
		return this.#enter;
	}

	/** Starts one of its programs, such as the router `br1-ff00_0_112-1`. */
	run(name: string): void {
		const [program, ...args] = this.#commandOf(name);
		const child = spawn(this.#enter, [program, ...args], { cwd: this.#folder, stdio: 'ignore' });
		this.#programs.set(name, child);
	}

	async kill(name: string): Promise<void> {
		const child = this.#programs.get(name);
		if (child === undefined) throw new Error(`${name} does not run`);
		this.#programs.delete(name);
		const exited = once(child, 'exit');
		child.kill('SIGKILL');
		await exited;
	}

	/** Drops the pings to 1-ff00:0:112 with these sequence numbers. */
	async lose(seqs: readonly number[]): Promise<void> {
		const script = `const s = require('node:dgram').createSocket('udp4');
			s.on('message', () => s.close());
			s.send('${JSON.stringify({ lose: seqs })}', 50001, '127.0.0.60')`;
		const { exitCode, stderr } = await this.namespace.run(process.execPath, ['-e', script]);
		if (exitCode !== 0) throw new Error(stderr);
	}

	async close(): Promise<void> {
		await Promise.all([...this.#programs.keys()].map((name) => this.kill(name)));
		await this.namespace.close();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#commandOf(name: string): [string, ...string[]] {
		if (name === 'link') return [process.execPath, link];
		const bin = (program: string) => join(this.#bin, program);
		if (name === 'dispatcher') return [bin('dispatcher'), '--config', 'gen/dispatcher/disp.toml'];
		const as = `gen/AS${name.slice(4, 14)}`;
		if (name.startsWith('sd')) return [bin('daemon'), '--config', `${as}/sd.toml`];
		return [bin(name.startsWith('br') ? 'router' : 'control'), '--config', `${as}/${name}.toml`];
	}

	#names(): string[] {
		const ofAs = asNames.flatMap((as) => [
			...readdirSync(join(conf, `gen/AS${as}`))
				.filter((file) => /^(?:br|cs).*\.toml$/.test(file))
				.map((file) => file.slice(0, -'.toml'.length)),
			`sd1-${as}`,
		]);
		return ['link', 'dispatcher', ...ofAs];
	}

	async #makeKeys(): Promise<void> {
		cpSync(conf, this.#folder, { recursive: true });
		mkdirSync(join(this.#folder, 'gen-cache'));
		const pki = spawn(
			join(this.#bin, 'scion-pki'),
			['testcrypto', '-t', 'three.topo', '-o', 'gen', '--as-validity', '30d'],
			{ cwd: this.#folder, stdio: 'ignore' },
		);
		const [exitCode] = await once(pki, 'close');
		if (exitCode !== 0) throw new Error(`scion-pki ended with ${exitCode}`);
		for (const as of asNames) {
			const folder = join(this.#folder, `gen/AS${as}`);
			for (const part of ['certs', 'keys']) mkdirSync(join(folder, part), { recursive: true });
			for (const trc of readdirSync(join(this.#folder, 'gen/ISD1/trcs')))
				writeFileSync(join(folder, 'certs', trc), readFileSync(join(this.#folder, 'gen/ISD1/trcs', trc)));
			for (const key of ['master0', 'master1'])
				writeFileSync(join(folder, `keys/${key}.key`), Buffer.alloc(16, as + key).toString('base64'));
		}
	}

	async #waitForPaths(): Promise<void> {
		const args = ['showpaths', '1-ff00:0:112', '--sciond', sciond, '--no-probe', '--timeout', '1s'];
		for (let i = 0; i < 120; i++) {
			const { stdout } = await this.namespace.run(join(this.#bin, 'scion'), args);
			if (/^\[ ?1\]/m.test(stdout)) return;
			await new Promise((resolve) => setTimeout(resolve, 500));
		}
		throw new Error('there are no paths after a minute');
	}
}
