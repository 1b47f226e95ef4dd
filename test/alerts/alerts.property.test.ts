import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rule } from '../../src/model/alert.ts';
import { House, outcomeOf, ruleOf } from './support/house.ts';

const texts = [
	'loss: {over: 20%}',
	'loss: {over: 20%, for: 3 of 5 slots, clear: 2 of 3 slots under 5%}',
	'loss: {over: 50%, for: 3 slots, clear: 3 slots under 30%}',
	'median: {over: 80ms, for: 2 of 3 slots, clear: 2 slots under 70ms}',
	'unknown: {for: 20s}',
	'score: {failed: 5, of: 8}',
	"pattern: {loss: '>20%,*2*,>20%', clear: 2 slots}",
] as const;
const rules: readonly Rule[] = texts.map((text, at) => ruleOf(`rule${at}`, text));

const slot = fc.oneof(
	{ weight: 3, arbitrary: fc.constant<number | null>(0) },
	{ weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }) },
	{ weight: 1, arbitrary: fc.constant(null) },
);
const made = (lost: number | null) => (lost === null ? ('unknown' as const) : { lost, ms: 20 + 20 * lost });

interface Line {
	readonly about: string;
	readonly rule: string;
	readonly id: string;
}

function historyOf(house: House, id: string): readonly Line[] {
	return (house.files.get(id) ?? [])
		.map((line): Line => JSON.parse(line))
		.filter(({ about }) => about !== 'state');
}

describe('whatever happens', () => {
	test('raise and clear alternate, each pair with one id', () => {
		fc.assert(
			fc.property(fc.array(slot, { maxLength: 60 }), (slots) => {
				const house = new House(rules);
				const order = house.order('o');
				for (const [at, lost] of slots.entries()) {
					house.at(at);
					house.room.accept(outcomeOf(order, at, made(lost)));
				}
				for (const { name } of rules) {
					const lines = historyOf(house, 'o').filter(({ rule }) => rule === name);
					for (const [at, line] of lines.entries()) {
						expect(line.about).toBe(at % 2 === 0 ? 'raise' : 'clear');
						if (at % 2 === 1) expect(line.id).toBe(lines[at - 1]?.id);
					}
				}
			}),
			{ numRuns: 60 },
		);
	});

	test('a restart at any point changes nothing', () => {
		fc.assert(
			fc.property(
				fc.array(slot, { maxLength: 40 }),
				fc.array(fc.nat(40), { maxLength: 4 }),
				(slots, kills) => {
					const run = (at: readonly number[]) => {
						// Patterns find their rounds in the files of the store.
						const house = new House(rules.filter(({ condition }) => condition.kind !== 'pattern'));
						const order = house.order('o');
						for (const [number, lost] of slots.entries()) {
							if (at.includes(number)) house.restart();
							house.at(number);
							house.room.accept(outcomeOf(order, number, made(lost)));
						}
						house.wait(10);
						return {
							history: historyOf(house, 'o').map(({ about, id }) => `${about} ${id}`),
							told: toldOf(house),
						};
					};
					expect(run(kills)).toEqual(run([]));
				},
			),
			{ numRuns: 60 },
		);
	});

	test('kills that lose what was saved last: each alert is told once, and once that it is over', () => {
		const kill = fc.record({ second: fc.nat(300), lost: fc.nat(8) });
		const mute = fc.record({ from: fc.nat(250), seconds: fc.nat(100) });
		const plain = rules.filter(({ condition }) => condition.kind === 'loss');
		fc.assert(
			fc.property(
				fc.array(slot, { maxLength: 25 }),
				fc.array(kill, { maxLength: 6 }),
				mute,
				(slots, kills, muted) => {
					const house = new House(plain);
					house.notifiers = ['ops', 'dev'];
					const order = house.order('o');
					let second = 0;
					// In the end it is well for long enough.
					for (const [number, lost] of [...slots, ...Array(6).fill(0)].entries()) {
						house.at(number);
						house.room.accept(outcomeOf(order, number, made(lost)));
						for (let at = 0; at < 10; at++, second++) {
							for (const { lost: saves } of kills.filter((one) => one.second === second)) house.kill(saves);
							const isMuted = second >= muted.from && second < muted.from + muted.seconds;
							house.room.mutes(
								isMuted ? [{ name: 'works', orders: null, rules: null, untilSeconds: null }] : [],
							);
							if (at < 9) house.wait(1);
						}
					}
					house.wait(10);
					for (const notifier of house.notifiers) {
						const told = house.sent.flatMap(({ notifier: to, notification: { about, members } }) =>
							to === notifier ? members.map(({ id }) => ({ about, id })) : [],
						);
						for (const { id } of told)
							expect(told.filter((one) => one.id === id).map(({ about }) => about)).toEqual([
								'raise',
								'clear',
							]);
					}
				},
			),
			{ numRuns: 150 },
		);
	});

	test('the order in which places tell a slot does not matter', () => {
		const pops = ['a', 'b', 'c'];
		const quorums = texts.slice(0, 4).map((text, at) => ruleOf(`q${at}`, `${text}\nquorum: {pops: 2}`));
		const votes = fc.array(
			fc.record({ slots: fc.tuple(slot, slot, slot), order: fc.shuffledSubarray(pops, { minLength: 3 }) }),
			{ maxLength: 30 },
		);
		fc.assert(
			fc.property(votes, (all) => {
				const run = (isShuffled: boolean) => {
					const house = new House(quorums);
					const order = house.order('o');
					for (const pop of pops) house.room.accept(outcomeOf(order, 0, 0, pop));
					for (const [at, { slots, order: turn }] of all.entries()) {
						house.at(at + 1);
						for (const pop of isShuffled ? turn : pops)
							house.room.accept(outcomeOf(order, at + 1, made(slots[pops.indexOf(pop)] ?? null), pop));
					}
					return house.files.get('o');
				};
				expect(run(true)).toEqual(run(false));
			}),
			{ numRuns: 60 },
		);
	});
});

/** Each alert that was told, and how. What is told together depends on when. */
function toldOf(house: House): readonly string[] {
	return house.sent
		.flatMap(({ notification: { about, members } }) => members.map(({ id }) => `${about} ${id}`))
		.sort();
}
