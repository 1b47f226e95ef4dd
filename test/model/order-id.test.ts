import { expect, test } from 'vitest';
import { isInTheWay, wrongWithNewOrderId, wrongWithOrderId } from '../../src/model/order-id.ts';
import { readOrder } from '../../src/reading/order.ts';

test.each([
	'error',
	'main.rrd',
	'last_result/router',
	'me/errors',
	'me/main',
	'me/orders',
	'order',
	'events/router',
	'@hub/router',
	'@canary/gateway/ping',
	'me/router@home',
	'me/last_result.old',
	'me/router.rrd',
])('%s can be the id of an order', (id) => {
	expect(wrongWithOrderId(id)).toBeNull();
});

test.each([
	'me/error',
	'me/last_result',
	'me/last_result/router',
	'a/b/main.rrd',
	'me/main.corrupted.20261121T080000Z.rrd',
	'me/main.\n.rrd',
	'me/mainly.rrd',
	'me/last_facts',
	'me/order',
	'me/histograms',
	'me/slots/router',
	'me/events',
	'me/routes',
	'me/alerts/router',
	'@hub/error',
])('%j cannot: another order has a file of that name', (id) => {
	expect(wrongWithOrderId(id)).toMatch(
		/which is the name of a file that pingmachine writes .* Choose another/,
	);
	expect(readOrder(id, 'user: me', new Map())).toMatchObject({
		findings: [{ message: wrongWithOrderId(id) }],
	});
});

test.each(['@me/router', '@', 'me/@router', '@hub/@pop', '@hubs/router', 'me/@hub/x'])(
	'%s cannot: the name is one of ours',
	(id) => {
		expect(wrongWithOrderId(id)).toMatch(
			/^its path has @\w* in it, and names that begin with @ are .* Choose another/,
		);
	},
);

test('what pingmachine writes itself is for nobody else to add', () => {
	expect(wrongWithNewOrderId('@hub/router')).toContain("pingmachine's own");
	expect(wrongWithNewOrderId('@canary')).toContain("pingmachine's own");
	expect(wrongWithNewOrderId('me/router')).toBeNull();
});

test('the folder of an order with a name of ours is in the way of another, unless it is at the top', () => {
	expect(['me/@pop', 'me/error', 'me/slots/x'].filter(isInTheWay)).toHaveLength(3);
	expect(['@me', '@me/router', 'error', 'me/router'].filter(isInTheWay)).toEqual([]);
});
