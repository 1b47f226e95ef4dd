import { expect, test } from 'vitest';
import type { Order } from '../../src/model/order.ts';
import { identityOf, measured } from '../../src/model/outcome.ts';
import { outcomeToJson } from '../../src/outcomes/outcome-json.ts';
import { choose } from '../../src/pops/hub/choose.ts';
import { Intake } from '../../src/pops/hub/intake.ts';

const order = {
	id: 'a',
	user: 'u',
	probe: 'icmp',
	target: 'x',
	stepSeconds: 10,
	pings: 1,
	tags: {},
} as unknown as Order;
const nowSeconds = 1_800_000_000;
const json = (startSeconds: number, more: object = {}) => ({
	...outcomeToJson(
		measured(identityOf(order), { startSeconds, stepSeconds: 10 }, 1, [
			{ sentAtSeconds: startSeconds + 1, rttSeconds: 0.01 },
		]),
	),
	...more,
});

test('takes each slot of what was asked once', () => {
	const intake = new Intake({
		askedOf: (id) => (id === 'a' ? { order, pops: ['zrh'] } : null),
		nowSeconds: () => nowSeconds,
	});
	expect(intake.take('zrh', [json(nowSeconds)])).toBe(null);
	intake.knows('a/@zrh', nowSeconds - 30);
	const taken = intake.take('zrh', [
		...[
			json(nowSeconds - 20, { pop: 'fra', order: { ...json(0).order, user: 'root' } }),
			json(nowSeconds - 20),
			json(nowSeconds - 30),
			json(nowSeconds + 60),
		],
		...[json(nowSeconds + 70), json(nowSeconds, { step: 20 }), json(nowSeconds - 5), { v: 1 }, null],
		json(nowSeconds, { order: { ...json(0).order, id: 'b' } }),
	]);
	expect(taken?.tally).toEqual({ taken: 2, doubled: 2, refused: 5, future: 1 });
	expect(intake.take('fra', [json(nowSeconds)])?.tally.refused).toBe(1);
	// Who measures has no say in whose order it is.
	expect(taken?.outcomes[0]).toMatchObject({ pop: 'zrh', order: { id: 'a', user: 'u' } });
});

test('any of some: those who are there, and no more moves than needed', () => {
	const pops = ['a', 'b', 'c', 'd'].map((name) => ({ name, labels: {}, place: null }));
	const ids = Array.from({ length: 100 }, (_, at) => `order${at}`);
	const where = { here: false, any: 2 };
	const before = new Map(ids.map((id) => [id, choose(id, where, pops, [], () => false)]));
	const lost = new Map(
		ids.map((id) => [id, choose(id, where, pops, before.get(id) ?? [], (pop) => pop === 'a')]),
	);
	for (const id of ids) {
		const [one, other] = [before.get(id) ?? [], lost.get(id) ?? []];
		expect(other).toHaveLength(2);
		if (!one.includes('a')) expect(other).toEqual(one);
		else expect(other.filter((pop) => one.includes(pop))).toHaveLength(1);
		// It comes back, and its orders do not, at once.
		expect(choose(id, where, pops, other, () => false)).toEqual(other);
	}
	expect(new Set([...before.values()].flat()).size).toBe(4);
	expect(choose('x', where, pops.slice(0, 1), [], () => true)).toEqual(['a']);
});
