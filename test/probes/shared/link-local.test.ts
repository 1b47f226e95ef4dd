/** Link-local addresses in a network of this thread's own. Needs root, and the compiled product. */
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnyProbe, failureOf, type TargetResult } from '../../../src/model/probe.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;
const { builtInProbes } = (await import(
	compiled('probes/index.js')
)) as typeof import('../../../probes/index.ts');

let leave = () => {};
let server: Server;
let port = 0;

beforeAll(async () => {
	leave = enterOwnNetwork([
		'ip link add bridge0 type bridge',
		'ip link set bridge0 up',
		'ip -6 addr add fe80::7/64 dev bridge0 nodad',
	]);
	server = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-test\r\n'));
	await new Promise<void>((listening) => server.listen(0, '::', listening));
	port = (server.address() as { port: number }).port;
});
afterAll(() => {
	server.close();
	leave();
});

async function measure(name: string, host: string): Promise<TargetResult | undefined> {
	const probe = builtInProbes.get(name) as AnyProbe;
	const job = {
		slot: { startSeconds: 0, stepSeconds: 3 },
		...{ stepSeconds: 3, pings: 1, targets: [host], windowMs: 3000 },
		options: { host, ...(name === 'ssh' ? { port } : {}) },
	};
	const settings = probe.settings.parse({});
	const run = probe.measure(job, probeTools(settings));
	return run.then(
		(results) => results.get(host),
		(error: Error) => failureOf(error),
	);
}

const answered = expect.objectContaining({ rttSeconds: expect.any(Number) });

test.each(['fping', 'icmp', 'ssh'])('%s: a zone is the name of an interface, or its number', async (name) => {
	const number = execFileSync('sh', ['-c', 'ip -o link show bridge0 | cut -d: -f1'], { encoding: 'utf8' });
	expect(await measure(name, 'fe80::7%bridge0')).toMatchObject({ samples: [answered] });
	expect(await measure(name, `fe80::7%${number.trim()}`)).toMatchObject({ samples: [answered] });
});

test.each(['fping', 'icmp', 'ssh'])(
	'%s: an address at an interface that is not there is unknown',
	async (name) => {
		for (const host of ['fe80::7%nosuch0', 'fe80::7%4711']) {
			expect(await measure(name, host)).toEqual({ failure: expect.any(String), code: expect.any(String) });
		}
	},
);
