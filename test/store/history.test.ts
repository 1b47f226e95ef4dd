import { existsSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { totalOf } from '../../src/history/histogram-lines.ts';
import { Tally } from '../../src/history/tally.ts';
import { base, histograms, hour, measure, slots, useHistory, work } from './support/history-rig.ts';
import { order, startSeconds } from './support/tree-fixture.ts';

useHistory();

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
