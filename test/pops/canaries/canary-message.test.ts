import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCanaryMessage } from '../../../src/pops/canaries/canary-message.ts';

const ping = {
	type: 'ping',
	canary_id: 'canary-1',
	target: '192.0.2.7',
	timestamp: '2026-11-30T20:00:05.250000+00:00',
	status: 'SUCCESS',
	error_message: null,
	rtt_avg_ms: 12.5,
	packet_loss_percent: 20,
};
const read = (message: unknown) => readCanaryMessage(Buffer.from(JSON.stringify(message)));
const at = Date.parse('2026-11-30T20:00:05.25Z') / 1000;

describe('messages of canaries', () => {
	test('a ping with an answer', () => {
		expect(read(ping)).toEqual({
			type: 'ping',
			canary: 'canary-1',
			target: '192.0.2.7',
			atSeconds: at,
			rttSeconds: 0.0125,
			why: null,
			facts: { status: 'SUCCESS', packet_loss: 20 },
		});
	});

	test('FAILURE and TIMEOUT are lost, also with a latency; ERROR is unknown', () => {
		const dns = {
			...ping,
			type: 'dns',
			rtt_avg_ms: undefined,
			packet_loss_percent: undefined,
			latency_ms: 3.25,
			query_type: 'A',
			resolver: 'System Default',
			answer: null,
		};
		const failed = read({ ...dns, status: 'FAILURE', error_message: 'NXDOMAIN' });
		expect(failed).toMatchObject({
			rttSeconds: null,
			why: 'NXDOMAIN',
			facts: { status: 'FAILURE', latency: 0.00325, query_type: 'A', error_message: 'NXDOMAIN' },
		});
		expect(read({ ...ping, status: 'TIMEOUT', rtt_avg_ms: null })?.rttSeconds).toBeNull();
		const error = read({ ...ping, status: 'ERROR', rtt_avg_ms: null, error_message: 'Could\nnot parse' });
		expect(error).toMatchObject({ why: 'Could not parse' });
		expect(error).not.toHaveProperty('rttSeconds');
		expect(read({ ...dns, status: 'SUCCESS', answer: ['192.0.2.1', '192.0.2.2'] })).toMatchObject({
			rttSeconds: 0.00325,
			facts: { answer: '192.0.2.1, 192.0.2.2' },
		});
	});

	test('times with a zone, without one, and none at all', () => {
		for (const timestamp of [
			'2026-11-30T20:00:05.25',
			'2026-11-30 20:00:05.250000',
			'2026-11-30T21:00:05.25+01:00',
		])
			expect(read({ ...ping, timestamp })?.atSeconds).toBe(at);
		for (const timestamp of ['', 'yesterday', '2026-13-41T20:00:05Z', '12', 'Mon, 30 Nov 2026'])
			expect(read({ ...ping, timestamp })).toBeNull();
	});

	test('what is broken is nothing', () => {
		const { target: _, ...untold } = ping;
		for (const message of [
			null,
			7,
			[],
			{},
			untold,
			{ ...ping, status: 'OK' },
			{ ...ping, type: '../etc' },
			{ ...ping, target: '' },
			{ ...ping, target: '\ud800' },
			{ ...ping, rtt_avg_ms: null },
			{ ...ping, rtt_avg_ms: -1 },
			{ ...ping, rtt_avg_ms: '12' },
			{ ...ping, error_message: 'x'.repeat(70_000) },
		])
			expect(read(message)).toBeNull();
		expect(readCanaryMessage(Buffer.from('{"type":'))).toBeNull();
		expect(readCanaryMessage(Buffer.from([0xff, 0xfe, 0x00]))).toBeNull();
	});

	test('of any JSON it makes finite numbers and short texts, or nothing', () => {
		const odd = fc.oneof(fc.jsonValue(), fc.double(), fc.string());
		const keys = Object.keys(ping) as (keyof typeof ping)[];
		fc.assert(
			fc.property(fc.constantFrom(...keys, 'answer', 'resolver', 'status_code'), odd, (key, value) => {
				const found = read({ ...ping, [key]: value });
				for (const fact of Object.values(found?.facts ?? {})) {
					expect(typeof fact === 'number' ? Number.isFinite(fact) : String(fact).length <= 3000).toBe(true);
				}
			}),
		);
	});
});
