import { describe, expect, test } from 'vitest';
import type { Mute } from '../../src/model/mute.ts';
import { House, outcomeOf, ruleOf, start } from './support/house.ts';

const loss = ruleOf('loss', 'loss: {over: 20%}');

function mute(more: Partial<Mute>): Mute {
	return { name: 'works', orders: null, rules: null, untilSeconds: null, ...more };
}

describe('messages', () => {
	test('500 orders that are lost at once are one message', () => {
		const house = new House([loss]);
		const orders = Array.from({ length: 500 }, (_, at) => house.order(`o${at}`, { target: 'a.example' }));
		house.at(0);
		for (const order of orders) house.room.accept(outcomeOf(order, 0, 5));
		house.wait(2);
		expect(house.sent).toEqual([]);
		house.wait(2);
		expect(house.sent).toHaveLength(1);
		expect(house.sent[0]?.notification.members).toHaveLength(500);
	});

	test('raise and clear are told once each, to whom the rule says', () => {
		const house = new House([loss, ruleOf('quiet', 'loss: {over: 50%}\nnotify: [dev]')]);
		house.notifiers = ['ops', 'dev'];
		const order = house.order('o');
		house.feed(order, '555000');
		house.wait(60);
		expect(house.told()).toEqual(['raise ops o', 'raise dev o,o', 'clear ops o', 'clear dev o,o']);
		const [first] = house.sent;
		expect(first?.notification.members[0]).toMatchObject({
			what: 'loss 100 % (over 20 %) in a slot',
			sinceSeconds: start,
			pops: ['local'],
			slots: [{ startSeconds: start, lossShare: 1, medianSeconds: null }],
		});
	});

	test('waits five seconds for the route, and no longer', () => {
		const house = new House([loss]);
		house.route = () => new Promise(() => {});
		house.feed(house.order('o'), '5');
		house.wait(4);
		expect(house.sent).toEqual([]);
		house.wait(2);
		expect(house.told()).toEqual(['raise ops o']);
		expect(house.sent[0]?.notification.members[0]?.route).toBeNull();
	});

	test('tells the route that was found', async () => {
		const house = new House([loss]);
		house.route = () => Promise.resolve(['10.0.0.1', null]);
		house.feed(house.order('o'), '5');
		await Promise.resolve();
		house.wait(4);
		expect(house.sent[0]?.notification.members[0]?.route).toEqual(['10.0.0.1', null]);
	});

	test('reminds while it fires', () => {
		const house = new House([ruleOf('loss', 'loss: {over: 20%}\nremind: 1min')]);
		const order = house.order('o');
		house.feed(order, '5'.repeat(14));
		expect(house.told()).toEqual(['raise ops o', 'reminder ops o', 'reminder ops o']);
	});

	test('a notifier that forgets is told the state each minute, and what is over for five', () => {
		const house = new House([loss]);
		house.stateful = new Set(['ops']);
		const order = house.order('o');
		house.feed(order, `5${'0'.repeat(45)}`);
		const states = house.sent.filter(({ notification }) => notification.about === 'state');
		expect(states.length).toBeGreaterThanOrEqual(4);
		expect(states.length).toBeLessThanOrEqual(6);
		expect(states.at(-1)?.notification.members[0]?.clearedSeconds).toBeDefined();
	});
});

describe('what is held', () => {
	test('a mute: told when it ends and the trouble goes on, with the next bad slot', () => {
		const house = new House([loss]);
		house.room.mutes([mute({ orders: ['core/**'], untilSeconds: start + 100 })]);
		const [muted, other] = [house.order('core/a'), house.order('edge/b')];
		for (let at = 0; at < 14; at++) {
			house.at(at);
			house.room.accept(outcomeOf(muted, at, 5));
			house.room.accept(outcomeOf(other, at, 5));
		}
		house.wait(5);
		expect(house.told()).toEqual(['raise ops edge/b', 'raise ops core/a']);
	});

	test('that it is held is reported', () => {
		const house = new House([loss]);
		house.room.mutes([mute({ untilSeconds: start + 1000 })]);
		house.feed(house.order('o'), '55');
		expect(house.reported.map(({ held }) => held)).toEqual([{ why: 'muted', mute: 'works' }]);
	});

	test('what is over before the mute ends is not told at all', () => {
		const house = new House([loss]);
		house.room.mutes([mute({ untilSeconds: start + 100 })]);
		house.feed(house.order('o'), `55${'0'.repeat(20)}`);
		expect(house.told()).toEqual([]);
		expect(house.history('o')).toBe('raise:0 clear:2');
	});

	test('who was told of an alert is told that it is over, mute or not', () => {
		const house = new House([loss]);
		const order = house.order('o');
		house.feed(order, '55');
		house.room.mutes([mute({ untilSeconds: start + 10_000 })]);
		house.feed(order, '00', 2);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops o', 'clear ops o']);
	});

	test('an acknowledgement ends with its alert, and keeps reminders back', () => {
		const house = new House([ruleOf('loss', 'loss: {over: 20%}\nremind: 1min')]);
		const order = house.order('o');
		house.feed(order, '5');
		house.wait(5);
		const id = house.room.firing()[0]?.alert.id ?? '';
		house.room.mutes([mute({ name: 'ack-1', alert: id, by: 'ann' })]);
		expect(house.room.firing()[0]?.acknowledged).toBe('ann');
		house.feed(order, '5'.repeat(20), 2);
		expect(house.removedMutes).toEqual([]);
		house.feed(order, '0', 22);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops o', 'clear ops o']);
		expect(house.removedMutes).toContain('ack-1');
	});

	test('a parent that is down holds its children; they are told when they stay down after it', () => {
		const house = new House([loss]);
		const parent = house.order('gw');
		const child = house.order('host', {}, [], ['gw']);
		const slot = (at: number, parentLost: number, childLost: number) => {
			house.at(at);
			// The child has its turn first.
			house.room.accept(outcomeOf(child, at, childLost));
			house.wait(1);
			house.room.accept(outcomeOf(parent, at, parentLost));
		};
		for (let at = 0; at < 5; at++) slot(at, 5, 5);
		expect(house.told()).toEqual(['raise ops gw']);
		expect(house.room.firing().find(({ alert }) => alert.order?.id === 'host')?.held).toEqual({
			why: 'parent',
			parent: 'gw',
		});
		for (let at = 5; at < 9; at++) slot(at, 0, 5);
		expect(house.told()).toEqual(['raise ops gw', 'clear ops gw', 'raise ops host']);
	});

	test('parents in a circle hold nothing for ever', () => {
		const house = new House([loss]);
		const [one, other] = [house.order('a', {}, [], ['b', 'a']), house.order('b', {}, [], ['a'])];
		house.feed(one, '5555');
		house.feed(other, '0', 4);
		house.feed(one, '5555', 5);
		expect(house.told()).toEqual(['raise ops a']);
	});
});

describe('this machine is cut off', () => {
	const targets = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '203.0.113.2', '2001:db8:1::1'];

	function houseOf(lost: readonly boolean[], guard: readonly string[] = []) {
		const house = new House([loss]);
		house.room.configure({ guard, pagesUrl: null, groupWaitMs: 3000 });
		const orders = targets.map((target, at) => house.order(`o${at}`, { target }));
		const slot = (at: number, isLost: (order: number) => boolean) => {
			house.at(at);
			for (const [which, order] of orders.entries())
				house.room.accept(outcomeOf(order, at, isLost(which) ? 5 : 0));
		};
		slot(0, () => false);
		slot(1, (which) => lost[which] ?? false);
		house.wait(5);
		return { house, slot };
	}

	test('is one alert, and all others are held', () => {
		const { house, slot } = houseOf([true, true, true, true, true]);
		expect(house.told()).toEqual(['raise ops isolated']);
		slot(2, () => false);
		slot(3, () => false);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops isolated', 'clear ops isolated']);
		expect(house.history('o0')).toBe('raise:1 clear:2');
	});

	test('what stays lost when it is over is told', () => {
		const { house, slot } = houseOf([true, true, true, true, true]);
		for (let at = 2; at < 6; at++) slot(at, (which) => which === 0);
		house.wait(5);
		expect(house.told()).toContain('raise ops o0');
		expect(house.told().filter((line) => line.startsWith('raise'))).toHaveLength(2);
	});

	test('needs three networks, and more than 60 %', () => {
		expect(houseOf([false, false, true, true, false]).house.told()).toEqual(['raise ops o2,o3']);
		expect(houseOf([true, true, true, false, false]).house.told()).toEqual(['raise ops o0,o1,o2']);
		expect(houseOf([true, true, true, true, false]).house.told()).toEqual(['raise ops isolated']);
	});

	test('or all orders that are named for it', () => {
		const { house } = houseOf([true, true, false, false, false], ['o0', 'o1']);
		expect(house.told()).toEqual(['raise ops isolated']);
		expect(house.sent[0]?.notification.members[0]?.what).toContain('all orders of guard: are lost (o0, o1)');
		expect(houseOf([true, false, false, false, false], ['o0', 'o1']).house.told()).toEqual(['raise ops o0']);
	});
});

describe('files', () => {
	test('an alert that was told is not told again after a restart, and its end is', () => {
		const house = new House([loss]);
		const order = house.order('o');
		house.feed(order, '5');
		house.wait(5);
		house.restart();
		house.feed(order, '5500', 2);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops o', 'clear ops o']);
		expect(
			new Set(house.sent.flatMap(({ notification }) => notification.members.map(({ id }) => id))).size,
		).toBe(1);
	});

	test('a kill before it is told: it is told by the next run', () => {
		const house = new House([loss]);
		const order = house.order('o');
		house.feed(order, '5');
		house.restart();
		house.wait(5);
		expect(house.told()).toEqual(['raise ops o']);
		house.feed(order, '0', 2);
		house.restart();
		house.wait(5);
		expect(house.told()).toEqual(['raise ops o', 'clear ops o']);
	});

	test('a rule or an order that is gone ends its alerts', () => {
		const house = new House([loss]);
		const [one, other] = [house.order('a'), house.order('b')];
		house.feed(one, '5');
		house.feed(other, '5', 1);
		house.wait(5);
		house.room.gone('a');
		house.wait(5);
		house.room.rules([], []);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops a', 'raise ops b', 'clear ops a', 'clear ops b']);
		expect(house.room.firing()).toEqual([]);
	});

	test('a rule whose file cannot be understood after a restart ends nothing', () => {
		const house = new House([loss]);
		house.feed(house.order('o'), '5');
		house.wait(5);
		house.restart();
		house.room.rules([], ['loss']);
		house.wait(5);
		house.room.rules([loss], []);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops o']);
		expect(house.room.firing()).toHaveLength(1);
	});

	test.each([
		'',
		'{"about":"state"',
		'{"about":"state","rule":7}',
		'{"about":"state","rule":"loss","alert":{"id":1}}',
		'\0\0',
	])('damaged lines do no harm: %j', (line) => {
		const house = new House([loss]);
		house.files.set('o', [line]);
		house.feed(house.order('o'), '50');
		expect(house.room.firing()).toEqual([]);
	});
});
