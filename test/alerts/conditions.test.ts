import { describe, expect, test } from 'vitest';
import { House, outcomeOf, ruleOf } from './support/house.ts';

/** What the history of an order says after these slots; `-` nobody tells, `U` unknown, digits: lost pings of 5. */
function after(rule: string, slots: string): string {
	const house = new House([ruleOf('it', rule)]);
	house.feed(house.order('o'), slots);
	return house.history('o');
}

describe('slots are rounds, and raise and clear have thresholds of their own', () => {
	test.each<[string, string, string]>([
		['loss: {over: 20%}', '0010', ''],
		['loss: {over: 20%}', '0020', 'raise:2 clear:3'],
		['loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}', '02020', ''],
		['loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}', '020202', 'raise:5'],
		['loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}', '22200000', 'raise:2 clear:7'],
		// Neither bad nor good: the row of good ones begins anew.
		['loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}', '222000010000', 'raise:2'],
		['loss: {over: 20%, for: 3 slots}', '2202222', 'raise:5'],
		// Unknown slots neither count nor break a row; in a window they are slots that are not bad.
		['loss: {over: 20%, for: 3 slots}', '22U2', 'raise:3'],
		['loss: {over: 20%, for: 3 slots}', '22-2', 'raise:3'],
		['loss: {over: 20%, for: 3 slots}', '22------2', ''],
		['loss: {over: 20%, for: 2 of 3 slots}', '2UU2', ''],
		['loss: {over: 20%, for: 2 of 3 slots}', '2U2', 'raise:2'],
		// Unknown is not fine.
		['loss: {over: 20%, clear: 3 slots}', '5UUUUUU', 'raise:0'],
		['loss: {over: 20%, clear: 3 slots}', '50U00', 'raise:0 clear:4'],
		['loss: {over: 20%, for: 30s}', '222', 'raise:2'],
		['unknown: {for: 30s}', '00UU0', ''],
		['unknown: {for: 30s}', '00UUU0', 'raise:4 clear:5'],
		["pattern: {loss: '>20%,*2*,>20%'}", '2000200', ''],
		["pattern: {loss: '>20%,*2*,>20%'}", '200200', 'raise:3 clear:4'],
		// An unknown round clears no pattern of losses.
		["pattern: {loss: '>20%,>20%'}", '022U', 'raise:2'],
		["pattern: {loss: '==U,==U'}", '0UU', 'raise:2'],
		["pattern: {loss: '>20%,==U,>20%'}", '2-2', 'raise:2'],
		["pattern: {loss: '==60%'}", '3', 'raise:0'],
	])('%s after %s', (rule, slots, history) => {
		expect(after(rule, slots)).toBe(history);
	});
});

describe('times', () => {
	test('an outage does not clear an alert of latency', () => {
		const house = new House([ruleOf('slow', 'median: {over: 80ms}')]);
		const order = house.order('o');
		const slots = [{ ms: 20 }, { ms: 90 }, 5, 5, 5, { ms: 20 }];
		for (const [at, made] of slots.entries()) {
			house.at(at);
			house.room.accept(outcomeOf(order, at, made));
		}
		expect(house.history('o')).toBe('raise:1 clear:5');
	});

	test('nor one of a pattern of times', () => {
		const house = new House([ruleOf('slow', "pattern: {rtt: '>80,>80'}")]);
		const order = house.order('o');
		const slots = [{ ms: 20 }, { ms: 90 }, { ms: 90 }, 5, 5, { ms: 20 }];
		for (const [at, made] of slots.entries()) {
			house.at(at);
			house.room.accept(outcomeOf(order, at, made));
		}
		expect(house.history('o')).toBe('raise:2 clear:5');
	});

	test('against last week: says nothing until that is known', () => {
		const house = new House([ruleOf('slow', 'median: {over: 150% of last week}')]);
		const order = house.order('o');
		house.lastWeek = null;
		house.room.accept(outcomeOf(order, 0, { ms: 900 }));
		expect(house.history('o')).toBe('');
		house.restart();
		house.lastWeek = 0.02;
		house.at(1);
		house.room.accept(outcomeOf(order, 1, { ms: 29 }));
		house.wait(2);
		house.at(2);
		house.room.accept(outcomeOf(order, 2, { ms: 29 }));
		house.at(3);
		house.room.accept(outcomeOf(order, 3, { ms: 31 }));
		expect(house.history('o')).toBe('raise:3');
	});
});

describe('facts', () => {
	const made = (facts: object) => ({ facts });
	test.each<[string, object, object]>([
		['fact: {http.certificate_left: {under: 14d}}', { certificate_left: 86_400 }, { certificate_left: 2e6 }],
		['fact: {http.status: {over: 399}}', { status: 500 }, { status: 200 }],
		['fact: {http.version: {is: [h1, h0]}}', { version: 'h1' }, { version: 'h2' }],
		['fact: {http.version: {not: h2}}', { version: 'h1' }, { version: 'h2' }],
		['fact: {http.valid: {is: false}}', { valid: false }, { valid: true }],
	])('%s', (rule, bad, good) => {
		const house = new House([ruleOf('it', rule)]);
		const order = house.order('o', { probe: 'http' });
		const slots = [made(good), made(bad), made({}), made(good)];
		for (const [at, one] of slots.entries()) {
			house.at(at);
			house.room.accept(outcomeOf(order, at, one));
		}
		expect(house.history('o')).toBe('raise:1 clear:3');
	});

	test('jitter and mos are facts of every probe', () => {
		const house = new House([ruleOf('j', 'jitter: {over: 10ms}'), ruleOf('m', 'mos: {under: 3.6}')]);
		const order = house.order('o');
		house.room.accept(outcomeOf(order, 0, made({ jitter: 0.02, mos: 2 })));
		const rules = house.room.firing().map(({ alert }) => alert.what);
		expect(rules).toEqual(['jitter 20 ms (over 10 ms) in a slot', 'mos 2 (under 3.6) in a slot']);
	});
});

test('a route has changed when two slots agree on the new one', () => {
	const house = new House([ruleOf('route', 'route: {changed: true, clear: 2 slots}')]);
	const order = house.order('o', { probe: 'traceroute' });
	const paths = ['a b z', 'a ? z', 'a c z', 'a b z', 'a c z', 'a c z', 'a c z', 'a c z'];
	for (const [at, path] of paths.entries()) {
		house.at(at);
		const hops = path.split(' ').map((hop) => (hop === '?' ? null : hop));
		house.room.accept(outcomeOf(order, at, { facts: { path: hops } }));
	}
	expect(house.history('o')).toBe('raise:5 clear:7');
});

describe('places', () => {
	function votes(rule: string, slots: readonly Record<string, string>[]): string {
		const house = new House([ruleOf('q', rule)]);
		const order = house.order('o');
		// All of them have spoken.
		for (const pop of ['a', 'b', 'c']) house.room.accept(outcomeOf(order, 0, 0, pop));
		for (const pop of ['a', 'b', 'c']) house.room.accept(outcomeOf(order, 1, 0, pop));
		for (const [at, told] of slots.entries()) {
			house.at(at + 2);
			for (const [pop, letter] of Object.entries(told))
				house.room.accept(outcomeOf(order, at + 2, letter === 'U' ? 'unknown' : Number(letter), pop));
		}
		return house.history('o');
	}

	test.each<[string, string, readonly Record<string, string>[], string]>([
		['one is enough by default', 'loss: {over: 20%}', [{ a: '5', b: '0', c: '0' }], 'raise:2'],
		['two of three', 'loss: {over: 20%}\nquorum: {pops: 2, of: 3}', [{ a: '5', b: '0', c: '0' }], ''],
		[
			'two of three see it',
			'loss: {over: 20%}\nquorum: {pops: 2, of: 3}',
			[{ a: '5', b: '5', c: '0' }],
			'raise:2',
		],
		[
			'a silent place does not vote',
			'loss: {over: 20%}\nquorum: {pops: 2, of: 3}',
			[{ a: '5', b: '5', c: 'U' }],
			'',
		],
		[
			'not in the same slot',
			'loss: {over: 20%}\nquorum: {pops: 2, of: 3}',
			[
				{ a: '5', b: '0', c: '0' },
				{ a: '0', b: '5', c: '0' },
			],
			'',
		],
		[
			'only the places of the rule',
			'loss: {over: 20%}\nmatch: {pops: [a]}',
			[{ a: '0', b: '5', c: '5' }],
			'',
		],
		[
			'only the place that the pattern of orders names',
			'loss: {over: 20%}\nmatch: {orders: ["*/@a"]}',
			[{ a: '0', b: '5', c: '5' }],
			'',
		],
		[
			'all places of an order that is named beside it',
			'loss: {over: 20%}\nmatch: {orders: ["*/@a", o]}',
			[{ a: '0', b: '5', c: '5' }],
			'raise:2',
		],
	])('%s', (_, rule, slots, history) => {
		expect(votes(rule, slots)).toBe(history);
	});

	test('a place that falls silent is not waited for any longer than until its result would be late', () => {
		const house = new House([ruleOf('q', 'loss: {over: 20%}\nquorum: {pops: 2}')]);
		const order = house.order('o');
		for (const slot of [0, 1])
			for (const pop of ['a', 'b', 'c']) house.room.accept(outcomeOf(order, slot, 0, pop));
		house.at(2);
		for (const pop of ['a', 'b']) house.room.accept(outcomeOf(order, 2, 5, pop));
		house.wait(70);
		expect(house.history('o')).toBe('');
		house.wait(20);
		expect(house.history('o')).toBe('raise:2');
	});
});

describe('time', () => {
	test('late and doubled results, and those from the future, raise and clear nothing', () => {
		const house = new House([ruleOf('it', 'loss: {over: 20%}')]);
		const order = house.order('o');
		house.at(20);
		house.room.accept(outcomeOf(order, 3, 5));
		house.room.accept(outcomeOf(order, 40, 5));
		expect(house.history('o')).toBe('');
		house.room.accept(outcomeOf(order, 20, 5));
		house.room.accept(outcomeOf(order, 20, 0));
		house.room.accept(outcomeOf(order, 19, 0));
		expect(house.history('o')).toBe('raise:20');
	});

	test('slots that nobody tells are unknown when they would be late', () => {
		const house = new House([ruleOf('u', 'unknown: {for: 30s}')]);
		house.feed(house.order('o'), '00');
		house.wait(100);
		expect(house.history('o')).toBe('');
		house.wait(30);
		expect(house.history('o')).toBe('raise:4');
	});
});

describe('which orders', () => {
	test.each<[string, boolean]>([
		['match: {orders: core/**}', true],
		['match: {orders: core}', true],
		['match: {orders: edge/**}', false],
		['match: {users: [x, tm*]}', true],
		['match: {users: x}', false],
		['match: {probes: icmp}', true],
		['match: {probes: http}', false],
		['match: {tags: {role: edge}}', true],
		['match: {tags: {role: edge, site: zrh}}', false],
		['named: true', false],
	])('%s', (match, isFor) => {
		const house = new House([ruleOf('it', `loss: {over: 20%}\n${match}`)]);
		house.feed(house.order('core/zrh', { tags: { role: 'edge' } }), '5');
		expect(house.history('core/zrh')).toBe(isFor ? 'raise:0' : '');
	});

	test('a rule that is not there is told once, however many orders name it', () => {
		const house = new House([ruleOf('r', 'loss: {over: 20%}\nnamed: true')]);
		for (const id of ['a', 'b', 'c']) house.order(id, {}, ['r', 'gone']);
		house.wait(3);
		expect(house.log.lines).toEqual([
			'warn: a: alerts: there is no rule gone in alerts/. Write one, or take it out of the order',
		]);
	});

	test('a rule that is to be named is for the orders that name it', () => {
		const house = new House([ruleOf('it', 'loss: {over: 20%}\nnamed: true')]);
		house.feed(house.order('o', {}, ['it']), '5');
		expect(house.history('o')).toBe('raise:0');
	});
});
