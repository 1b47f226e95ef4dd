import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Order } from '../../model/order.ts';
import { identityOf } from '../../model/outcome.ts';
import { infoLabels } from '../metrics/order-labels.ts';
import { probedAs } from '../metrics/probed-as.ts';
import type { ServedFilter } from '../metrics/registry.ts';
import { head } from '../server/answers.ts';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

/** So many orders a piece: a millisecond or two. */
const ordersInPiece = 200;

/** `GET /sd`: the orders and their tags, for Prometheus' `http_sd_configs`. */
export function sdRoutes(
	{ registry }: WebParts,
	filterOf: (query: URLSearchParams) => ServedFilter | undefined,
): Route[] {
	return [
		{
			...{ method: 'GET', path: '/sd', part: 'sd', scope: 'read' },
			handle: async ({ request, response, query }) => {
				const orders = [...registry.orders(filterOf(query))];
				head(response, 200, { 'content-type': 'application/json; charset=utf-8' });
				if (request.method === 'HEAD') response.end();
				else await pipeline(Readable.from(pieces(orders)), response);
			},
		},
	];
}

async function* pieces(orders: readonly Order[]): AsyncGenerator<string> {
	yield '[';
	for (let at = 0; at < orders.length; at += ordersInPiece) {
		const groups = orders.slice(at, at + ordersInPiece).map((order) => JSON.stringify(groupOf(order)));
		yield `${at === 0 ? '' : ','}\n${groups.join(',\n')}`;
		await nextTurn();
	}
	yield '\n]\n';
}

/** `__param_...` are what `GET /probe` is asked with: here, or of a blackbox_exporter. */
function groupOf(order: Order) {
	const identity = identityOf(order);
	const labels = infoLabels(identity, order.stepSeconds).pairs;
	return {
		targets: [identity.target],
		labels: Object.fromEntries([
			...labels,
			['__param_target', probedAs(order)],
			['__param_module', identity.probe],
		]),
	};
}
