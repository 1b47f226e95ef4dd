/** What blackbox_exporter takes to be asked for many targets, a scrape each. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/support/waiting.ts';
import { sleep } from './daemon-under-test.ts';
import { cpuSecondsOf, rssMbOf } from './process-usage.ts';

const program = 'prometheus-blackbox-exporter';
/** So many are asked for at a time, as Prometheus spreads them. */
const atATime = 20;

export interface BlackboxCost {
	/** One scrape of each target: one ping each. */
	readonly cpuMs: number;
	readonly bytes: number;
	readonly rssMb: number;
	/** Targets that were asked for; the rest is reckoned from them. */
	readonly asked: number;
}

function bytesOf(url: string): Promise<number> {
	return new Promise((resolve, reject) => {
		get(url, (response) => {
			let bytes = 0;
			response.on('data', (chunk: Buffer) => {
				bytes += chunk.length;
			});
			response.on('end', () => resolve(bytes)).on('error', reject);
		}).on('error', reject);
	});
}

/** Null when it is not installed. */
export async function blackboxCost(targets: number): Promise<BlackboxCost | null> {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-bench-blackbox-'));
	const config = join(folder, 'blackbox.yml');
	const icmp = { prober: 'icmp', timeout: '5s', icmp: { preferred_ip_protocol: 'ip4' } };
	writeFileSync(config, JSON.stringify({ modules: { icmp } }));
	const address = `127.0.0.1:${await freePort()}`;
	const args = [`--config.file=${config}`, `--web.listen-address=${address}`, '--log.level=error'];
	const child = spawn(program, args, { stdio: 'ignore' });
	const failed = new Promise<null>((resolve) => child.once('error', () => resolve(null)));
	const measured = async (): Promise<BlackboxCost> => {
		const { pid = 0 } = child;
		while (!(await bytesOf(`http://${address}/-/healthy`).catch(() => 0))) await sleep(100);
		const asked = Math.min(targets, 2000);
		const began = cpuSecondsOf(pid);
		let [next, bytes] = [0, 0];
		const ask = async () => {
			while (next < asked) {
				const at = next++;
				const target = `127.1.${(at >> 8) & 255}.${at & 255}`;
				bytes += await bytesOf(`http://${address}/probe?target=${target}&module=icmp`);
			}
		};
		await Promise.all(Array.from({ length: atATime }, ask));
		const share = targets / asked;
		const cpuMs = (cpuSecondsOf(pid) - began) * 1000 * share;
		return { cpuMs, bytes: bytes * share, rssMb: rssMbOf(pid), asked };
	};
	try {
		return await Promise.race([failed, measured()]);
	} finally {
		child.kill();
		rmSync(folder, { recursive: true, force: true });
	}
}
