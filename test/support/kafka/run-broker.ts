/** One Kafka for all test files of a run: started when the first asks for it, ended with the run. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { KafkaBroker } from './broker.ts';

declare module 'vitest' {
	interface ProvidedContext {
		/** A socket: who connects is told where the broker is. */
		kafkaSocket: string;
	}
}

const vias = 4;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-run-'));
	let broker: Promise<KafkaBroker> | null = null;
	let asked = 0;
	const server = createServer((client) => {
		client.on('error', () => {});
		broker ??= KafkaBroker.start({ secure: true, vias });
		const via = `via${asked++ % vias}`;
		broker.then(
			({ folder: place, ports, advertised }) =>
				client.end(JSON.stringify({ folder: place, ports, advertised, via })),
			(error: unknown) => client.end(JSON.stringify({ error: String(error) })),
		);
	}).listen(join(folder, 'socket'));
	await once(server, 'listening');
	project.provide('kafkaSocket', join(folder, 'socket'));
	return async () => {
		server.close();
		await (await broker?.catch(() => null))?.[Symbol.asyncDispose]();
		rmSync(folder, { recursive: true, force: true });
	};
}
