/** The probe and its thread: needs the compiled product, which `npm test` builds first. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyProbe, Job, ProbeResults, ProbeTools } from '../../../src/model/probe.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { Sshd } from '../../support/sshd.ts';
import { TcpServer } from '../../support/tcp-server.ts';

const compiled = new URL('../../../dist/probes/ssh/index.js', import.meta.url).href;
const compiledClock = new URL('../../../dist/src/model/clock.js', import.meta.url).href;
const { ssh } = (await import(compiled)) as { ssh: AnyProbe };

interface Wanted {
	readonly targets?: readonly string[];
	readonly stepSeconds?: number;
	readonly pings?: number;
	readonly options: { readonly port: number; readonly key_type?: string };
	readonly tools?: Partial<ProbeTools>;
}

function measure({
	targets = ['127.0.0.1'],
	stepSeconds = 5,
	pings = 3,
	options,
	tools,
}: Wanted): Promise<ProbeResults> {
	const job: Job = {
		slot: { startSeconds: 0, stepSeconds },
		stepSeconds,
		pings,
		options: { host: targets[0], ...options },
		targets,
		windowMs: stepSeconds * 1000,
	};
	return ssh.measure(job, probeTools({}, tools));
}

const answered = { sentAtSeconds: expect.any(Number), rttSeconds: expect.any(Number) };
const lost = { sentAtSeconds: expect.any(Number), rttSeconds: null };
const allLost = (pings: number, reason: string) => ({
	samples: Array.from({ length: pings }, () => lost),
	facts: expect.objectContaining({ loss_reason: `${reason} (${pings} of ${pings})` }),
});

describe('a real sshd', () => {
	let sshd: Sshd;
	beforeAll(async () => {
		sshd = await Sshd.open(['ed25519', 'ecdsa']);
	});
	afterAll(() => sshd.close());

	test(
		'answers any number of pings, by IPv4, IPv6 and name, and finds no fault with us',
		onBusyMachine,
		async () => {
			const before = sshd.log.length;
			const notes: string[] = [];
			const targets = ['127.0.0.1', '::1', 'localhost'];
			const results = await measure({
				targets,
				pings: 4,
				options: { port: sshd.port },
				tools: { note: (line) => notes.push(line) },
			});
			for (const target of targets) {
				expect(results.get(target)).toEqual({
					samples: [answered, answered, answered, answered],
					facts: expect.anything(),
				});
			}
			expect(notes).toEqual([
				`connects to port ${sshd.port} of 2 addresses in the timing thread, every 500 ms, waits 2000 ms for the identification string`,
			]);
			const lines = () =>
				sshd.log
					.slice(before)
					.split('\n')
					.filter((line) => line.trim() !== '');
			await expect.poll(lines).toHaveLength(8);
			for (const line of lines()) expect(line).toMatch(/Connection closed by \S+ port \d+ \[preauth\]/);
		},
	);

	test.each(['ed25519', 'ecdsa', 'ecdsa-sha2-nistp256'])(
		'has the host key of type %s',
		onBusyMachine,
		async (keyType) => {
			const results = await measure({
				stepSeconds: 3,
				pings: 1,
				options: { port: sshd.port, key_type: keyType },
			});
			expect(results.get('127.0.0.1')).toEqual({ samples: [answered], facts: expect.anything() });
		},
	);

	test.each(['rsa', 'ecdsa-sha2-nistp521'])(
		'has none of type %s: it is not the server that was asked for, so all is lost, and a note says why',
		async (keyType) => {
			const notes: string[] = [];
			const results = await measure({
				targets: ['127.0.0.1', '::1'],
				stepSeconds: 3,
				pings: 2,
				options: { port: sshd.port, key_type: keyType },
				tools: { note: (line) => notes.push(line) },
			});
			expect(results.size).toBe(2);
			for (const result of results.values()) {
				// On a machine that stalls, a ping may be unknown instead.
				const { length } = 'samples' in result ? result.samples : [];
				expect(result).toEqual(allLost(Math.max(1, length), `no host key of type ${keyType}`));
			}
			expect(notes.join()).toMatch(
				new RegExp(
					`host key of type ${keyType}: not there, so all is lost: (127.0.0.1, ::1|::1, 127.0.0.1)$`,
				),
			);
		},
	);
});

test('a server that greets, but shows no key for whatever reason, is not one without the key', async () => {
	await using server = await TcpServer.open((socket) => {
		socket.write('SSH-2.0-slow\r\n');
	});
	const options = { port: server.port, key_type: 'rsa' };
	const results = await measure({ stepSeconds: 3, pings: 1, options });
	expect(results.get('127.0.0.1')).toEqual({ samples: [answered], facts: expect.anything() });
	// Three: the ping, and two by ssh-keyscan.
	expect(server.connections).toBe(3);
});

test('a server that does not answer is not asked for its key', async () => {
	await using server = await TcpServer.open((socket) => socket.end());
	const results = await measure({
		pings: 2,
		stepSeconds: 2,
		options: { port: server.port, key_type: 'rsa' },
	});
	expect(results.get('127.0.0.1')).toEqual(allLost(2, 'closed before the identification'));
	expect(server.connections).toBe(2);
});

test('without ssh-keyscan a key cannot be checked, which is said at once; without a key it is not needed', async () => {
	await using server = await TcpServer.open((socket) => socket.end('SSH-2.0-x\r\n'));
	const tools = { settings: { keyscan: '/no/such/keyscan' } };
	const run = measure({ options: { port: server.port, key_type: 'rsa' }, tools });
	await expect(run).rejects.toThrow(
		'/no/such/keyscan does not exist: correct the path in the config file, or apt-get install openssh-client',
	);
	expect(server.connections).toBe(0);
	const results = await measure({ stepSeconds: 1, pings: 1, options: { port: server.port }, tools });
	expect(results.get('127.0.0.1')).toEqual({ samples: [answered], facts: expect.anything() });
});

test('an ssh-keyscan that fails is no loss', async () => {
	await using server = await TcpServer.open((socket) => socket.end('SSH-2.0-x\r\n'));
	const failing: ProbeTools['runCommand'] = async (_program, args) => ({
		stdout: '',
		stderr: 'unknown option\n',
		exitCode: args.length > 2 ? 255 : 1,
		endedBy: null,
		stopped: false,
		truncated: false,
		startedAtSeconds: 0,
	});
	const options = { port: server.port, key_type: 'rsa' };
	const run = measure({ stepSeconds: 1, pings: 1, options, tools: { runCommand: failing } });
	await expect(run).rejects.toThrow('ssh-keyscan: unknown option (exit code 255)');
});

test('a name that is not known is unknown, and costs the others nothing', async () => {
	await using server = await TcpServer.open((socket) => socket.end('SSH-2.0-x\r\n'));
	const targets = ['no-such-host.invalid', '127.0.0.1'];
	const results = await measure({ targets, stepSeconds: 60, pings: 1, options: { port: server.port } });
	expect(results.get('127.0.0.1')).toEqual({ samples: [answered], facts: expect.anything() });
	expect(results.get('no-such-host.invalid')).toEqual({
		failure: expect.stringContaining('no-such-host.invalid'),
		code: expect.stringMatching(/^name_(unknown|silent)$/),
	});
});

test('a job that is ended gives what it has, or says that it has nothing', async () => {
	await using server = await TcpServer.open((socket) => socket.end('SSH-2.0-x\r\n'));
	const controller = new AbortController();
	const tools = { signal: controller.signal };
	const job = measure({ stepSeconds: 600, pings: 3, options: { port: server.port }, tools });
	await expect.poll(() => server.received).toHaveLength(1);
	controller.abort();
	expect((await job).get('127.0.0.1')).toEqual({ samples: [answered], facts: expect.anything() });
	const ended = await measure({ options: { port: server.port }, tools });
	expect(ended.get('127.0.0.1')).toEqual({
		failure: 'ssh was stopped before a ping was over',
		code: 'stopped',
	});
});

/** A process of its own that measures a port while it runs a script. What it printed. */
async function inAProcess(port: number, stepSeconds: number, script: string): Promise<string> {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-ssh-'));
	const file = join(folder, 'script.mjs');
	const head = `
		const { ssh } = await import(${JSON.stringify(compiled)});
		const { systemClock } = await import(${JSON.stringify(compiledClock)});
		const job = { slot: {}, stepSeconds: ${stepSeconds}, pings: 2, targets: ['127.0.0.1'],
			windowMs: ${stepSeconds * 1000}, options: { host: '127.0.0.1', port: ${port} } };
		const tools = { settings: {}, version: '0', clock: systemClock, signal: new AbortController().signal, note() {}, runCommand() {},
			resolve: async (names) => new Map(names.map(({ name }) => [name, { address: name }])) };
		const measured = ssh.measure(job, tools);
		await new Promise((done) => setTimeout(done, 50));
	`;
	writeFileSync(file, head + script);
	try {
		return (await promisify(execFile)(process.execPath, [file], { timeout: 20_000 })).stdout;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('a main thread that is busy does not lengthen the times', onBusyMachine, async () => {
	await using server = await TcpServer.open((socket) => socket.end('SSH-2.0-x\r\n'));
	const script = `
		const endMs = Date.now() + 2500;
		while (Date.now() < endMs);
		const alive = setInterval(() => {}, 1000);
		console.log(JSON.stringify((await measured).get('127.0.0.1').samples));
		clearInterval(alive);`;
	const samples = JSON.parse(await inAProcess(server.port, 2, script)) as { rttSeconds: number }[];
	expect(samples).toEqual([answered, answered]);
	// Both pings are from the time when it was busy, 2.5 s from the start.
	for (const { rttSeconds } of samples) expect(rttSeconds).toBeLessThan(0.7);
});

test('the thread does not keep the process alive, not even in the middle of a job', async () => {
	expect(await inAProcess(1, 600, `console.log('the end');`)).toBe('the end\n');
});

test('a thread that dies fails the jobs it had, and the next job gets a new one', async () => {
	const thread = new URL('../../../dist/probes/shared/timing/thread.js', import.meta.url).href;
	const { runInTimingThread } = (await import(
		thread
	)) as typeof import('../../../probes/shared/timing/thread.ts');
	const { signal } = new AbortController();
	await using server = await TcpServer.open(() => {});
	const waiting = measure({ pings: 1, options: { port: server.port } });
	const ended = 'the thread that takes the times ended: its thread ended with code 3';
	const failed = expect(waiting).rejects.toThrow(ended);
	await expect.poll(() => server.connections).toBe(1);
	const module = (code: string) => new URL(`data:text/javascript,export const run = () => { ${code} }`);
	// What one job breaks harms no other.
	await expect(runInTimingThread(module('throw new Error(`broken`)'), null, signal)).rejects.toThrow(
		'broken',
	);
	expect(server.open).toBe(1);
	await expect(runInTimingThread(module('process.exit(3)'), null, signal)).rejects.toThrow(ended);
	await failed;
	const results = await measure({ stepSeconds: 1, pings: 1, options: { port: 1 } });
	expect(results.get('127.0.0.1')).toEqual(allLost(1, 'connection refused'));
});
