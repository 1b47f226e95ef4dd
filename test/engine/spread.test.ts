import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeInSlot, roundsNeeded, shuffled } from '../../src/engine/spread.ts';

test('the first batch starts with the slot and may use all of it', () => {
	expect(placeInSlot(0, 60_000, 1)).toEqual({ offsetMs: 0, windowMs: 60_000 });
});

test('a run that takes 85 % of its window ends within the slot, wherever it starts', () => {
	fc.assert(
		fc.property(
			fc.nat(5000),
			fc.integer({ min: 1000, max: 3_600_000 }),
			fc.integer({ min: 1, max: 200 }),
			(ordinal, stepMs, rounds) => {
				const { offsetMs, windowMs } = placeInSlot(ordinal, stepMs, rounds);
				expect(offsetMs).toBeGreaterThanOrEqual(0);
				expect(offsetMs + 0.85 * windowMs).toBeLessThanOrEqual(stepMs);
			},
		),
	);
});

test('no more runs than lanes, but for one or two, go on at the same time', () => {
	const lanes = 10;
	for (const batches of [5, 10, 11, 20, 37, 50, 100, 333]) {
		const rounds = roundsNeeded(batches, lanes);
		const spans = Array.from({ length: batches }, (_, ordinal) => {
			const { offsetMs, windowMs } = placeInSlot(ordinal, 60_000, rounds);
			return { from: offsetMs, to: offsetMs + 0.8 * windowMs };
		});
		const atOnce = spans.map(
			({ from }) => spans.filter((span) => span.from <= from && from < span.to).length,
		);
		expect(Math.max(...atOnce), `${batches} batches`).toBeLessThanOrEqual(lanes + 2);
	}
});

test('starts are spread: no two of ten batches start within a tenth of their share of the stagger', () => {
	const starts = Array.from({ length: 10 }, (_, ordinal) => placeInSlot(ordinal, 60_000, 1).offsetMs).sort(
		(a, b) => a - b,
	);
	for (let i = 1; i < starts.length; i++) {
		expect((starts[i] as number) - (starts[i - 1] as number)).toBeGreaterThan(6000 / 10 / 3);
	}
});

test('shuffling keeps every value', () => {
	fc.assert(
		fc.property(fc.array(fc.integer()), (values) => {
			expect(shuffled(values).sort()).toEqual([...values].sort());
		}),
	);
	const ordered = Array.from({ length: 100 }, (_, i) => i);
	expect(shuffled(ordered)).not.toEqual(ordered);
});
