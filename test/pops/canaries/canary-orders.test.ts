import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { CanaryReading } from '../../../src/pops/canaries/canary-message.ts';
import { CanaryOrders } from '../../../src/pops/canaries/canary-orders.ts';

const minute = 29_500_000 * 60;
let nowSeconds: number;
let events: string[];
let outcomes: Outcome[];
beforeEach(() => {
	nowSeconds = minute + 30;
	events = [];
	outcomes = [];
});

const desk = {
	changed: ({ id, pops = [] }: { readonly id: string; readonly pops?: readonly string[] }) =>
		void events.push(`changed ${id} ${pops}`),
	outcomes: (more: readonly Outcome[]) => void outcomes.push(...more),
	gone: (id: string) => void events.push(`gone ${id}`),
};
const make = (ordersMax = 100) => new CanaryOrders({ stepSeconds: 60, ordersMax }, desk, () => nowSeconds);
const reading = (changes: Partial<CanaryReading> = {}): CanaryReading => ({
	type: 'ping',
	canary: 'c1',
	target: '192.0.2.7',
	atSeconds: minute + 5,
	rttSeconds: 0.0125,
	why: null,
	facts: { status: 'SUCCESS' },
	...changes,
});

describe('orders of canaries', () => {
	test('a message is one ping of its canary, and its order is told first', () => {
		make().take([reading()]);
		expect(events).toEqual(['changed @canary/ping/192.0.2.7 c1']);
		expect(outcomes).toHaveLength(1);
		expect(outcomes[0]).toMatchObject({
			kind: 'measured',
			pop: 'c1',
			pings: 1,
			slot: { startSeconds: minute, stepSeconds: 60 },
			order: { id: '@canary/ping/192.0.2.7', target: '192.0.2.7', probe: 'canary' },
			measurement: { loss: 0, medianSeconds: 0.0125, samples: [{ sentAtSeconds: minute + 5 }] },
		});
	});

	test('lost is loss, an error is unknown', () => {
		const { rttSeconds: _, ...untold } = reading({ atSeconds: minute - 55, why: 'no fping' });
		make().take([untold, reading({ rttSeconds: null, facts: { status: 'TIMEOUT' } })]);
		expect(outcomes[0]).toMatchObject({ kind: 'failed', reason: 'no fping', code: 'probe_failed' });
		expect(outcomes[1]).toMatchObject({
			kind: 'measured',
			measurement: { loss: 1, medianSeconds: null, facts: { loss_reason: 'TIMEOUT' } },
		});
	});

	test('doubled, older and future messages are counted and change nothing', () => {
		const orders = make();
		orders.take([reading(), reading(), reading({ atSeconds: minute - 200 })]);
		orders.take([reading({ atSeconds: minute + 200 }), reading({ canary: 'c2' })]);
		expect(outcomes.map(({ pop }) => pop)).toEqual(['c1', 'c2']);
		expect(events.at(-1)).toBe('changed @canary/ping/192.0.2.7 c1,c2');
		expect(orders.tally).toEqual({ taken: 2, doubled: 2, future: 1, tooMany: 0 });
	});

	test('there are at most so many orders, and so many canaries', () => {
		const orders = make(2);
		for (let index = 0; index < 4; index++) orders.take([reading({ target: `t${index}` })]);
		expect(orders.size).toBe(2);
		for (let index = 0; index < 40; index++) orders.take([reading({ target: 't0', canary: `c${index}x` })]);
		expect(orders.tally).toMatchObject({ taken: 20, tooMany: 24 });
	});

	test('after a day of silence an order is gone, and comes again with the next message', () => {
		const orders = make();
		orders.take([reading()]);
		nowSeconds += 86_399;
		orders.expire();
		expect(events).toHaveLength(1);
		nowSeconds += 1;
		orders.expire();
		orders.take([reading({ atSeconds: nowSeconds })]);
		expect(events.slice(1)).toEqual(['gone @canary/ping/192.0.2.7', 'changed @canary/ping/192.0.2.7 c1']);
	});

	test('so is a canary that says no more of an order that others measure, and makes room', () => {
		const orders = make(1);
		orders.take([reading(), reading({ canary: 'c2' })]);
		for (let day = 1; day <= 12; day++) {
			nowSeconds = minute + day * 86_400 + 30;
			orders.take([
				reading({ atSeconds: nowSeconds }),
				reading({ canary: `day${day}`, atSeconds: nowSeconds }),
			]);
			orders.expire();
			expect(events.at(-1)).toBe(`changed @canary/ping/192.0.2.7 c1,day${day}`);
		}
		expect(orders.tally).toMatchObject({ taken: 26, tooMany: 0 });
		expect(orders.kept().map(([, , , canaries]) => canaries.map(([canary]) => canary))).toEqual([
			['c1', 'day12'],
		]);
	});

	test('a target for which there is no room with any canary is no order', () => {
		const orders = make(2);
		for (let index = 0; index < 20; index++) orders.take([reading({ canary: `c${index}` })]);
		orders.take([reading({ target: 'other' })]);
		expect(orders.size).toBe(1);
		expect(orders.tally.tooMany).toBe(1);
	});

	test('what was kept is taken up again, and no slot is told twice', () => {
		const before = make();
		before.take([reading(), reading({ type: 'http', target: 'https://example.net/', canary: 'C 2' })]);
		const kept = JSON.parse(JSON.stringify(before.kept()));
		outcomes = [];
		const after = make();
		after.restore(kept);
		after.take([reading()]);
		expect(outcomes).toEqual([]);
		expect(after.kept()).toEqual(before.kept());
		after.take([reading({ atSeconds: minute + 60 })]);
		expect(outcomes).toHaveLength(1);
	});
});
