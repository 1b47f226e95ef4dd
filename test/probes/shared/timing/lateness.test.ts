import { expect, test } from 'vitest';
import { Lateness } from '../../../../probes/shared/timing/lateness.ts';
import { spreadPings } from '../../../../probes/shared/timing/pings.ts';
import { pauseThread } from '../../../support/ping-request.ts';

const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
const { signal } = new AbortController();
const sample = { sentAtSeconds: 1, rttSeconds: 0.1 };
const answered = { sample, lossReason: null, facts: {} };

/** Clocks that go on when they are told to. */
function clocks() {
	const now = { wallMs: 1e12, monotonicMs: 5000 };
	const lateness = new Lateness(
		() => now.wallMs,
		() => now.monotonicMs,
	);
	const goOn = (ms: number, wallMs = ms) => {
		now.monotonicMs += ms;
		now.wallMs += wallMs;
	};
	return { lateness, goOn };
}

test.each([
	[1, 0],
	[6, 0],
	[8, 6],
	[300, 298],
])('%i ms between two looks: late by %i ms', (goneMs, lateMs) => {
	const { lateness, goOn } = clocks();
	const since = lateness.begin();
	goOn(goneMs);
	expect(lateness.end(since)).toBe(lateMs);
});

test('a machine that slept was late, a clock that was corrected a little was not', () => {
	const { lateness, goOn } = clocks();
	const since = lateness.begin();
	goOn(1, 60);
	const later = lateness.begin();
	goOn(1, 60_000);
	expect(lateness.end(later)).toBe(59_998);
	expect(lateness.end(since)).toBe(59_998);
});

test('what was under way is told, and nothing else', () => {
	const lateness = new Lateness();
	const before = lateness.begin();
	pauseThread(50);
	const after = lateness.begin();
	expect(lateness.end(before)).toBeGreaterThan(40);
	expect(lateness.end(after)).toBeLessThan(40);
	pauseThread(50);
	const later = lateness.begin();
	expect(lateness.end(later)).toBeLessThan(40);
});

test('nobody looks while nothing is under way', () => {
	const idle = timers();
	const lateness = new Lateness();
	expect(timers()).toBe(idle);
	const [one, two] = [lateness.begin(), lateness.begin()];
	expect(timers()).toBe(idle + 1);
	lateness.end(one);
	expect(timers()).toBe(idle + 1);
	lateness.end(two);
	expect(timers()).toBe(idle);
});

test('a ping says that its thread was late; one that was held up for long is unknown', async () => {
	const stalls = [0, 60, 400];
	const run = { targets: 3, pings: 1, intervalMs: 10 };
	const ping = async (target: number) => {
		pauseThread(stalls[target] ?? 0);
		return answered;
	};
	const [, late, held] = await spreadPings(run, ping, signal);
	expect(late).toEqual({ pings: [{ ...answered, delayed: true }], failure: null });
	expect(held).toEqual({
		pings: [],
		failure: { failure: expect.stringContaining('too busy'), code: 'clock' },
	});
});

test('every target is pinged in turn, and a ping that breaks harms no other', async () => {
	const seen: string[] = [];
	const ping = async (target: number, index: number) => {
		seen.push(`${target}.${index}`);
		if (target === 1) throw new Error('broken');
		return answered;
	};
	const [first, second] = await spreadPings({ targets: 2, pings: 2, intervalMs: 4 }, ping, signal);
	expect(seen).toEqual(['0.0', '1.0', '0.1', '1.1']);
	expect(first?.pings).toHaveLength(2);
	expect(second).toEqual({ pings: [], failure: { failure: 'broken', code: 'probe_failed' } });
});

test('ends with what there is when it is told to', async () => {
	const stop = new AbortController();
	const ping = async (_target: number, index: number, over: AbortSignal) => {
		if (index === 0) return answered;
		stop.abort();
		return over.aborted ? null : answered;
	};
	const [only] = await spreadPings({ targets: 1, pings: 5, intervalMs: 1 }, ping, stop.signal);
	expect(only?.pings).toHaveLength(1);
});
