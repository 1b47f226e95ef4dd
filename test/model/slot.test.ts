import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slotAt, slotEndMs } from '../../src/model/slot.ts';

test('a slot holds the moment it was asked for and is aligned to the epoch', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 4_102_444_800_000 }),
			fc.integer({ min: 1, max: 2_678_400 }),
			(wallMs, stepSeconds) => {
				const slot = slotAt(wallMs, stepSeconds);
				expect(slot.startSeconds % stepSeconds).toBe(0);
				expect(slot.startSeconds * 1000).toBeLessThanOrEqual(wallMs);
				expect(slotEndMs(slot)).toBeGreaterThan(wallMs);
				expect(slotEndMs(slot) - slot.startSeconds * 1000).toBe(stepSeconds * 1000);
			},
		),
	);
});

test('slots follow each other without a gap', () => {
	const slot = slotAt(1_795_240_007_999, 10);
	expect(slot.startSeconds).toBe(1_795_240_000);
	expect(slotAt(slotEndMs(slot), 10).startSeconds).toBe(1_795_240_010);
	expect(slotAt(slotEndMs(slot) - 1, 10)).toEqual(slot);
});
