/** When the probe measures nothing. Needs the compiled product, which `npm test` builds first. */
import { describe, expect, test } from 'vitest';
import type { IcmpOptions } from '../../../probes/icmp/options.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { answered, load, measure, rttsOf } from './rig.ts';

const { makePingEngine } = (await load(
	'probes/icmp/engine/engine.js',
)) as typeof import('../../../probes/icmp/engine/engine.ts');

describe('nothing is measured', () => {
	test.each<[string, Partial<IcmpOptions>, string]>([
		[
			'no such interface',
			{ interface: 'eth99' },
			'there is no interface eth99: ip link shows those there are',
		],
		[
			'a source address that is not ours',
			{ source_ip: '192.0.2.99' },
			'cannot send from 192.0.2.99 (EADDRNOTAVAIL). source_ip must be an address of this machine',
		],
	])('%s', async (_what, options, reason) => {
		const results = await measure({ targets: ['127.0.0.1'], options });
		expect(results.get('127.0.0.1')).toEqual({
			failure: expect.stringContaining(reason),
			code: 'no_address',
		});
	});

	test('a zone that does not exist is the failure of its host', async () => {
		const results = await measure({ targets: ['fe80::1%eth99', '::1'] });
		expect(results.get('fe80::1%eth99')).toEqual({
			failure: expect.stringMatching(/interface|route|send/),
			code: 'no_route',
		});
		expect(rttsOf(results, '::1')).toEqual([answered]);
	});

	test('a job that is stopped gives what it has', onBusyMachine, async () => {
		const controller = new AbortController();
		const run = measure({
			targets: ['127.0.0.1', '127.0.0.2'],
			pings: 5,
			windowMs: 60_000,
			tools: { signal: controller.signal },
		});
		setTimeout(() => controller.abort(), 300);
		const results = await run;
		expect(rttsOf(results, '127.0.0.1')).toEqual([answered]);
		expect(results.get('127.0.0.2')).toEqual({ failure: 'stopped before a ping was sent', code: 'stopped' });
	});

	test('a thread that dies fails its jobs, and the next job has another', async () => {
		const engine = makePingEngine();
		const request = {
			socket: { family: 4, size: 56 },
			addresses: Uint8Array.from([127, 0, 0, 1, ...new Uint8Array(12)]),
			zones: null,
			pings: 1,
			intervalMs: 10,
			roundMs: 10,
			timeoutMs: 5000,
			windowMs: 10_000,
			burst: 100,
		} as const;
		const { signal } = new AbortController();
		const broken = engine.ping({ ...request, pings: -1 }, signal);
		await expect(broken).resolves.toMatchObject({ failure: expect.any(String) });
		const late = engine.ping({ ...request, pings: 2, intervalMs: 5000 }, signal);
		const rejected = expect(late).rejects.toThrow('the icmp engine failed: its thread ended with code 1');
		await engine.close();
		await rejected;
		await expect(engine.ping(request, signal)).resolves.toMatchObject({ kind: 'raw' });
		await engine.close();
	});
});
