import { describe, expect, test } from 'vitest';
import { courierStanding, OwnClock, partStandings } from '../../src/daemon/part-standings.ts';
import { noCounts, type SinkStats } from '../../src/delivery/sink-stats.ts';
import type { PopAnswer } from '../../src/model/pops-answer.ts';
import { FakeClock } from '../support/fake-clock.ts';

const stats = (state: SinkStats['state'], more: Partial<SinkStats> = {}): SinkStats => ({
	...{ name: 'influx', destination: 'x', confirms: true, state, sinceMs: 5000, queued: 0, spooled: 0 },
	...{ ...noCounts, spooledBytes: 0, lagSeconds: 7, lastError: 'no', ...more },
});

const pop = (name: string, more: Partial<PopAnswer>): PopAnswer => ({
	...{ name, labels: {}, place: null, state: 'here', heard: 100, version: '2', probes: [], asked: 0 },
	...{ measured: 0, failing: 0, rejected: 0, spooled_bytes: 0, waiting: 0, synced: true, offset: null },
	...{ ahead: 0, results: { taken: 0, doubled: 0, refused: 0, future: 0 }, ...more },
});

describe('how parts are', () => {
	test('a sink that fails does so since its state began; of one that starts it is not known', () => {
		const common = { kind: 'sink', name: 'influx', lagSeconds: 7, offsetSeconds: null, problem: 'no' };
		const of = (state: SinkStats['state']) => courierStanding('sink', stats(state));
		expect(of('failing')).toEqual({ ...common, isKnown: true, badSinceSeconds: 5 });
		expect(of('working')).toEqual({ ...common, isKnown: true, badSinceSeconds: null });
		expect(of('starting')).toEqual({ ...common, isKnown: false, badSinceSeconds: null });
	});

	test('a place is silent since it was heard of last, and its clock is known while it is here', () => {
		const pops = [
			pop('zrh', { ahead: -1.5 }),
			pop('gva', { state: 'lost', ahead: 3 }),
			pop('new', { state: 'new', heard: null, ahead: null }),
		];
		const parts = { delivery: { stats: () => [] }, pops: { desk: { pops: () => ({ pops }) } } };
		const standings = partStandings(parts, new OwnClock(new FakeClock(0)));
		expect(
			standings.map(({ kind, name, isKnown, badSinceSeconds, offsetSeconds }) => [
				...[kind, name, isKnown, badSinceSeconds, offsetSeconds],
			]),
		).toEqual([
			['pop', 'zrh', true, null, null],
			['clock', 'zrh', true, null, -1.5],
			['pop', 'gva', true, 100, null],
			['clock', 'gva', true, null, null],
			['pop', 'new', false, null, null],
			['clock', 'new', true, null, null],
			['clock', 'local', true, null, 0],
		]);
	});

	test('that the clock was set is remembered for ten minutes', () => {
		let [wallMs, nowMs] = [1_800_000_000_000, 0];
		const clock = new OwnClock({ wallMs: () => wallMs, monotonicMs: () => nowMs, after: () => () => {} });
		const pass = (ms: number, setMs = 0) => {
			wallMs += ms + setMs;
			nowMs += ms;
			return clock.standing().offsetSeconds;
		};
		clock.standing();
		expect(pass(4000)).toBe(0);
		expect(pass(4000, -2500)).toBe(-2.5);
		expect(pass(500_000)).toBe(-2.5);
		expect(pass(104_000)).toBe(0);
	});
});
