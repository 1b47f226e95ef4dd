import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountOf, budgetOf, lossOf, unknownShareOf, uptimeOf } from '../../src/history/account.ts';
import { daySeconds, hourSeconds, type Spell } from '../../src/history/histogram-lines.ts';
import { Tally } from '../../src/history/tally.ts';

/** A midnight of UTC. */
const midnight = 1_795_219_200;
const step = 300;

function spell(timeSeconds: number, counts: Partial<Tally>, rtts: readonly number[] = []): Spell {
	const tally = new Tally();
	Object.assign(tally, counts);
	for (const rtt of rtts) tally.histogram.add(rtt);
	return { timeSeconds, spanSeconds: hourSeconds, tally };
}

const order = { stepSeconds: step, untilSeconds: midnight + 30 * daySeconds };
const history = (hours: readonly Spell[], days: readonly Spell[] = []) => ({ since: null, hours, days });

describe('an account', () => {
	test('is of the hours in the span, worked out by hand', () => {
		const hours = [
			spell(midnight, { slots: 12, down: 0, sent: 60, lost: 3 }, [0.02, 0.02]),
			spell(midnight + hourSeconds, { slots: 10, down: 1, unknown: 2, sent: 50, lost: 5 }, [0.04]),
			spell(midnight + 2 * hourSeconds, { slots: 12, down: 12, sent: 60, lost: 60 }),
		];
		const span = { startSeconds: midnight, endSeconds: midnight + 2 * hourSeconds };
		const { tally } = accountOf(history(hours), span, order);
		expect(tally).toMatchObject({ slots: 22, down: 1, unknown: 2, sent: 110, lost: 8 });
		expect(uptimeOf(tally)).toBeCloseTo(21 / 22, 12);
		expect(unknownShareOf(tally)).toBeCloseTo(2 / 24, 12);
		expect(lossOf(tally)).toBeCloseTo(8 / 110, 12);
		expect(tally.histogram.count).toBe(3);
	});

	test('takes hours without a line for unknown: since the order began, and until now', () => {
		const hours = [
			spell(midnight + 3 * hourSeconds, { slots: 12 }),
			spell(midnight + 5 * hourSeconds, { slots: 12 }),
		];
		const span = { startSeconds: midnight, endSeconds: midnight + daySeconds };
		expect(accountOf(history(hours), span, order).tally).toMatchObject({ slots: 24, unknown: 19 * 12 });
		// Now it is half past five: but for the slot that runs and the one that is written, six are missing.
		const running = {
			...spell(midnight + 5 * hourSeconds, { slots: 1 }),
			untilSeconds: midnight + 5 * hourSeconds + 300,
		};
		const now = { stepSeconds: step, untilSeconds: midnight + 5.5 * hourSeconds };
		expect(
			accountOf(history([spell(midnight + 4 * hourSeconds, { slots: 12 }), running]), span, now).tally,
		).toMatchObject({
			slots: 13,
			unknown: 3,
		});
		expect(accountOf(history([]), span, order).tally).toMatchObject({ slots: 0, unknown: 0 });
	});

	test('takes a day where its hours are thrown away, and nothing twice', () => {
		const day = { ...spell(midnight, { slots: 280, down: 4, unknown: 8 }), spanSeconds: daySeconds };
		const lastHour = spell(midnight + 23 * hourSeconds, { slots: 12, down: 4 });
		const whole = { startSeconds: midnight, endSeconds: midnight + daySeconds };
		expect(accountOf(history([lastHour], [day]), whole, order).tally).toMatchObject({
			slots: 280,
			down: 4,
			unknown: 8,
		});
		const part = { startSeconds: midnight + 22 * hourSeconds, endSeconds: midnight + daySeconds };
		expect(accountOf(history([lastHour], [day]), part, order).tally).toMatchObject({
			slots: 12,
			down: 4,
			unknown: 0,
		});
		const hours = Array.from({ length: 24 }, (_, at) => spell(midnight + at * hourSeconds, { slots: 12 }));
		const same = { ...spell(midnight, { slots: 288 }), spanSeconds: daySeconds };
		expect(accountOf(history(hours, [same]), whole, order).tally.slots).toBe(288);
	});

	test('of a span is the sum of those of its parts', () => {
		const counts = fc.record({
			slots: fc.nat(12),
			down: fc.nat(12),
			unknown: fc.nat(12),
			sent: fc.nat(60),
			lost: fc.nat(60),
		});
		const hours = fc.array(fc.option(counts, { nil: null }), { minLength: 1, maxLength: 60 });
		fc.assert(
			fc.property(hours, fc.nat(60), (all, cut) => {
				const lines = all.flatMap((one, at) =>
					one === null ? [] : [spell(midnight + at * hourSeconds, one)],
				);
				const [start, end] = [midnight, midnight + all.length * hourSeconds];
				const middle = Math.min(end, start + cut * hourSeconds);
				const of = (startSeconds: number, endSeconds: number) => {
					const { slots, down, unknown, sent, lost } = accountOf(
						history(lines),
						{ startSeconds, endSeconds },
						order,
					).tally;
					return [slots, down, unknown, sent, lost];
				};
				const [first, second] = [of(start, middle), of(middle, end)];
				expect(of(start, end)).toEqual(first.map((one, at) => one + (second[at] ?? 0)));
			}),
			{ numRuns: 300 },
		);
	});
});

describe('an objective', () => {
	test.each([
		[{ slots: 1000, down: 1 }, 99.9, 0, true, 0],
		[{ slots: 1000, down: 2 }, 99.9, 0, false, -1],
		[{ slots: 8640, down: 4 }, 99.9, 0, true, 4.64],
		[{ slots: 4000, down: 5 }, 99.9, 4640, false, 3.64],
		[{ slots: 100, down: 0 }, 100, 0, true, 0],
		[{ slots: 100, down: 1 }, 100, 0, false, -1],
		[{ slots: 0, down: 0 }, 99, 0, true, 0],
	])('%j against %d %%, %d slots to come', (counts, percent, coming, isMet, left) => {
		const budget = budgetOf(counts, percent, coming);
		expect(budget.isMet).toBe(isMet);
		expect(budget.leftSlots).toBeCloseTo(left, 9);
	});

	test('is met exactly when no more slots are down than it allows', () => {
		const whole = fc.integer({ min: 1, max: 100_000 });
		fc.assert(
			fc.property(
				whole,
				fc.nat(100_000),
				fc.integer({ min: 1, max: 100_000 }),
				(slots, down, thousandths) => {
					const isMet = (slots - Math.min(down, slots)) * 100_000 >= thousandths * slots;
					expect(budgetOf({ slots, down: Math.min(down, slots) }, thousandths / 1000).isMet).toBe(isMet);
				},
			),
			{ numRuns: 1000 },
		);
	});
});
