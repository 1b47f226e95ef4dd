import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, type Situation, slotsMissed } from '../../src/engine/plan.ts';

const startMs = 1_795_240_000_000; // a multiple of 10 s
const startSeconds = startMs / 1000;
const slot = { startSeconds, stepSeconds: 10 };
const endMs = startMs + 10_000;

/** A batch whose job of the last slot was run, at the start of its place: from 2 s to 7 s of the slot. */
function situation(changes: Partial<Situation> = {}): Situation {
	return {
		nowMs: startMs + 2000,
		stepSeconds: 10,
		lastSlotSeconds: startSeconds - 10,
		place: { offsetMs: 2000, windowMs: 5000 },
		needMs: 3000,
		isWaiting: false,
		lacksLane: false,
		...changes,
	};
}

test.each<[string, Partial<Situation>, ReturnType<typeof planOf>]>([
	['its place has come: with all of its window', {}, { action: 'run', slot, windowMs: 5000, isLate: false }],
	[
		'a little late is on time',
		{ nowMs: startMs + 2100 },
		{ action: 'run', slot, windowMs: 5000, isLate: false },
	],
	[
		'late, but the window still fits into the slot',
		{ nowMs: startMs + 4500 },
		{ action: 'run', slot, windowMs: 5000, isLate: true },
	],
	[
		'late: with what is left of the slot',
		{ nowMs: startMs + 6000 },
		{ action: 'run', slot, windowMs: 4000, isLate: true },
	],
	['too early', { nowMs: startMs + 1999 }, { action: 'rest', untilMs: startMs + 2000 }],
	['it has been run', { lastSlotSeconds: startSeconds }, { action: 'done', untilMs: endMs }],
	['too late', { nowMs: startMs + 8000 }, { action: 'skip', slot, untilMs: endMs }],
	['no lane', { lacksLane: true }, { action: 'wait' }],
	['it waits for a lane, and there is none', { isWaiting: true, lacksLane: true }, { action: 'wait' }],
	[
		'it waited for a lane, and need not wait for its place in the next slot',
		{ isWaiting: true, nowMs: startMs + 100 },
		{ action: 'run', slot, windowMs: 5000, isLate: false },
	],
	[
		'it waited too long for a lane: the next slot is to tell',
		{ isWaiting: true, nowMs: startMs + 8000 },
		{ action: 'rest', untilMs: endMs },
	],
	[
		'the clock was set back by less than a step',
		{ lastSlotSeconds: startSeconds + 10 },
		{ action: 'done', untilMs: endMs },
	],
	[
		'the clock was set back by more',
		{ lastSlotSeconds: startSeconds + 20 },
		{ action: 'run', slot, windowMs: 5000, isLate: false },
	],
])('%s', (_name, changes, plan) => {
	expect(planOf(situation(changes))).toEqual(plan);
});

describe('whatever the situation', () => {
	const situations = fc
		.record({
			stepSeconds: fc.integer({ min: 1, max: 3600 }),
			nowMs: fc.integer({ min: startMs, max: startMs + 7_200_000 }),
			slotsAgo: fc.integer({ min: -3, max: 3 }),
			offsetShare: fc.double({ min: 0, max: 0.99, noNaN: true }),
			needShare: fc.double({ min: 0.001, max: 1, noNaN: true }),
			rounds: fc.integer({ min: 1, max: 20 }),
			isWaiting: fc.boolean(),
			lacksLane: fc.boolean(),
		})
		.map(({ stepSeconds, nowMs, slotsAgo, offsetShare, needShare, rounds, ...same }): Situation => {
			const stepMs = stepSeconds * 1000;
			const thisSlot = Math.floor(nowMs / stepMs) * stepSeconds;
			return {
				...{ stepSeconds, nowMs, ...same },
				lastSlotSeconds: thisSlot - slotsAgo * stepSeconds,
				place: { offsetMs: offsetShare * stepMs, windowMs: stepMs / rounds },
				needMs: needShare * stepMs,
			};
		});

	test('a job ends with its slot, and what is looked at later is looked at within the slot or at its end', () => {
		fc.assert(
			fc.property(situations, (given) => {
				const plan = planOf(given);
				const stepMs = given.stepSeconds * 1000;
				const ofSlotMs = Math.floor(given.nowMs / stepMs) * stepMs + stepMs;
				if (plan.action === 'run') {
					expect(plan.slot.startSeconds * 1000).toBe(ofSlotMs - stepMs);
					expect(plan.windowMs).toBeGreaterThan(0);
					expect(plan.windowMs).toBeLessThanOrEqual(given.place.windowMs);
					expect(given.lacksLane).toBe(false);
				} else if (plan.action !== 'wait') {
					expect(plan.untilMs).toBeGreaterThan(given.nowMs);
					expect(plan.untilMs).toBeLessThanOrEqual(ofSlotMs);
				}
			}),
		);
	});

	test('the slot of a job is run, or skipped, at most once', () => {
		fc.assert(
			fc.property(situations, (given) => {
				const plan = planOf(given);
				if (plan.action !== 'run' && plan.action !== 'skip') return;
				const again = planOf({ ...given, lastSlotSeconds: plan.slot.startSeconds });
				expect(again.action).toBe('done');
			}),
		);
	});
});

test('the slots between two that were handled are counted; a clock that went back makes them negative', () => {
	expect(slotsMissed(slot, startSeconds - 10)).toBe(0);
	expect(slotsMissed(slot, startSeconds - 40)).toBe(3);
	expect(slotsMissed(slot, startSeconds + 30)).toBe(-4);
});
