import type { Route } from '../../model/route.ts';
import { routeSourceOf } from '../../model/route-source.ts';
import { findOrderFolder, OrderProblem } from '../../store/find-orders.ts';
import { readRoutes } from '../../store/routes-file.ts';
import type { WebParts } from '../web-parts.ts';

/** The routes of an order, oldest first, and which order traces them; null when there are none. */
export function routesOfOrder(
	parts: Pick<WebParts, 'baseDir' | 'orders' | 'probes'>,
	id: string,
): { readonly of: string; readonly routes: readonly Route[] } | null {
	const own = routesIn(parts.baseDir, id);
	if (own.length > 0) return { of: id, routes: own };
	const order = parts.orders.get(id);
	if (order === null) return null;
	const tracing = new Set([...parts.probes.values()].filter(({ route }) => route).map(({ name }) => name));
	const others = function* () {
		for (const other of parts.orders.ids()) {
			const one = parts.orders.get(other);
			if (one !== null) yield one;
		}
	};
	const of = routeSourceOf(order, others(), tracing);
	const routes = of === null ? [] : routesIn(parts.baseDir, of);
	return of === null || routes.length === 0 ? null : { of, routes };
}

function routesIn(baseDir: string, id: string): Route[] {
	try {
		const found = findOrderFolder(baseDir, id);
		return found === null ? [] : readRoutes(found.folder);
	} catch (error) {
		if (error instanceof OrderProblem) return [];
		throw error;
	}
}
