import { expect, test } from 'vitest';
import { wrongWithOrderId } from '../../src/model/order-id.ts';
import { readOrder } from '../../src/reading/order.ts';

test.each([
	'error',
	'main.rrd',
	'last_result/router',
	'me/errors',
	'me/main',
	'me/order',
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
])('%j cannot: another order has a file of that name', (id) => {
	expect(wrongWithOrderId(id)).toMatch(
		/which is the name of a file that pingmachine writes .* Choose another/,
	);
	expect(readOrder(id, 'user: me', new Map())).toMatchObject({
		findings: [{ message: wrongWithOrderId(id) }],
	});
});
