import { getEventListeners } from 'node:events';
import {
	chmodSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FpingOptions, type FpingSettings, fping } from '../../../probes/fping/index.ts';
import { CommandError, type ProbeTools } from '../../../src/model/probe.ts';
import { makeRunCommand } from '../../../src/tools/run-command.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { answered, measure, rttsOf, samplesOf } from './rig.ts';

const runCommand = makeRunCommand();

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-fping-'));
});

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** A program that takes fping's place. */
function script(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
	return path;
}

/** The ids of the fping processes that this process has started. */
function ownFpings(): number[] {
	const own = `PPid:\t${process.pid}\n`;
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				const status = readFileSync(`/proc/${pid}/status`, 'utf8');
				return status.startsWith('Name:\tfping\n') && status.includes(own);
			} catch {
				return false;
			}
		})
		.map(Number);
}

async function untilFpingRuns(): Promise<number> {
	await expect.poll(ownFpings).toHaveLength(1);
	// It reads its hosts and sends its first ping.
	await new Promise((done) => setTimeout(done, 500));
	return ownFpings()[0] as number;
}

describe('on loopback', () => {
	test('every host answers, IPv4 and IPv6 alike', async () => {
		const results = await measure({ targets: ['127.0.0.1', '::1', '127.0.0.2'], stepSeconds: 3, pings: 3 });
		expect([...results.keys()]).toEqual(['127.0.0.1', '::1', '127.0.0.2']);
		for (const target of results.keys())
			expect(rttsOf(results, target)).toEqual([answered, answered, answered]);
	});

	test('samples are in sending order, at the interval that the order asks for', onBusyMachine, async () => {
		const before = Date.now() / 1000;
		const options = { interval: 100 };
		const results = await measure({ targets: ['127.0.0.1', '127.0.0.2'], stepSeconds: 5, pings: 3, options });
		const [first = 0, second = 0, third = 0] = samplesOf(results, '127.0.0.1').map(
			(one) => one.sentAtSeconds,
		);
		expect(first).toBeGreaterThanOrEqual(before);
		expect(third).toBeLessThanOrEqual(Date.now() / 1000);
		expect(second - first).toBeCloseTo(0.1, 6);
		expect(third - second).toBeCloseTo(0.1, 6);
		expect((samplesOf(results, '127.0.0.2')[0]?.sentAtSeconds ?? 0) - first).toBeCloseTo(0.001, 6);
	});

	test.each([1, 100])('step 1, pings 1 works with %i hosts', async (hosts) => {
		const targets = Array.from({ length: hosts }, (_, i) => `127.0.1.${i + 1}`);
		const results = await measure({ targets });
		expect(targets.map((target) => rttsOf(results, target))).toEqual(targets.map(() => [answered]));
	});

	test('a source address and an interface', async () => {
		const options = { source_ip: '127.0.0.9', interface: 'lo' };
		const results = await measure({ targets: ['127.0.0.1'], options });
		expect(rttsOf(results, '127.0.0.1')).toEqual([answered]);
	});
});

describe('host names', () => {
	test('are looked up; one that is not known costs the others nothing', async () => {
		const results = await measure({
			targets: ['localhost', 'no-such-host.invalid', '127.0.0.3'],
			stepSeconds: 60,
		});
		expect(rttsOf(results, 'localhost')).toEqual([answered]);
		expect(rttsOf(results, '127.0.0.3')).toEqual([answered]);
		expect(results.get('no-such-host.invalid')).toEqual({
			failure: expect.stringContaining('no-such-host.invalid'),
			code: expect.stringMatching(/^name_(unknown|silent)$/),
		});
	});

	test('of one address share its pings', async () => {
		const results = await measure({ targets: ['localhost', '127.0.0.1', '127.1'] });
		expect(rttsOf(results, 'localhost')).toEqual([answered]);
		expect(samplesOf(results, '127.0.0.1')).toBe(samplesOf(results, 'localhost'));
		expect(samplesOf(results, '127.1')).toBe(samplesOf(results, 'localhost'));
	});

	test('need no fping when none of them is known', async () => {
		const settings = { command: '/no/such/fping' };
		const results = await measure({ targets: ['no-such-host.invalid'], stepSeconds: 60, settings });
		expect(results.get('no-such-host.invalid')).toEqual({
			failure: expect.stringContaining('no-such-host.invalid'),
			code: expect.stringMatching(/^name_(unknown|silent)$/),
		});
	});

	test('are looked up as IPv6 when the order says so', async () => {
		const asked: unknown[] = [];
		const tools: ProbeTools<FpingSettings> = {
			...probeTools({}),
			resolve: async (names, deadlineMs) => {
				asked.push(names, deadlineMs);
				return new Map([
					['six.test', { address: '::1' }],
					['::1', { address: '::1' }],
				]);
			},
		};
		const results = await fping.measure(
			{
				slot: { startSeconds: 0, stepSeconds: 1 },
				stepSeconds: 1,
				pings: 1,
				options: { host: 'six.test', ipv6: true },
				targets: ['six.test', '::1'],
				windowMs: 1000,
			},
			tools,
		);
		expect(asked).toEqual([
			[
				{ name: 'six.test', family: 6 },
				{ name: '::1', family: 6 },
			],
			100,
		]);
		expect(rttsOf(results, 'six.test')).toEqual([answered]);
	});
});

describe('the command line', () => {
	test('is that of the contract, and hosts come as addresses, one a line, on standard input', async () => {
		const log = join(folder, 'log');
		const command = script(
			'recorder',
			`echo "$@" > ${log}; while read -r host; do echo "$host : 1 2 3 4 5" >&2; echo "$host" >> ${log}; done`,
		);
		const results = await measure({
			targets: ['127.0.0.3', 'localhost', '127.0.0.1'],
			stepSeconds: 60,
			pings: 5,
			settings: { command },
		});
		expect(readFileSync(log, 'utf8')).toBe('-q -p 8999 -C 5 -i 1 -t 3000\n127.0.0.3\n127.0.0.1\n');
		expect(rttsOf(results, '127.0.0.3')).toEqual([0.001, 0.002, 0.003, 0.004, 0.005]);

		const options = { source_ip: '127.0.0.9', interface: 'lo', interval: 1000 };
		await measure({ targets: ['127.0.0.1'], stepSeconds: 60, pings: 5, settings: { command }, options });
		expect(readFileSync(log, 'utf8')).toBe('-q -p 1000 -C 5 -i 1 -t 3000 -S 127.0.0.9 -I lo\n127.0.0.1\n');
	});
});

describe('a run that fails measures nothing', () => {
	test('because fping is missing, and the next one works when it is there again', async () => {
		const command = join(folder, 'fping');
		const settings = { command };
		const failure = measure({ targets: ['127.0.0.1'], settings });
		await expect(failure).rejects.toThrow(CommandError);
		await expect(failure).rejects.toThrow(
			`${command} does not exist: correct the path in the config file, or apt-get install fping`,
		);
		symlinkSync('/usr/bin/fping', command);
		expect(rttsOf(await measure({ targets: ['127.0.0.1'], settings }), '127.0.0.1')).toEqual([answered]);
	});

	test('because fping is killed', async () => {
		const run = measure({ targets: ['127.0.0.1'], stepSeconds: 60, pings: 5 });
		const rejected = expect(run).rejects.toThrow('fping failed without a word (ended by SIGKILL)');
		process.kill(await untilFpingRuns(), 'SIGKILL');
		await rejected;
	});

	test('because somebody else interrupts fping', onBusyMachine, async () => {
		// Every ping but one is not over yet; a ping of another fping wakes it, as any ICMP packet does.
		const run = measure({ targets: ['127.0.0.1'], stepSeconds: 60, pings: 5 });
		process.kill(await untilFpingRuns(), 'SIGINT');
		await runCommand('fping', ['-q', '-C', '1', '127.0.0.1'], {
			signal: new AbortController().signal,
			endWith: 'SIGINT',
			debianPackage: 'fping',
		});
		expect((await run).get('127.0.0.1')).toEqual({
			failure: 'fping printed 1 results for 127.0.0.1 instead of 5',
			code: 'program_failed',
		});
	});

	test('because there is no such interface', async () => {
		const options = { interface: 'eth99' };
		await expect(measure({ targets: ['127.0.0.1'], options })).rejects.toThrow(
			'fping: binding to specific interface (SO_BINTODEVICE): No such device (exit code 1). Is there an interface eth99? ip link shows those there are',
		);
	});

	test('because the source address is not ours', async () => {
		const options = { source_ip: '192.0.2.99' };
		await expect(measure({ targets: ['127.0.0.1'], options })).rejects.toThrow(
			'fping: cannot bind source address : Cannot assign requested address (exit code 4). 192.0.2.99 must be an address of this machine',
		);
	});

	test('because the clock is set meanwhile', async () => {
		const realNow = Date.now;
		const run = measure({ targets: ['127.0.0.1'], stepSeconds: 5, pings: 3 });
		const rejected = expect(run).rejects.toThrow('the clock was set, or the machine slept, while fping ran');
		await untilFpingRuns();
		vi.spyOn(Date, 'now').mockImplementation(() => realNow() + 500);
		await rejected;
	});
});

describe('a run that is stopped', () => {
	test.each<[string, Partial<FpingOptions>]>([
		['', {}],
		[', from an address of its own', { source_ip: '127.0.0.9' }],
		[', on an interface that it can be woken on', { interface: 'lo' }],
	])(
		'gives what it has, long before fping would look up by itself%s',
		onBusyMachine,
		async (_how, options) => {
			const controller = new AbortController();
			const { signal } = controller;
			const run = measure({
				targets: ['127.0.0.1', '127.0.0.2'],
				stepSeconds: 60,
				pings: 5,
				signal,
				options,
			});
			await untilFpingRuns();
			controller.abort();
			const results = await run;
			expect(rttsOf(results, '127.0.0.1')).toEqual([answered]);
			expect(rttsOf(results, '127.0.0.2')).toEqual([answered]);
			expect(ownFpings()).toEqual([]);
		},
	);

	test('likewise from an IPv6 address of its own', onBusyMachine, async () => {
		const controller = new AbortController();
		const options = { source_ip: '::1' };
		const run = measure({ targets: ['::1'], stepSeconds: 60, pings: 5, signal: controller.signal, options });
		await untilFpingRuns();
		controller.abort();
		expect(rttsOf(await run, '::1')).toEqual([answered]);
	});

	test('before it begins fails', async () => {
		const run = measure({ targets: ['127.0.0.1'], signal: AbortSignal.abort() });
		await expect(run).rejects.toThrow('fping was stopped before it said what it had measured');
	});

	test('leaves no listeners behind, nor does one that ends', async () => {
		const { signal } = new AbortController();
		await measure({ targets: ['127.0.0.1'], signal });
		await measure({ targets: ['127.0.0.1'], signal, settings: { command: '/no/such/fping' } }).catch(
			() => {},
		);
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});
});
