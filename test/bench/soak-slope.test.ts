import { expect, test } from 'vitest';
import { growthOf, type Reading } from '../../bench/soak-slope.ts';

const limit = { part: 0.1, least: 16 };

/** An hour of readings, one a minute, of something that is collected every so often. */
function readings(baseAt: (minute: number) => number): Reading[] {
	return Array.from({ length: 60 }, (_, minute) => ({
		atSeconds: minute * 60,
		value: baseAt(minute) + ((minute * 7) % 5) * 10,
	}));
}

test('what goes up and down is no leak', () => {
	const { perHour, isLeak } = growthOf(
		readings(() => 100),
		limit,
	);
	expect(perHour).toBeCloseTo(0);
	expect(isLeak).toBe(false);
});

test('a steady growth below the noise is found', () => {
	const { perHour, isLeak, first, last } = growthOf(
		readings((minute) => 100 + minute / 2),
		limit,
	);
	expect(perHour).toBeGreaterThan(20);
	expect(perHour).toBeLessThan(40);
	expect(last).toBeGreaterThan(first);
	expect(isLeak).toBe(true);
});

test('one step up, or one window that is low, is no leak', () => {
	expect(
		growthOf(
			readings((minute) => (minute === 0 ? 20 : 100)),
			limit,
		).isLeak,
	).toBe(false);
	expect(
		growthOf(
			readings((minute) => (minute > 50 ? 130 : 100)),
			limit,
		).isLeak,
	).toBe(false);
});

test('a growth too small to matter is none', () => {
	expect(
		growthOf(
			readings((minute) => 100 + minute / 10),
			limit,
		).isLeak,
	).toBe(false);
});

test('without readings there is no answer', () => {
	expect(() => growthOf([], limit)).toThrow('no readings');
});
