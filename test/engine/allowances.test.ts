import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Allowances, type Claim } from '../../src/engine/allowances.ts';
import type { Order } from '../../src/model/order.ts';
import { noLimits, type UserLimits } from '../../src/model/user-limits.ts';

function claimOf(id: string, more: Partial<Claim> & { pings?: number; batchKey?: string } = {}): Claim {
	const { uid = 1000, diskBytes = 10, textBytes = 100, pings = 5, batchKey = 'a' } = more;
	const order = { id, pings, stepSeconds: 10, batchKey } as Order;
	return { uid, order, diskBytes, textBytes };
}

function allowing(limits: Partial<UserLimits>): Allowances {
	return new Allowances(
		(uid) => (uid === 0 ? noLimits : { ...noLimits, ...limits }),
		(uid) => `u${uid}`,
	);
}

test.each<[string, Partial<UserLimits>, string]>([
	['orders', { orders: 2 }, '2 orders. Remove others, or have orders: below limits:'],
	['pings', { pingsPerSecond: 1 }, 'orders of 1 pings a second'],
	['disk', { diskBytes: 20 }, 'orders whose main.rrd and history take 20 bytes'],
	['text', { textBytes: 200 }, 'order files of 200 bytes'],
])('%s: what is more than a user may have is refused until there is room', (_what, limits, words) => {
	const allowances = allowing(limits);
	expect(allowances.claim(claimOf('a'))).toBeNull();
	expect(allowances.claim(claimOf('b'))).toBeNull();
	// The same order again takes its own place.
	expect(allowances.claim(claimOf('b'))).toBeNull();
	const wrong = allowances.claim(claimOf('c'));
	expect(wrong).toMatch(/^too much: the user u1000, to whom the file belongs, may have /);
	expect(wrong).toContain(words);
	expect(allowances.claim(claimOf('d'))).toBe(wrong);
	expect(allowances.claim(claimOf('other', { uid: 1001 }))).toBeNull();
	for (let i = 0; i < 10; i++) expect(allowances.claim(claimOf(`root${i}`, { uid: 0 }))).toBeNull();
	expect(allowances.takeFitting()).toEqual([]);
	allowances.forget('a');
	expect(allowances.takeFitting()).toEqual(['c']);
	expect(allowances.claim(claimOf('c'))).toBeNull();
	expect(allowances.takeFitting()).toEqual([]);
	// The file of the one that waits goes: nobody is waked for it.
	allowances.forget('d');
	allowances.forget('b');
	expect(allowances.takeFitting()).toEqual([]);
});

test('batches: orders that can share a run count once', () => {
	const allowances = allowing({ batches: 2 });
	for (const [index, batchKey] of ['a', 'a', 'b', 'a', 'b'].entries())
		expect(allowances.claim(claimOf(`o${index}`, { batchKey }))).toBeNull();
	expect(allowances.claim(claimOf('new', { batchKey: 'c' }))).toContain('in 2 ways');
	allowances.forget('o2');
	expect(allowances.takeFitting()).toEqual([]);
	allowances.forget('o4');
	expect(allowances.takeFitting()).toEqual(['new']);
});

test('higher limits let in what was refused, lower ones throw nothing out', () => {
	const allowances = allowing({ orders: 1 });
	expect(allowances.claim(claimOf('a'))).toBeNull();
	expect(allowances.claim(claimOf('b'))).not.toBeNull();
	expect(allowances.claim(claimOf('c'))).not.toBeNull();
	allowances.limitsOf = () => ({ ...noLimits, orders: 2 });
	expect(allowances.takeFitting()).toEqual(['b']);
	expect(allowances.claim(claimOf('b'))).toBeNull();
	allowances.limitsOf = () => ({ ...noLimits, orders: 0 });
	expect(allowances.takeFitting()).toEqual([]);
	expect(allowances.claim(claimOf('b'))).not.toBeNull();
});

test('whatever comes and goes, nobody has more than allowed, and all can be had when all is gone', () => {
	const step = fc.record({
		id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
		uid: fc.constantFrom(1, 2),
		pings: fc.integer({ min: 1, max: 9 }),
		batchKey: fc.constantFrom('x', 'y', 'z'),
		isGone: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const limits = { ...noLimits, orders: 3, pingsPerSecond: 1.2, batches: 2 };
			const allowances = new Allowances(() => limits, String);
			const has = new Map<string, Claim>();
			for (const { id, isGone, ...more } of steps) {
				const claim = claimOf(id, more);
				if (isGone) allowances.forget(id);
				if (isGone || allowances.claim(claim) !== null) has.delete(id);
				else has.set(id, claim);
				for (const uid of [1, 2]) {
					const own = [...has.values()].filter((one) => one.uid === uid);
					expect(own.length).toBeLessThanOrEqual(3);
					const pings = own.reduce((sum, { order }) => sum + order.pings / order.stepSeconds, 0);
					expect(pings).toBeLessThanOrEqual(1.2001);
					expect(new Set(own.map(({ order }) => order.batchKey)).size).toBeLessThanOrEqual(2);
				}
			}
			for (const id of 'abcde') allowances.forget(id);
			for (const id of 'abc') expect(allowances.claim(claimOf(id, { pings: 4 }))).toBeNull();
		}),
	);
});
