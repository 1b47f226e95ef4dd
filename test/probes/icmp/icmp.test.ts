/** The probe with its engine thread on loopback: needs the compiled product, which `npm test` builds first. */
import { describe, expect, test } from 'vitest';
import type { FpingSettings } from '../../../probes/fping/index.ts';
import type { IcmpOptions } from '../../../probes/icmp/options.ts';
import type { Job, ProbeTools, ResolveNames } from '../../../src/model/probe.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { mostSentIn } from '../../support/ping-request.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { answered, icmp, jobOf, load, measure, rttsOf } from './rig.ts';

const { fping } = (await load('probes/fping/index.js')) as typeof import('../../../probes/fping/index.ts');

describe('on loopback', () => {
	test('every host answers, IPv4 and IPv6 alike, and the kernel has taken the times', async () => {
		const lines: string[] = [];
		const tools = { note: (line: string) => lines.push(line) };
		const results = await measure({
			targets: ['127.0.0.1', '::1', '127.0.0.2'],
			pings: 3,
			windowMs: 2000,
			tools,
		});
		for (const target of ['127.0.0.1', '::1', '127.0.0.2']) {
			expect(rttsOf(results, target)).toEqual([answered, answered, answered]);
			expect(results.get(target)).toMatchObject({
				facts: {
					ttl: 64,
					timestamps: 'kernel',
					duplicates: 0,
					corrupted: 0,
				},
			});
		}
		expect(lines.sort()).toEqual([
			expect.stringMatching(
				/^IPv4, raw socket, timed by the kernel: 3 pings to each of 2 addresses, every 200 ms, .*, timeout 1100 ms$/,
			),
			expect.stringMatching(/^IPv6, raw socket, timed by the kernel: 3 pings to each of 1 address, /),
		]);
	});

	test('samples are in sending order, at the interval that the order asks for', onBusyMachine, async () => {
		const before = Date.now() / 1000;
		const results = await measure({
			targets: ['127.0.0.1'],
			pings: 4,
			windowMs: 5000,
			options: { interval: 100 },
		});
		const after = Date.now() / 1000;
		const result = results.get('127.0.0.1');
		if (result === undefined || !('samples' in result)) throw new Error('no samples');
		const sentAt = result.samples.map(({ sentAtSeconds }) => sentAtSeconds);
		expect(sentAt).toEqual([...sentAt].sort((a, b) => a - b));
		expect(sentAt[0]).toBeGreaterThanOrEqual(before);
		expect(sentAt[3]).toBeLessThanOrEqual(after);
		// Never sooner than asked for, but for what the first was late.
		expect((sentAt[3] as number) - before).toBeGreaterThanOrEqual(0.3);
	});

	test('options of the packet', async () => {
		const options = {
			size: 1001,
			dscp: 46,
			ttl: 3,
			df: true,
			fwmark: 7,
			interface: 'lo',
			source_ip: '127.0.0.9',
		};
		expect(rttsOf(await measure({ targets: ['127.0.0.1'], options }), '127.0.0.1')).toEqual([answered]);
		const results = await measure({
			targets: ['::1'],
			options: { ...options, source_ip: '::1', size: 8972 },
		});
		expect(rttsOf(results, '::1')).toEqual([answered]);
	});

	test('a thousand hosts', onBusyMachine, async () => {
		const targets = Array.from({ length: 1000 }, (_, i) => `127.0.${i >> 8}.${i & 255 || 1}`);
		const unique = [...new Set(targets)];
		const results = await measure({ targets: unique, pings: 3, windowMs: 3000 });
		for (const target of unique) expect(rttsOf(results, target)).toEqual([answered, answered, answered]);
	});

	test('several jobs at a time, of several shapes', onBusyMachine, async () => {
		const shapes = [{}, {}, { size: 300 }, { ttl: 9 }, { source_ip: '127.0.0.7' }];
		const all = await Promise.all(
			shapes.map((options) =>
				measure({ targets: ['127.0.0.1', '127.0.0.3'], pings: 2, options, windowMs: 2000 }),
			),
		);
		for (const results of all) {
			expect(rttsOf(results, '127.0.0.1')).toEqual([answered, answered]);
			expect(rttsOf(results, '127.0.0.3')).toEqual([answered, answered]);
		}
	});

	test('a main thread that is blocked changes nothing', onBusyMachine, async () => {
		const run = measure({
			targets: ['127.0.0.1'],
			pings: 30,
			windowMs: 5000,
			options: { interval: 50, timeout: 1000 },
		});
		await new Promise((done) => setTimeout(done, 400));
		const blockedFrom = Date.now();
		while (Date.now() < blockedFrom + 500);
		const result = (await run).get('127.0.0.1');
		if (result === undefined || !('samples' in result)) throw new Error('no samples');
		const meanwhile = result.samples.filter(
			({ sentAtSeconds }) => sentAtSeconds * 1000 > blockedFrom && sentAtSeconds * 1000 < blockedFrom + 500,
		);
		expect(meanwhile.length).toBeGreaterThanOrEqual(5);
		for (const { rttSeconds } of meanwhile) expect(rttSeconds).toBeLessThan(0.1);
		expect(result).toMatchObject({ facts: { timestamps: 'kernel' } });
	});
});

describe('host names', () => {
	const named = (addresses: Record<string, string>): { resolve: ResolveNames } => ({
		resolve: async (names) =>
			new Map(
				names.map(({ name, family }) => {
					const address = addresses[`${name} ${family}`] ?? (name.includes('.test') ? undefined : name);
					return [name, address === undefined ? { code: 'name_unknown' } : { address }];
				}),
			),
	});

	test('are looked up; one that is not known is unknown, not lost', async () => {
		const results = await measure({
			targets: ['localhost', 'no-such-host.invalid', '127.0.0.3'],
			windowMs: 20_000,
			options: { interval: 100 },
		});
		expect(rttsOf(results, 'localhost')).toEqual([answered]);
		expect(rttsOf(results, '127.0.0.3')).toEqual([answered]);
		expect(results.get('no-such-host.invalid')).toEqual({
			failure: expect.stringContaining('no-such-host.invalid'),
			code: expect.stringMatching(/^name_(unknown|silent)$/),
		});
	});

	test('of one address share its pings, and a new address is told', async () => {
		const told: string[] = [];
		const log = (line: string) => told.push(line);
		const first = { ...named({ 'a.test 4': '127.0.0.1', 'b.test 4': '127.0.0.1' }), log };
		const results = await measure({ targets: ['a.test', 'b.test'], tools: first });
		// To the nanosecond: two pings never take as long and leave at the same moment.
		expect(results.get('a.test')).toStrictEqual(results.get('b.test'));
		expect(results.get('a.test')).toHaveProperty('samples');
		const second = { ...named({ 'a.test 4': '127.0.0.2', 'b.test 4': '127.0.0.1' }), log };
		await measure({ targets: ['a.test', 'b.test'], tools: second });
		expect(told).toEqual(['address changed: a.test is now 127.0.0.2, it was 127.0.0.1']);
	});

	test('with family auto are looked up as IPv6 when there is no IPv4 address', async () => {
		const tools = named({ 'four.test 4': '127.0.0.1', 'four.test 6': '::2', 'six.test 6': '::1' });
		const options = { family: 'auto' } as const;
		const results = await measure({ targets: ['four.test', 'six.test', 'none.test'], options, tools });
		expect(rttsOf(results, 'four.test')).toEqual([answered]);
		expect(rttsOf(results, 'six.test')).toEqual([answered]);
		expect(results.get('none.test')).toEqual({
			failure: 'name or service not known: none.test',
			code: 'name_unknown',
		});
	});
});

test.each([
	{ options: { family: 6 }, remedy: 'write family: 4, or auto' },
	{ options: { family: 4 }, remedy: 'write family: 6, or auto' },
	{ options: { ipv6: true }, remedy: 'leave out ipv6: true' },
	{ options: {}, remedy: 'write ipv6: true' },
] as const)('a name without addresses of its family: $remedy', async ({ options, remedy }) => {
	const resolve: ProbeTools['resolve'] = async (names) => {
		return new Map(
			names.map(({ name, family }) => [name, { code: 'name_unknown', has: family === 6 ? 4 : 6 }]),
		);
	};
	const results = await measure({ targets: ['one.example'], options, tools: { resolve } });
	expect(results.get('one.example')).toEqual({
		failure: expect.stringMatching(`addresses: ${remedy}$`),
		code: 'name_unknown',
	});
});

test.each([
	['icmp', (job: Job<IcmpOptions>) => icmp.measure(job, probeTools({ burst: 3 }))],
	['fping', (job: Job<IcmpOptions>) => fping.measure(job, probeTools({ engine: 'icmp', burst: 3 }))],
] as const)('the burst of probes.%s is that of its pings', onBusyMachine, async (_, measureBy) => {
	const targets = Array.from({ length: 100 }, (_, i) => `127.4.0.${i}`);
	const results = await measureBy(jobOf({ targets, pings: 1, windowMs: 300 }));
	const sentAt = [...results.values()]
		.flatMap((result) => ('samples' in result ? result.samples : []))
		.map(({ sentAtSeconds }) => sentAtSeconds);
	expect(sentAt).toHaveLength(100);
	expect(mostSentIn(0.99, sentAt)).toBeLessThanOrEqual(3);
});

test('orders of fping are run by the engine when the config says so', async () => {
	const settings: FpingSettings = { engine: 'icmp', command: '/no/such/fping' };
	const results = await fping.measure(
		jobOf({ targets: ['127.0.0.1', '::1'], options: { interval: 100 } }),
		probeTools(settings),
	);
	expect(rttsOf(results, '127.0.0.1')).toEqual([answered]);
	expect(rttsOf(results, '::1')).toEqual([answered]);
	const { lanes } = fping;
	expect(typeof lanes === 'number' ? [] : [lanes({ engine: 'icmp' }), lanes({})]).toEqual([1000, 10]);
});
