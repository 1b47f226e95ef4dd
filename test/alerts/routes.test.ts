import { describe, expect, test } from 'vitest';
import { House, outcomeOf, ruleOf } from './support/house.ts';

const loss = ruleOf('loss', 'loss: {over: 20%}\nmatch: {probes: icmp}');

/** Three orders behind the hop 10.0.9.9, and one that is not; the first hop is common to all. */
function network(rules = [loss]) {
	const house = new House(rules);
	for (const id of ['a', 'b', 'c']) house.lastRoutes.set(id, ['10.0.0.1', '10.0.9.9', `192.0.2.${id}`]);
	house.lastRoutes.set('far', ['10.0.0.1', '10.0.7.7', '198.51.100.1']);
	const near = ['a', 'b', 'c'].map((id) => house.order(id));
	const far = house.order('far');
	/** Lost pings of each near order, and none of the far one. */
	const slot = (at: number, lost: readonly number[], farLost = 0) => {
		house.at(at);
		for (const [nth, order] of near.entries()) house.room.accept(outcomeOf(order, at, lost[nth] ?? 0));
		house.room.accept(outcomeOf(far, at, farLost));
	};
	return { house, near, slot };
}

describe('a hop that died', () => {
	test('one of the orders behind it is told, and names it; the others are held', () => {
		const { house, slot } = network();
		for (let at = 0; at < 4; at++) slot(at, [5, 5, 5]);
		expect(house.told()).toEqual(['raise ops a']);
		expect(house.sent[0]?.notification.members[0]?.what).toContain('behind the hop 10.0.9.9 is down');
		expect(house.reported.map(({ held }) => held)).toEqual([
			null,
			{ why: 'parent', parent: '10.0.9.9' },
			{ why: 'parent', parent: '10.0.9.9' },
		]);
	});

	test('who stays down when the hop is back is told then; who is back is not', () => {
		const { house, slot } = network();
		for (let at = 0; at < 3; at++) slot(at, [5, 5, 5]);
		for (let at = 3; at < 7; at++) slot(at, [0, 5, 0]);
		expect(house.told()).toEqual(['raise ops a', 'clear ops a', 'raise ops b']);
		expect(house.history('c')).toBe('raise:0 clear:3');
	});

	test('the first on the way is named', () => {
		const { house, slot } = network();
		for (let at = 0; at < 3; at++) slot(at, [5, 5, 5], 5);
		expect(house.told()).toEqual(['raise ops a']);
		expect(house.sent[0]?.notification.members[0]?.what).toContain('behind the hop 10.0.0.1 is down');
	});

	test('an order that is muted, or that no rule is for, does not tell for the others', () => {
		const { house, slot } = network([ruleOf('loss', 'loss: {over: 20%}\nmatch: {orders: [b, c, far]}')]);
		house.room.mutes([{ name: 'works', orders: ['b'], rules: null, untilSeconds: null }]);
		for (let at = 0; at < 4; at++) slot(at, [5, 5, 5]);
		expect(house.told()).toEqual(['raise ops c']);
	});

	test('who comes later is held by the one that was told', () => {
		const { house, slot } = network();
		slot(0, [0, 0, 5]);
		house.wait(5);
		expect(house.told()).toEqual(['raise ops c']);
		for (let at = 1; at < 5; at++) slot(at, [5, 5, 5]);
		expect(house.told()).toEqual(['raise ops c']);
	});

	test('a restart in the midst of it tells nothing more', () => {
		const { house, slot } = network();
		for (let at = 0; at < 3; at++) slot(at, [5, 5, 5]);
		house.restart();
		house.wait(8);
		for (let at = 4; at < 8; at++) slot(at, [5, 5, 5]);
		expect(house.told()).toEqual(['raise ops a']);
		for (let at = 8; at < 11; at++) slot(at, [0, 0, 0]);
		expect(house.told()).toEqual(['raise ops a', 'clear ops a']);
	});
});

test('the way is that of an order that traces the same host, as it was while that answered', () => {
	const house = new House([loss]);
	const orders = ['a', 'b'].flatMap((id) => {
		const target = `192.0.2.${id}`;
		return [
			house.order(`trace-${id}`, { probe: 'traceroute', target }),
			house.order(id, { target }),
			house.order(`more-${id}`, { target }),
		];
	});
	const slot = (at: number, lost: number) => {
		house.at(at);
		for (const order of orders) {
			const isTraced = order.probe === 'traceroute' && lost === 0;
			const traced = isTraced ? { facts: { path: ['10.0.0.1', '10.0.9.9', order.target] } } : {};
			house.room.accept(outcomeOf(order, at, { lost, ...traced }));
		}
	};
	slot(0, 0);
	for (let at = 1; at < 4; at++) slot(at, 5);
	expect(house.told()).toEqual(['raise ops a']);
	expect(house.sent[0]?.notification.members[0]?.what).toContain('behind the hop 10.0.0.1 is down');
});
