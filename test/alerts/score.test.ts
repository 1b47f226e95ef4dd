import { describe, expect, test } from 'vitest';
import { House, outcomeOf, ruleOf, start, step } from './support/house.ts';

describe('score', () => {
	test('counts early pings once, and tells before the slot is over', () => {
		const house = new House([ruleOf('s', 'score: {failed: 5, of: 8, pops: 1}')]);
		const order = house.order('o');
		house.feed(order, '00');
		expect([...house.watched]).toEqual(['o']);
		const slot = { startSeconds: start + 2 * step, stepSeconds: step };
		const lost = (index: number) => house.room.early('o', slot, [{ index, isLost: true }]);
		for (const index of [0, 1, 2, 2, 3]) lost(index);
		expect(house.history('o')).toBe('');
		lost(4);
		expect(house.history('o')).toBe('raise:2');
		house.at(2);
		house.room.accept(outcomeOf(order, 2, 5));
		house.feed(order, '00', 3);
		expect(house.history('o')).toBe('raise:2 clear:4');
	});

	test('is told within two seconds, with the route if it is known by then', () => {
		const house = new House([ruleOf('s', 'score: {failed: 5, of: 8}'), ruleOf('l', 'loss: {over: 20%}')]);
		const asked: number[] = [];
		house.route = (_, withinMs) => {
			asked.push(withinMs);
			return new Promise(() => {});
		};
		house.feed(house.order('o'), '5');
		house.wait(1);
		expect(house.sent).toEqual([]);
		house.wait(1);
		expect(house.told()).toEqual(['raise ops o,o']);
		expect(asked).toEqual([1500, 5000]);
	});

	test('waits for others as long as the config says, if that is longer than usual', () => {
		const house = new House([ruleOf('s', 'score: {failed: 5, of: 8}')]);
		house.room.configure({ guard: [], pagesUrl: null, groupWaitMs: 20_000 });
		house.feed(house.order('o'), '5');
		house.wait(19);
		expect(house.sent).toEqual([]);
		house.wait(1);
		expect(house.told()).toEqual(['raise ops o']);
	});

	test('needs so many places', () => {
		const house = new House([ruleOf('s', 'score: {failed: 5, of: 8, pops: 2}')]);
		const order = house.order('o');
		house.feed(order, '0', 0, 'fra');
		house.room.accept(outcomeOf(order, 0, 0, 'zrh'));
		house.at(1);
		house.room.accept(outcomeOf(order, 1, 5, 'fra'));
		house.room.accept(outcomeOf(order, 1, 0, 'zrh'));
		expect(house.history('o')).toBe('');
		house.at(2);
		house.room.accept(outcomeOf(order, 2, 5, 'zrh'));
		house.room.accept(outcomeOf(order, 2, 5, 'fra'));
		expect(house.history('o')).toBe('raise:2');
		expect(house.room.firing()[0]?.alert.pops).toEqual(['fra', 'zrh']);
	});
});

describe('score with places that say nothing', () => {
	function told(pops: number, slots: readonly Record<string, number | 'unknown'>[]): string {
		const house = new House([ruleOf('s', `score: {failed: 5, of: 8, pops: ${pops}}`)]);
		const order = house.order('o');
		house.feed(order, '0', 0, 'fra');
		house.room.accept(outcomeOf(order, 0, 0, 'zrh'));
		for (const [at, seen] of slots.entries()) {
			house.at(at + 1);
			for (const [pop, made] of Object.entries(seen)) house.room.accept(outcomeOf(order, at + 1, made, pop));
		}
		// Who is silent is waited for until then.
		house.wait(90);
		return house.history('o');
	}

	test('what a place saw before it fell silent is no vote', () => {
		expect(told(2, [{ fra: 5, zrh: 0 }, { zrh: 0 }, { zrh: 0 }, { zrh: 5 }, { zrh: 5 }])).toBe('');
	});

	test('nor what it saw before it could not measure', () => {
		const unknown = 'unknown' as const;
		expect(
			told(2, [
				{ fra: 5, zrh: 0 },
				{ fra: unknown, zrh: 0 },
				{ fra: unknown, zrh: 5 },
			]),
		).toBe('');
	});

	test('and keeps no alert alive', () => {
		expect(told(1, [{ fra: 5, zrh: 0 }, { zrh: 0 }, { zrh: 0 }])).toBe('raise:1 clear:2');
	});

	test('unknown slots clear nothing', () => {
		expect(told(1, [{ fra: 5, zrh: 'unknown' }, { fra: 'unknown' }, { zrh: 'unknown' }])).toBe('raise:1');
	});

	test('and are places of which nothing is known among the last', () => {
		const unknown = 'unknown' as const;
		expect(told(1, [{ fra: 4 }, { fra: unknown }, { fra: 1 }])).toBe('');
		expect(told(1, [{ fra: 5 }, { fra: unknown }, { fra: 0 }, { fra: 0 }])).toBe('raise:1 clear:4');
	});
});
