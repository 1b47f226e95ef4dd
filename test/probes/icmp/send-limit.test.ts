import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SendLimiter } from '../../../probes/icmp/engine/send-limit.ts';
import { mostSentIn } from '../../support/ping-request.ts';

const limits = fc.record({
	burst: fc.integer({ min: 1, max: 40 }),
	burstInTen: fc.integer({ min: 1, max: 100 }),
});

test('no millisecond, and no ten, has more than is allowed, wherever they begin', () => {
	// After how long somebody wants to send how many, in microseconds; a microsecond goes by between two packets.
	const wishes = fc.array(fc.record({ afterUs: fc.integer({ min: 0, max: 4000 }), count: fc.nat(50) }), {
		minLength: 1,
		maxLength: 200,
	});
	fc.assert(
		fc.property(limits, wishes, (pace, all) => {
			const limiter = new SendLimiter();
			const sentSeconds: number[] = [];
			let nowUs = 1_000_000;
			for (const { afterUs, count } of all) {
				nowUs += afterUs;
				const allowed = limiter.allowed(nowUs / 1000, pace);
				const sent = Math.min(allowed, count);
				for (let i = 0; i < sent; i++) sentSeconds.push(++nowUs / 1e6);
				if (sent > 0) limiter.sent(sent, nowUs / 1000);
			}
			expect(mostSentIn(0.9999, sentSeconds)).toBeLessThanOrEqual(pace.burst);
			expect(mostSentIn(9.9999, sentSeconds)).toBeLessThanOrEqual(pace.burstInTen);
		}),
	);
});

test('who waits as long as he is told may send again', () => {
	fc.assert(
		fc.property(limits, fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 50 }), (pace, pauses) => {
			const limiter = new SendLimiter();
			let nowMs = 1000;
			for (const pauseUs of pauses) {
				nowMs += pauseUs / 1000;
				const allowed = limiter.allowed(nowMs, pace);
				if (allowed > 0) limiter.sent(allowed, nowMs);
				const waitMs = limiter.waitMs(nowMs, pace);
				expect(limiter.allowed(nowMs, pace) > 0).toBe(waitMs === 0);
				expect(limiter.allowed(nowMs + waitMs + 1e-6, pace)).toBeGreaterThan(0);
			}
		}),
	);
});
