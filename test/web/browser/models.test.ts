/** What graphs show, before anything is drawn. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factText } from '../../../src/web/browser/fact-words.ts';
import { heatColour, lightHeat } from '../../../src/web/browser/heat-colours.ts';
import { boundOf, type HeatSpell, heatMapOf } from '../../../src/web/browser/heat-model.ts';
import { levelWords, lossLevel } from '../../../src/web/browser/loss-levels.ts';
import { linearTicks, logTicks, rttText, shareText } from '../../../src/web/browser/scale.ts';
import { pingsText, slotNumbers } from '../../../src/web/browser/slot-words.ts';
import { bandsAt, firstDueRow, numbersOf, type SmokeData } from '../../../src/web/browser/smoke-model.ts';
import {
	fixedRange,
	lastSecondsIn,
	lastText,
	panned,
	putRange,
	rangeIn,
	zoomed,
} from '../../../src/web/browser/time-range.ts';

function dataOf(rows: readonly (readonly number[])[], pings: number): SmokeData {
	const column = (of: (row: readonly number[]) => number) => rows.map(of);
	return {
		...{ startSeconds: 0, stepSeconds: 60, rows: rows.length, pings },
		loss: column((row) => row.filter(Number.isNaN).length),
		median: column((row) => row.filter((rtt) => !Number.isNaN(rtt))[0] ?? Number.NaN),
		rtts: Array.from({ length: pings }, (_, ping) => column((row) => row[ping] ?? Number.NaN)),
	};
}

const lost = Number.NaN;

describe('smoke', () => {
	test('lies between pairs of pings, outermost first', () => {
		expect(bandsAt(dataOf([[1, 2, 3, 4, 5]], 5), 0)).toEqual([
			{ low: 1, high: 5, depth: 0.5 },
			{ low: 2, high: 4, depth: 1 },
		]);
		// The lost one stands behind: the longest that was answered bounds the smoke.
		expect(bandsAt(dataOf([[1, 2, 3, lost]], 4), 0)).toEqual([
			{ low: 1, high: 3, depth: 0.5 },
			{ low: 2, high: 3, depth: 1 },
		]);
		expect(bandsAt(dataOf([[lost, 2, 3, lost]], 4), 0)).toEqual([{ low: 2, high: 3, depth: 1 }]);
		for (const row of [[lost, lost], [7, lost], []])
			expect(bandsAt(dataOf([row], 2), 0)).toEqual(row[0] === 7 ? [{ low: 7, high: 7, depth: 1 }] : []);
		expect(bandsAt(dataOf([[1]], 1), 0)).toEqual([]);
	});

	test('never goes beyond the answers, and each band lies in the one around it', () => {
		const sorted = fc
			.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 12 })
			.map((all) => all.sort((a, b) => a - b));
		fc.assert(
			fc.property(sorted, fc.nat(8), (answers, missing) => {
				const before = Math.floor(missing / 2);
				const row = [
					...Array(before).fill(lost),
					...answers,
					...Array(missing - before).fill(lost),
				] as number[];
				if (row.length === 0) return;
				let [low, high] = [answers[0] ?? 0, answers.at(-1) ?? 0];
				for (const band of bandsAt(dataOf([row], row.length), 0)) {
					expect(band.low).toBeGreaterThanOrEqual(low);
					expect(band.high).toBeLessThanOrEqual(high);
					[low, high] = [band.low, band.high];
				}
			}),
		);
	});

	test('in numbers: unknown rows are in none of them, and told beside', () => {
		const data = {
			...dataOf(
				[
					[1, 1],
					[3, lost],
					[2, 2],
					[lost, lost],
				],
				2,
			),
			loss: [0, 1, Number.NaN, 2],
		};
		expect(numbersOf({ ...data, median: [1, 3, Number.NaN, Number.NaN] })).toEqual({
			...{ medianAverage: 2, medianMax: 3, medianMin: 1, medianNow: 3 },
			...{ lossAverage: 0.5, lossMax: 1, lossNow: 1, unknownShare: 0.25 },
		});
		expect(numbersOf(dataOf([], 2))).toMatchObject({
			medianAverage: null,
			lossAverage: null,
			unknownShare: 0,
		});
	});
});

test('before an order began nothing is missing; since then whatever is not known', () => {
	const data = { ...dataOf(Array(6).fill([1]), 1), loss: [lost, lost, lost, 0, lost, 0] };
	expect(firstDueRow(data)).toBe(3);
	expect(numbersOf(data).unknownShare).toBeCloseTo(1 / 3);
	expect(firstDueRow({ ...data, sinceSeconds: 60 })).toBe(1);
	expect(numbersOf({ ...data, sinceSeconds: 60 }).unknownShare).toBeCloseTo(3 / 5);
	expect(firstDueRow({ ...data, sinceSeconds: -1000 })).toBe(0);
	// Older rows were measured before that was written down.
	expect(firstDueRow({ ...data, sinceSeconds: 9999 })).toBe(3);
	// Nothing at all was measured: all of it is missing.
	expect(firstDueRow({ ...data, loss: Array(6).fill(lost) })).toBe(0);
});

test('loss has the levels that readers of SmokePing know', () => {
	expect([0, 1, 2, 3, 4, 5, 6, 10, 11, 18, 19, 20].map((count) => lossLevel(count, 20))).toEqual([
		0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 7,
	]);
	expect([0, 1, 2].map((count) => lossLevel(count, 2))).toEqual([0, 6, 7]);
	expect([0, 1].map((count) => lossLevel(count, 1))).toEqual([0, 7]);
	expect(lossLevel(0.1, 20)).toBe(1);
	expect(lossLevel(Number.NaN, 20)).toBe(0);
	expect(levelWords(20)).toEqual(['0', '1', '2', '3', '4-5', '6-10', '11-19', '20 of 20']);
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(1000), fc.nat(1000), (pings, one, other) => {
			const [less, more] = [Math.min(one, other, pings), Math.min(Math.max(one, other), pings)];
			expect(lossLevel(less, pings)).toBeLessThanOrEqual(lossLevel(more, pings));
		}),
	);
});

describe('a heatmap', () => {
	const spell = (time: number, span: number, buckets: HeatSpell['buckets'], schema = 4): HeatSpell => ({
		time,
		span,
		schema,
		buckets,
		sent: 10,
		lost: 0,
	});
	const all = { startSeconds: 0, endSeconds: 1e9 };

	test('counts nothing twice, hours before days, weeks from Monday', () => {
		const history = {
			hours: [spell(86_400, 3600, [[0, 1]])],
			days: [spell(0, 86_400, [[0, 3]]), spell(86_400, 86_400, [[0, 5]])],
		};
		const days = heatMapOf([history], 'day', all);
		expect(days?.columns.map(({ startSeconds, orders }) => [startSeconds, orders[0]?.count])).toEqual([
			[0, 3],
			[86_400, 1],
		]);
		const monday = 4 * 86_400;
		const weeks = heatMapOf(
			[{ hours: [], days: [spell(monday - 86_400, 86_400, [[0, 1]]), spell(monday, 86_400, [[0, 1]])] }],
			'week',
			all,
		);
		expect(weeks?.columns.map(({ startSeconds }) => startSeconds)).toEqual([monday - 604_800, monday]);
		expect(heatMapOf([{ hours: [], days: [] }], 'day', all)).toBe(null);
		expect(heatMapOf([history], 'day', { startSeconds: 1e8, endSeconds: 1e9 })).toBe(null);
	});

	test('has shares that make one, and quantiles within the buckets, of every order in the same rows', () => {
		const buckets = fc.uniqueArray(
			fc.tuple(fc.integer({ min: -200, max: 60 }), fc.integer({ min: 1, max: 99 })),
			{ minLength: 1, maxLength: 30, selector: ([index]) => index },
		);
		fc.assert(
			fc.property(buckets, buckets, fc.integer({ min: 0, max: 4 }), (one, other, schema) => {
				const histories = [one, other].map((list, at) => ({
					hours: [spell(0, 3600, list, at === 0 ? 4 : schema)],
					days: [],
				}));
				const map = heatMapOf(histories, 'hour', all);
				for (const [at, order] of (map?.columns[0]?.orders ?? []).entries()) {
					expect([...(order?.shares.values() ?? [])].reduce((sum, share) => sum + share, 0)).toBeCloseTo(
						1,
						9,
					);
					expect(order?.count).toBe((at === 0 ? one : other).reduce((sum, [, count]) => sum + count, 0));
					for (const index of order?.shares.keys() ?? []) {
						expect(index).toBeGreaterThanOrEqual(map?.lowest ?? 0);
						expect(index).toBeLessThanOrEqual(map?.highest ?? 0);
					}
					const quantiles = order?.quantiles ?? [];
					expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles);
					expect(quantiles[0]).toBeGreaterThanOrEqual(boundOf((map?.lowest ?? 0) - 1, map?.schema ?? 4));
					expect(quantiles.at(-1)).toBeLessThanOrEqual(
						boundOf(map?.highest ?? 0, map?.schema ?? 4) * 1.000001,
					);
				}
			}),
		);
	});

	test('shows two orders where they lie over each other', () => {
		expect(heatColour(lightHeat, [0, 0])).toBe('rgb(255,255,255)');
		const [both, first, second] = [
			[1, 1],
			[1, 0],
			[0, 1],
		].map((strengths) => heatColour(lightHeat, strengths));
		expect(new Set([both, first, second]).size).toBe(3);
	});
});

describe('a time', () => {
	test('comes out of an address as it went in', () => {
		const range = fc.oneof(
			fc
				.integer({ min: 1, max: 100_000 })
				.map((minutes) => ({ kind: 'last' as const, seconds: minutes * 60 })),
			fc.tuple(fc.nat(2e9), fc.integer({ min: 1, max: 1e8 })).map(([startSeconds, span]) => ({
				kind: 'fixed' as const,
				startSeconds,
				endSeconds: startSeconds + span,
			})),
		);
		fc.assert(
			fc.property(range, (one) => {
				const query = new URLSearchParams({ range: 'old', start: '1', order: 'a' });
				putRange(query, one);
				expect(rangeIn(query)).toEqual(one);
				expect(query.get('order')).toBe('a');
			}),
		);
		expect(['3h', '30h', '10d', '1y'].map((text) => lastText(lastSecondsIn(text) ?? 0))).toEqual([
			'3h',
			'30h',
			'10d',
			'1y',
		]);
		for (const text of ['', '0h', '3', '3s', '-3h', '99999999h', '99y', '3h '])
			expect(lastSecondsIn(text)).toBe(null);
	});

	test('is neither in the future nor empty, wherever somebody zooms and pans', () => {
		const steps = fc.array(
			fc.tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true })),
			{ maxLength: 20 },
		);
		fc.assert(
			fc.property(steps, (moves) => {
				const now = 1_796_000_000;
				let bounds = { startSeconds: now - 3600, endSeconds: now };
				for (const [factor, share] of moves) {
					const range = fixedRange(panned(zoomed(bounds, factor, bounds.startSeconds), share), now);
					if (range.kind !== 'fixed') throw new Error('it is not fixed');
					bounds = range;
					expect(range.endSeconds).toBeLessThanOrEqual(now);
					expect(range.startSeconds).toBeLessThan(range.endSeconds);
					expect(range.startSeconds).toBeGreaterThanOrEqual(0);
				}
			}),
		);
	});
});

test('numbers are as people write them', () => {
	expect([0, 0.0000412, 0.0123456, 1.5, 0.9996].map(rttText)).toEqual([
		'0',
		'41.2 µs',
		'12.3 ms',
		'1.5 s',
		'1 s',
	]);
	expect([0, 0.00001, 0.5, 0.99999, 1].map(shareText)).toEqual(['0%', '<0.01%', '50%', '>99.99%', '100%']);
	expect(linearTicks(0.044)).toEqual([0, 0.01, 0.02, 0.03, 0.04]);
	expect(linearTicks(0)).toEqual([0]);
	expect(logTicks(0.01, 10)).toEqual([0.01, 0.03, 0.1, 0.3, 1, 3, 10]);
	expect(pingsText([0.0123, null, 0.000041])).toBe('12.3 × 0.041');
	expect(slotNumbers([0.2, null, 0.1])).toEqual({ lost: 1, min: 0.1, median: 0.2, max: 0.2 });
	expect(factText({ kind: 'seconds' }, 0.000312)).toBe('312 µs');
	expect(factText({ kind: 'seconds' }, 90_061)).toBe('1 d 1 h');
	expect(factText({ kind: 'count' }, [57, 57])).toBe('57 (each ping)');
	expect(factText({ kind: 'path' }, ['a', null, 'b'])).toBe('a > ? > b');
	expect(factText({ kind: 'gauge', unit: 'bytes' }, 12)).toBe('12 bytes');
	expect(factText({ kind: 'flag' }, false)).toBe('no');
});
