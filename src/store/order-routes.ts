import { isList } from '../model/facts.ts';
import { grown, isSameRoute, type Route, routeOf } from '../model/route.ts';
import type { LiveOrder } from './live-order.ts';
import { addRoute, readLastRoute, routesName } from './routes-file.ts';
import type { StoreTools } from './store-tools.ts';
import type { StoredMeasurement } from './stored-measurement.ts';

/** The files `routes` of orders: a line of JSON for each route, written when another one was seen in two slots. */
export class OrderRoutes {
	readonly #tools: StoreTools;

	constructor(tools: StoreTools) {
		this.#tools = tools;
	}

	/** There is a measurement: what of its route is news. */
	measured(
		folder: string,
		live: LiveOrder,
		{ orderId, startSeconds, facts, received }: StoredMeasurement,
	): void {
		if (live.pathFact === null || !Object.hasOwn(facts, live.pathFact)) return;
		const path = facts[live.pathFact];
		if (path === undefined || !isList(path)) return;
		try {
			live.route ??= { current: readLastRoute(folder), candidate: null };
			const texts = path.map((hop) => (typeof hop === 'string' ? hop : null));
			const { route } = routeOf(startSeconds, texts, received.length > 0);
			this.#take(folder, live.route, route);
		} catch (error) {
			const path = `${this.#tools.folders.output}/${orderId}/${routesName}`;
			this.#tools.complaints.failed('cannot write', path, error);
		}
	}

	#take(folder: string, state: NonNullable<LiveOrder['route']>, seen: Route): void {
		const { current, candidate } = state;
		if (current === null) {
			this.#write(folder, state, seen, false);
			return;
		}
		if (isSameRoute(current, seen)) {
			state.candidate = null;
			const more = grown(current, seen);
			if (more !== null) this.#write(folder, state, more, true);
			return;
		}
		if (candidate === null || !isSameRoute(candidate, seen)) {
			state.candidate = seen;
			return;
		}
		this.#write(folder, state, grown(candidate, seen) ?? candidate, false);
	}

	#write(folder: string, state: NonNullable<LiveOrder['route']>, route: Route, replacesLast: boolean): void {
		addRoute(folder, route, replacesLast);
		state.current = route;
		state.candidate = null;
	}
}
