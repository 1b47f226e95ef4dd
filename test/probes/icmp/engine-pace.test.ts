/** How fast the engine’s loop sends, and how long it rests. */
import { describe, expect, test } from 'vitest';
import { systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import type { FromEngine } from '../../../probes/icmp/engine/messages.ts';
import { PingLoop } from '../../../probes/icmp/engine/ping-loop.ts';
import { paceOf } from '../../../probes/icmp/engine/send-pace.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { donePings, mostSentIn, pauseThread, pingRequest } from '../../support/ping-request.ts';
import { hosts, run } from './run-loop.ts';

test('the engine rests no longer than an eighth of the interval', () => {
	const results: FromEngine[] = [];
	const loop = new PingLoop({ clocks: systemClocks(), over: (result) => results.push(result) });
	loop.add(pingRequest(hosts(50), { pings: 5, intervalMs: 80, roundMs: 80 }));
	const rests: number[] = [];
	for (let ms = loop.turn(); ms !== null; ms = loop.turn()) {
		rests.push(ms);
		pauseThread(ms);
	}
	const sent = donePings(results[0]).sentAtSeconds;
	// 400 ms in turns of 10: each finds packets to send, and none is a burst of its own.
	expect(Math.max(...rests.slice(0, -5))).toBeLessThanOrEqual(10);
	expect(rests.length).toBeLessThan(sent.length);
});

test.each([
	{ what: 'a job', bursts: [10] },
	{ what: 'one of several jobs', bursts: [1000, 10, 100] },
])('no more packets are sent in a millisecond than $what allows', onBusyMachine, ({ bursts }) => {
	const results: FromEngine[] = [];
	const loop = new PingLoop({ clocks: systemClocks(), over: (result) => results.push(result) });
	for (const [id, burst] of bursts.entries()) {
		const own = hosts(400).filter((_, i) => i % bursts.length === id);
		loop.add(pingRequest(own, { id, intervalMs: 1, roundMs: 1, burst }));
	}
	for (let ms = loop.turn(); ms !== null; ms = loop.turn()) pauseThread(Math.min(ms, 20));
	const sentAt = Float64Array.from(results.flatMap((result) => [...donePings(result).sentAtSeconds])).sort();
	expect(sentAt).toHaveLength(400);
	expect(mostSentIn(0.99, sentAt)).toBeLessThanOrEqual(10);
	expect((sentAt.at(-1) as number) - (sentAt[0] as number)).toBeGreaterThan(0.035);
});

test('the engine sends few at a time, and rests between many', onBusyMachine, () => {
	let turns = 0;
	const wanted = { pings: 2, intervalMs: 400, roundMs: 400, burst: null };
	const result = donePings(run(pingRequest(hosts(1000), wanted), {}, () => turns++));
	// 800 ms in rests of 6.3 ms, after each a burst of 18; then it reads the last answers.
	expect(mostSentIn(0.99, result.sentAtSeconds)).toBeLessThanOrEqual(18);
	expect(mostSentIn(9.9, result.sentAtSeconds)).toBeLessThanOrEqual(90);
	expect(turns).toBeLessThan(170);
});

describe('the pace of sending', () => {
	const job = (
		targets: number,
		burst: number | null,
		changes: { roundMs?: number; hasAllSent?: boolean } = {},
	) => {
		const { roundMs = 1000, hasAllSent = false } = changes;
		return { targets, hasAllSent, request: { intervalMs: 1000, roundMs, burst } };
	};

	test.each([
		{ what: 'slow', jobs: [job(10, null)], burst: 8, burstInTen: 40, restMs: 125 },
		{ what: '1,000 targets in 10 s', jobs: [job(100, null)], burst: 8, burstInTen: 40, restMs: 70 },
		{ what: '10,000 targets in 9 s', jobs: [job(1111, null)], burst: 8, burstInTen: 40, restMs: 7 / 1.111 },
		{ what: 'many targets', jobs: [job(2000, null)], burst: 14, burstInTen: 70, restMs: 12.25 / 2 },
		{ what: 'very many', jobs: [job(20_000, null)], burst: 32, burstInTen: 300, restMs: 1.4 },
		{
			what: 'more than 32 in a millisecond',
			jobs: [job(60_000, null)],
			burst: 90,
			burstInTen: 900,
			restMs: 78.75 / 60,
		},
		{
			what: 'in the round',
			jobs: [job(6000, null, { roundMs: 100 })],
			burst: 90,
			burstInTen: 900,
			restMs: 78.75 / 60,
		},
		{
			what: 'of two jobs',
			jobs: [job(60_000, null), job(60_000, null)],
			burst: 180,
			burstInTen: 1800,
			restMs: 157.5 / 120,
		},
		{ what: 'as the job says', jobs: [job(60_000, 10)], burst: 10, burstInTen: 100, restMs: 1 },
		{ what: 'as the job says, many', jobs: [job(100, 1000)], burst: 1000, burstInTen: 10_000, restMs: 125 },
		{
			what: 'the least',
			jobs: [job(100, 1000), job(100, null), job(100, 200)],
			burst: 8,
			burstInTen: 40,
			restMs: 7 / 0.3,
		},
		{
			what: 'what has been sent holds',
			jobs: [job(100, null), job(9, 5, { hasAllSent: true })],
			burst: 5,
			burstInTen: 40,
			restMs: 43.75,
		},
		{
			what: 'what has been sent is no longer due',
			jobs: [job(100, null), job(60_000, null, { hasAllSent: true })],
			burst: 8,
			burstInTen: 40,
			restMs: 70,
		},
	])('$what', ({ jobs, burst, burstInTen, restMs }) => {
		expect(paceOf(jobs)).toMatchObject({ burst, burstInTen, restMs: expect.closeTo(restMs, 5) });
	});

	test('answers come to all that was sent', () => {
		const jobs = [job(100, null), job(400, null, { hasAllSent: true })];
		expect(paceOf(jobs).answerGapMs).toBe(2);
	});

	test('rests are short where intervals are', () => {
		const short = { ...job(1, null), request: { intervalMs: 80, roundMs: 80, burst: null } };
		expect(paceOf([job(1, null), short]).restMs).toBe(10);
		expect(paceOf([job(1, null), { ...short, hasAllSent: true }]).restMs).toBe(125);
	});
});
