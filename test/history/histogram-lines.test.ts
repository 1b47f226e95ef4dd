import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compacted } from '../../src/history/compact.ts';
import {
	lineOf,
	readHistograms,
	type Spell,
	sinceLineOf,
	totalOf,
} from '../../src/history/histogram-lines.ts';
import { Tally } from '../../src/history/tally.ts';

const hour = 3600;
const day = 86_400;
const midnight = 1_795_219_200;
const keep = { hoursSeconds: 90 * day, daysSeconds: 3 * 365 * day };

function tallyOfRtts(...slots: (number | null)[][]): Tally {
	const tally = new Tally();
	for (const slot of slots) tally.addMeasured(slot.map((rttSeconds) => ({ sentAtSeconds: 0, rttSeconds })));
	return tally;
}

const hourly = (at: number, tally: Tally): Spell => ({
	timeSeconds: midnight + at * hour,
	spanSeconds: hour,
	tally,
});

describe('a line', () => {
	test('has the keys that others read, in seconds', () => {
		const tally = tallyOfRtts([0.02, null], [null, null], [0.0211, 0.0197]);
		tally.addUnknown(2);
		expect(lineOf(hourly(6, tally))).toBe(
			'{"time":1795240800,"span":3600,"slots":3,"down":1,"unknown":2,"sent":6,"lost":3,"sum":0.0608,' +
				'"min":0.0197,"max":0.0211,"schema":4,"buckets":[[-90,2],[-89,1]]}\n',
		);
	});

	test('has no least and greatest without an answer', () => {
		const line = lineOf(hourly(0, tallyOfRtts([null])));
		expect(line).not.toMatch(/min|max|null/);
		expect(readHistograms(line).hours[0]?.tally).toMatchObject({ min: null, max: null, down: 1 });
	});

	test('of many buckets is coarser, until there are at most 60; one of a day has schema 3', () => {
		const wide = Array.from({ length: 400 }, (_, at) => 0.0001 * 1.03 ** at);
		const [read] = readHistograms(lineOf(hourly(0, tallyOfRtts(wide)))).hours;
		expect(read?.tally.histogram.size).toBeLessThanOrEqual(60);
		expect(read?.tally.histogram.schema).toBe(1);
		expect(read?.tally.histogram.count).toBe(400);
		const line = lineOf({ timeSeconds: midnight, spanSeconds: day, tally: tallyOfRtts([0.02]) });
		expect(line).toContain('"schema":3');
	});
});

describe('a file', () => {
	test('with a torn end and damaged lines gives all that is whole', () => {
		const good = [0, 1, 2].map((at) => lineOf(hourly(at, tallyOfRtts([0.01 * (at + 1)]))));
		const text = `${good[0]}{"time":1,"span":3600}\nnonsense\n[]\n${good[1]}${good[2]?.slice(0, 40)}`;
		const { hours, soundBytes } = readHistograms(text);
		expect(hours.map(({ timeSeconds }) => timeSeconds)).toEqual([midnight, midnight + hour]);
		expect(soundBytes).toBe(text.length - 40);
	});

	test('of lines for the same hour the last counts', () => {
		const text = lineOf(hourly(0, tallyOfRtts([0.01]))) + lineOf(hourly(0, tallyOfRtts([0.01], [0.02])));
		expect(readHistograms(text).hours.map(({ tally }) => tally.slots)).toEqual([2]);
	});

	test('counts since its beginning, through any number of daily rewrites', () => {
		const rtt = fc.option(fc.double({ min: 1e-6, max: 5, noNaN: true }), { nil: null });
		const slots = fc.array(fc.array(rtt, { minLength: 1, maxLength: 5 }), { maxLength: 4 });
		fc.assert(
			fc.property(
				fc.array(slots, { minLength: 1, maxLength: 80 }),
				fc.integer({ min: 1, max: 30 }),
				(list, every) => {
					const limits = { hoursSeconds: 30 * hour, daysSeconds: 2 * day };
					const whole = new Tally();
					let text = '';
					for (const [at, entry] of list.entries()) {
						text += lineOf(hourly(at, tallyOfRtts(...entry)));
						whole.merge(tallyOfRtts(...entry));
						if (at % every !== 0) continue;
						const done = compacted(text, midnight + (at + 1) * hour, limits, at % 2 === 0);
						if (done !== null) text = done.how === 'append' ? text + done.text : done.text;
					}
					const total = totalOf(readHistograms(text));
					expect(total?.timeSeconds).toBe(midnight);
					expect(total?.spanSeconds).toBe(list.length * hour);
					const { slots: count, down, sent, lost, histogram } = total?.tally ?? new Tally();
					expect({ count, down, sent, lost, answers: histogram.count }).toEqual({
						count: whole.slots,
						down: whole.down,
						sent: whole.sent,
						lost: whole.lost,
						answers: whole.histogram.count,
					});
					expect(total?.tally.sum).toBeCloseTo(whole.sum, 6);
				},
			),
			{ numRuns: 50 },
		);
	});

	test('rewritten has a line a day of days that are over, and neither hours nor days that are too old', () => {
		const text = [...Array(60).keys()].map((at) => lineOf(hourly(at, tallyOfRtts([0.01])))).join('');
		const now = midnight + 60 * hour;
		const { since, hours, days } = readHistograms(
			compacted(text, now, { ...keep, hoursSeconds: 20 * hour })?.text ?? '',
		);
		expect(since).toMatchObject({ timeSeconds: midnight, spanSeconds: 48 * hour, tally: { slots: 48 } });
		expect(days.map(({ timeSeconds, tally }) => [timeSeconds, tally.slots])).toEqual([
			[midnight, 24],
			[midnight + day, 24],
		]);
		expect(hours.map(({ timeSeconds }) => timeSeconds)).toEqual(
			[...Array(20).keys()].map((at) => midnight + (40 + at) * hour),
		);
		const later = compacted(compacted(text, now, keep, true)?.text ?? '', now + 4 * 365 * day, keep);
		expect(later?.how).toBe('rewrite');
		expect(readHistograms(later?.text ?? '')).toMatchObject({
			since: { tally: { slots: 60 } },
			hours: [],
			days: [],
		});
	});

	test('begins with the line of all since the beginning', () => {
		const tally = tallyOfRtts([0.02]);
		expect(sinceLineOf({ timeSeconds: midnight, spanSeconds: 7200, tally })).toBe(
			`{"since":${midnight},"span":7200,"slots":1,"down":0,"unknown":0,"sent":1,"lost":0,"sum":0.02,"min":0.02,"max":0.02,"schema":4,"buckets":[[-90,1]]}\n`,
		);
		expect(compacted(lineOf(hourly(0, tally)), midnight + hour, keep, true)?.text).toMatch(/^\{"since":/);
		expect(compacted('', midnight, keep, true)).toBe(null);
	});

	test('is not written anew every day for the sake of one line', () => {
		const text =
			sinceLineOf({ timeSeconds: midnight, spanSeconds: 0, tally: new Tally() }) +
			[...Array(30).keys()].map((at) => lineOf(hourly(at, tallyOfRtts([0.01])))).join('');
		const done = compacted(text, midnight + 30 * hour, keep);
		expect(done?.how).toBe('append');
		expect(readHistograms(text + done?.text).days).toMatchObject([
			{ timeSeconds: midnight, tally: { slots: 24 } },
		]);
		expect(compacted(text + done?.text, midnight + 31 * hour, keep)).toBe(null);
	});
});
