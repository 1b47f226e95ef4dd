import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readHistograms, totalOf } from '../../src/history/histogram-lines.ts';
import { readRing } from '../../src/history/slot-ring.ts';
import { Tally } from '../../src/history/tally.ts';
import type { StoredOrder } from '../../src/store/live-order.ts';
import { order, startSeconds, TreeFixture } from './support/tree-fixture.ts';

let base: TreeFixture;
beforeEach(() => {
	base = new TreeFixture();
});
afterEach(() => base.remove());

const hour = 3600;

/** Has all that is due by then written. */
function work(afterMs = 600_000): void {
	base.clock.advance(afterMs);
	for (let at = 0; at < 10_000 && base.tree.history.restMs === 0; at++) base.tree.history.work(1000);
}

function histograms(path = 'output/a/histograms') {
	return readHistograms(base.read(path));
}

function slots(path = 'output/a/slots', from = startSeconds) {
	return readRing(readFileSync(base.path(path)), from, Number.POSITIVE_INFINITY);
}

/** Slots from the start on, each with the round-trip times that it gives; undefined: none is measured. */
function measure(
	one: StoredOrder,
	from: number,
	to: number,
	rttsOf: (slot: number) => readonly (number | null)[] | undefined,
): Tally {
	const tally = new Tally();
	for (let slot = from; slot < to; slot++) {
		const rtts = rttsOf(slot);
		if (rtts === undefined) tally.addUnknown();
		else {
			base.record(one, startSeconds + slot * one.stepSeconds, rtts);
			tally.addMeasured(rtts.map((rttSeconds) => ({ sentAtSeconds: 0, rttSeconds })));
		}
	}
	return tally;
}

describe('histograms', () => {
	test('have a line for each hour that is over, and begin with the first slot', () => {
		const one = order('a');
		base.enrol(one);
		const first = measure(one, 10, 60, (slot) =>
			slot % 7 === 0 ? undefined : [0.01, slot % 5 === 0 ? null : 0.02],
		);
		measure(one, 60, 70, () => [null, null]);
		work();
		const { since, hours, days } = histograms();
		expect(since).toMatchObject({ timeSeconds: startSeconds + 600, spanSeconds: 0 });
		expect(totalOf(histograms())?.tally.slots).toBe(first.slots);
		expect(hours.map(({ timeSeconds }) => timeSeconds)).toEqual([startSeconds]);
		expect(hours[0]?.tally.toJSON()).toEqual(first.toJSON());
		expect(days).toEqual([]);
	});

	test('count what was down, and slots of which nothing is known', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 20, () => [null, null]);
		for (let slot = 20; slot < 60; slot++)
			base.tree.fail(['a'], 'no fping', 'no_program', startSeconds + slot * 60);
		work();
		expect(histograms().hours.map(({ tally }) => tally.toJSON())).toMatchObject([
			{ slots: 20, down: 20, unknown: 40, sent: 40, lost: 40, buckets: [] },
		]);
	});

	test('of steps of a second are whole though main.rrd holds a quarter of an hour', () => {
		const one = order('a', { stepSeconds: 1, pings: 1 });
		base.enrol(one);
		const tally = new Tally();
		for (let minute = 0; minute < 61; minute++) {
			const part = measure(one, minute * 60, minute * 60 + 60, (slot) => [0.001 * (1 + (slot % 20))]);
			if (minute < 60) tally.merge(part);
			work(60_000);
		}
		expect(histograms().hours[0]?.tally.toJSON()).toEqual(tally.toJSON());
		expect(slots()).toHaveLength(3660);
	});

	test('go on in an hour that was begun before a stop', () => {
		const one = order('a');
		base.enrol(one);
		const tally = measure(one, 0, 30, () => [0.01, null]);
		base.tree.history.end(1000);
		expect(histograms().hours).toMatchObject([{ untilSeconds: startSeconds + 1800, tally: { slots: 30 } }]);
		base.restart();
		base.enrol(one);
		tally.merge(measure(one, 30, 60, () => [0.03, 0.04]));
		work();
		expect(histograms().hours.map((line) => line.tally.toJSON())).toEqual([tally.toJSON()]);
	});

	test('have no line for hours in which no daemon ran', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 90, () => [0.01, 0.01]);
		base.restart();
		base.clock.advance(5 * hour * 1000);
		base.enrol(one);
		measure(one, 330, 430, () => [0.01, 0.01]);
		work();
		expect(
			histograms().hours.map(({ timeSeconds, tally: { slots: count, unknown } }) => [
				(timeSeconds - startSeconds) / hour,
				count,
				unknown,
			]),
		).toEqual([
			[0, 60, 0],
			[1, 30, 30],
			[5, 30, 30],
			[6, 60, 0],
		]);
	});

	test('days are merged, and what is too old is left out', () => {
		const one = order('a', { stepSeconds: 300, pings: 1 });
		base.tree.history.limits = {
			hoursSeconds: 2 * 24 * hour,
			daysSeconds: 4 * 24 * hour,
			slotsSeconds: 24 * hour,
		};
		base.enrol(one);
		const whole = new Tally();
		for (let at = 0; at < 30 * 24; at++) {
			whole.merge(measure(one, at * 12, at * 12 + 12, (slot) => [0.001 * (1 + (slot % 30))]));
			work(hour * 1000);
		}
		base.tree.history.end(1000);
		const history = histograms();
		expect(history.days.length).toBeGreaterThanOrEqual(4);
		expect(history.days.length).toBeLessThan(12);
		expect(history.days.every(({ tally }) => tally.slots === 288)).toBe(true);
		expect(history.hours.length).toBeLessThan(9 * 24);
		expect(totalOf(history)?.tally.slots).toBe(whole.slots);
		expect(totalOf(history)?.timeSeconds).toBe(startSeconds);
		expect(statSync(base.path('output/a/slots')).size).toBe(32 + 4 * 288);
	});

	test('orders without main.rrd have none', () => {
		const one = order('a', { rrdTemplate: 'norrd' });
		base.enrol(one);
		measure(one, 0, 70, () => [0.01, 0.02]);
		work();
		expect(existsSync(base.path('output/a/histograms'))).toBe(false);
		expect(existsSync(base.path('output/a/slots'))).toBe(false);
	});

	test('are archived with the order whole, and go on when it comes back', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 10, () => [0.01, 0.02]);
		base.tree.archive('a');
		expect(histograms('archive/a/histograms').hours).toMatchObject([{ tally: { slots: 10 } }]);
		expect(slots('archive/a/slots')).toHaveLength(10);
	});
});

describe('what a kill loses is made of main.rrd', () => {
	test('wherever it comes, and whatever is torn', () => {
		const rtt = fc.option(
			fc.integer({ min: 1, max: 40 }).map((count) => count / 1000),
			{ nil: null },
		);
		const slot = fc.option(fc.array(rtt, { minLength: 2, maxLength: 2 }), { nil: undefined, freq: 6 });
		const deed = fc.oneof(
			{
				weight: 6,
				arbitrary: fc.record({
					deed: fc.constant('slots'),
					slots: fc.array(slot, { minLength: 1, maxLength: 40 }),
				}),
			},
			{ weight: 3, arbitrary: fc.record({ deed: fc.constantFrom('work', 'kill', 'stop', 'tear', 'lose') }) },
		);
		fc.assert(
			fc.property(fc.array(deed, { minLength: 3, maxLength: 25 }), (deeds) => {
				base.remove();
				base = new TreeFixture();
				const one = order('a');
				base.enrol(one);
				const known = new Map<number, readonly (number | null)[] | undefined>();
				let at = 0;
				for (const step of deeds) {
					if ('slots' in step) {
						for (const rtts of step.slots as (readonly (number | null)[] | undefined)[]) {
							known.set(at, rtts);
							measure(one, at, at + 1, () => rtts);
							at++;
						}
					} else doIt(step.deed, one);
				}
				// A slot that is measured in the end makes those before it unknown for good.
				measure(one, at, at + 1, () => [0.5, 0.5]);
				known.set(at, [0.5, 0.5]);
				base.tree.history.end(10_000);
				const first = [...known].find(([, rtts]) => rtts !== undefined)?.[0] ?? 0;
				const hours = new Map<number, Tally>();
				for (const [number, rtts] of known) {
					if (number < first) continue;
					const tally = hours.get(Math.floor(number / 60)) ?? new Tally();
					hours.set(Math.floor(number / 60), tally);
					if (rtts === undefined) tally.addUnknown();
					else tally.addMeasured(rtts.map((rttSeconds) => ({ sentAtSeconds: 0, rttSeconds })));
				}
				const lines = histograms().hours.filter(({ tally }) => tally.slots > 0);
				expect(lines.map(({ tally }) => tally.toJSON())).toEqual(
					[...hours.values()].filter((tally) => tally.slots > 0).map((tally) => tally.toJSON()),
				);
				const begin = startSeconds + first * 60;
				expect(slots('output/a/slots', begin).map(({ loss }) => loss)).toEqual(
					[...known].slice(first).map(([, rtts]) => rtts?.filter((one) => one === null).length ?? null),
				);
			}),
			{ numRuns: 40, endOnFailure: true },
		);
	});

	function doIt(deed: string, one: StoredOrder): void {
		const file = base.path('output/a/histograms');
		if (deed === 'work') work();
		else if (deed === 'stop') base.tree.history.end(10_000);
		else if (deed === 'lose' && existsSync(file)) truncateSync(file, 0);
		else if (deed === 'tear' && existsSync(file)) appendFileSync(file, '{"time":1,"span":36');
		if (deed === 'work') return;
		base.restart();
		base.enrol(one);
	}

	test('also in a main.rrd of before there were histories', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 130, () => [0.01, 0.02]);
		base.restart();
		base.enrol(one);
		work(5000);
		expect(histograms().hours).toHaveLength(2);
		expect(slots()).toHaveLength(130);
	});

	test('before a gap that is longer than main.rrd goes back overwrites it', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 50, () => [0.01, 0.02]);
		base.restart();
		base.clock.advance(3 * 24 * hour * 1000);
		base.enrol(one);
		measure(one, 5000, 5001, () => [0.01, 0.02]);
		base.tree.history.end(1000);
		expect(histograms().hours.map(({ tally }) => tally.slots)).toEqual([50, 1]);
	});

	test('also when the order was changed meanwhile, and its slots are kept under another name', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 50, () => [0.01, 0.02]);
		const other = order('a', { pings: 3 });
		base.restart();
		base.enrol(other);
		measure(other, 50, 60, () => [0.01, 0.02, null]);
		work();
		base.tree.history.end(1000);
		expect(histograms().hours).toMatchObject([{ tally: { slots: 60, sent: 130, lost: 10 } }]);
		expect(slots('output/a/slots', startSeconds + 3000)).toHaveLength(10);
		expect(slots().filter(({ loss }) => loss !== null)).toHaveLength(10);
		const [kept = ''] = base.read('output/a/events').match(/slots\.[^"]*/) ?? [];
		expect(slots(`output/a/${kept}`)).toHaveLength(50);
	});
});

describe('slots', () => {
	test('are kept as long as the order says, also when that is changed', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 100, () => [0.01, null]);
		work();
		base.enrol({ ...one, slotsSeconds: 1800 });
		measure(one, 100, 110, () => [0.01, 0.02]);
		work();
		expect(statSync(base.path('output/a/slots')).size).toBe(32 + 4 * 30);
		expect(slots().map(({ loss }) => loss)).toEqual([...Array(20).fill(1), ...Array(10).fill(0)]);
		base.enrol({ ...one, slotsSeconds: 35 * 24 * hour });
		measure(one, 110, 111, () => [null, null]);
		work();
		expect(slots()).toHaveLength(111);
		expect(slots().slice(-2)).toMatchObject([{ loss: 0 }, { loss: 2, medianSeconds: null }]);
	});

	test('something else in their place is kept', () => {
		const one = order('a');
		base.enrol(one);
		writeFileSync(base.path('output/a/slots'), 'mine');
		measure(one, 0, 10, () => [0.01, 0.02]);
		work();
		expect(slots()).toHaveLength(10);
		expect(base.read('output/a/events')).toContain('"set_aside"');
	});

	test('outlive a clock that was ahead for a while', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 70, () => [0.01, 0.02]);
		work();
		measure(one, 2000, 2010, () => [0.01, 0.02]);
		work();
		base.clock.advance(600_000);
		measure(one, 80, 90, () => [0.01, 0.02]);
		work();
		base.tree.history.end(1000);
		expect(slots().length).toBeGreaterThanOrEqual(10);
		expect(base.toldOf('problem')).toHaveLength(1);
	});
});
