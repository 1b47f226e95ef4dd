import { globPattern } from '../../orders/glob.ts';
import { orderPattern } from '../../orders/selector.ts';
import { apiRoutesOf } from '../api/index.ts';
import type { ServedFilter } from '../metrics/registry.ts';
import type { Pages } from '../pages/index.ts';
import { RequestFault, type Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { healthRoutes } from './health.ts';
import { loginRoutes } from './login.ts';
import { metricsRoutes } from './metrics.ts';
import { networkRoutes } from './network.ts';
import { ownMetrics } from './own-metrics.ts';
import { probeRoutes } from './probe.ts';
import { sdRoutes } from './sd.ts';
import { summaryRoutes } from './summary.ts';

/** All that the web server has. */
export function routesOf(parts: WebParts, pages: Pages): Route[] {
	return [
		...apiRoutesOf(parts),
		...summaryRoutes(parts),
		...networkRoutes(parts),
		...loginRoutes(parts, pages.frame),
		...pages.routes,
		...healthRoutes(parts),
		...metricsRoutes(parts, () => ownMetrics(parts), filterOf),
		...probeRoutes(parts),
		...sdRoutes(parts, filterOf),
	];
}

const patternMax = 1000;

/** `orders`: a pattern of ids; `user`: a pattern of users. Undefined: all. */
function filterOf(query: URLSearchParams): ServedFilter | undefined {
	const orders = wordIn(query, 'orders');
	const user = wordIn(query, 'user');
	if (orders === null && user === null) return undefined;
	const pattern = orders === null ? null : orderPattern(orders);
	const users = user === null ? null : globPattern(user);
	return (order, pop) => (pattern?.takes(order.id, pop) ?? true) && (users?.test(order.user) ?? true);
}

function wordIn(query: URLSearchParams, name: string): string | null {
	const text = query.get(name);
	if (text === null || text === '') return null;
	if (text.length > patternMax)
		throw new RequestFault(400, `${name}: must have ${patternMax} characters at most`);
	return text;
}
