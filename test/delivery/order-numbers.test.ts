import { expect, it } from 'vitest';
import { type NumberedOrder, OrderNumbers } from '../../src/delivery/order-numbers.ts';
import { identityOf } from '../../src/model/outcome.ts';
import { deliveredOrder, fullOrder } from './support/results.ts';

it('an order is told once, and again when it has changed, under another number', () => {
	const numbers = new OrderNumbers();
	const news: NumberedOrder[] = [];
	const [a, b] = [deliveredOrder('a'), deliveredOrder('b')];
	const changed = deliveredOrder('a', { tags: { site: 'x' }, task: 'what for', measurementName: 'tunnel' });
	expect([a, b, a, changed, changed, b].map((order) => numbers.numberOf(order, news))).toEqual([
		0, 1, 0, 2, 2, 1,
	]);
	expect(news.map(([number, { id, tags }]) => [number, id, tags])).toEqual([
		[0, 'a', {}],
		[1, 'b', {}],
		[2, 'a', { site: 'x' }],
	]);
	expect(news[2]?.[1]).toBe(changed);
});

it('what nobody wants has no number until it changes', () => {
	const numbers = new OrderNumbers();
	const news: NumberedOrder[] = [];
	const before = deliveredOrder('a');
	numbers.numberOf(before, news);
	const after = deliveredOrder('a');
	numbers.unwanted([0]);
	expect(numbers.numberOf(before, news)).toBe(null);
	expect(numbers.numberOf(after, news)).toBe(1);
	// What is said of the order as it was does not concern it as it is.
	numbers.unwanted([0]);
	expect(numbers.numberOf(after, news)).toBe(1);
});

it('a target with a password is told as it is shown to people', () => {
	const news: NumberedOrder[] = [];
	new OrderNumbers().numberOf(
		identityOf(fullOrder('a', { target: 'http://u:pw@h/', shownTarget: 'http://u:***@h/' })),
		news,
	);
	expect(JSON.stringify(news)).not.toContain('pw');
});

it('is wasteful when most of it stands for what orders were before', () => {
	const numbers = new OrderNumbers();
	for (let change = 0; change < 10_002; change++) numbers.numberOf(deliveredOrder('a'), []);
	expect(numbers.isWasteful).toBe(false);
	numbers.numberOf(deliveredOrder('a'), []);
	expect(numbers.isWasteful).toBe(true);
});

it('an order that is gone has no number any more', () => {
	const numbers = new OrderNumbers();
	const [a, b] = [deliveredOrder('a'), deliveredOrder('b')];
	for (const order of [a, b]) numbers.numberOf(order, []);
	expect(numbers.forget('b')).toBe(1);
	expect(numbers.forget('b')).toBeNull();
	const news: NumberedOrder[] = [];
	expect([numbers.numberOf(a, news), numbers.numberOf(b, news)]).toEqual([0, 2]);
	expect(news).toEqual([[2, b]]);
});
