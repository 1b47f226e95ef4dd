import { z } from 'zod';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { alertRoutes } from './alert-routes.ts';
import { type ApiRoute, apiRoute, routeOf } from './api-route.ts';
import { daemonRoutes } from './daemon-routes.ts';
import { eventsRoute } from './events-route.ts';
import { lastRoutes } from './history-routes.ts';
import { listOrdersRoute } from './list-orders.ts';
import { openApiOf } from './openapi.ts';
import { orderRoutes } from './order-routes.ts';
import { recordRoutes } from './record-routes.ts';
import { seriesRoute } from './series-route.ts';

/** All that is below `/api/v1`. */
export function apiRoutes(parts: WebParts): ApiRoute[] {
	const routes = [
		listOrdersRoute(parts),
		...orderRoutes(parts),
		...lastRoutes(parts),
		seriesRoute(parts),
		...recordRoutes(parts),
		...alertRoutes(parts),
		eventsRoute(parts),
		...daemonRoutes(parts),
	];
	const openApi = apiRoute({
		...{ method: 'GET', path: '/api/v1/openapi.json', query: z.strictObject({}) },
		answer: z.looseObject({ openapi: z.string() }),
		summary: 'This document',
		handle: () => document,
	});
	const document = openApiOf([...routes, openApi], parts.version);
	return [...routes, openApi];
}

/** What pages load, which who may see pages may have: without a token where `public:` says `pages`. */
const forPages = new Set(['/api/v1/orders/:id/histograms', '/api/v1/events']);

/** The same, as the server takes them; those that pages load also below `/pages`. */
export function apiRoutesOf(parts: WebParts): Route[] {
	return apiRoutes(parts).flatMap((route) => {
		const own = routeOf(route);
		if (!forPages.has(route.path)) return [own];
		return [own, { ...own, path: route.path.replace('/api/v1', '/pages'), part: 'pages' }];
	});
}
