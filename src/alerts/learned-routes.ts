import type { KnownRoutes } from './known-routes.ts';
import type { WatchedOrder } from './order-watch.ts';

type Hops = readonly (string | null)[];

interface Source {
	readonly family: 4 | 6 | null;
	readonly hops: Hops;
}

/**
 * Learns the ways to orders, while they answer: from what they trace themselves, or, where they trace nothing, from an
 * order that traces the way to the same host.
 */
export class LearnedRoutes {
	readonly #routes: KnownRoutes;
	readonly #byHost = new Map<string, Map<string, WatchedOrder>>();
	/** By host, what orders that trace the way there have found, by their ids. */
	readonly #sources = new Map<string, Map<string, Source>>();
	/** Those that have traced their own. */
	readonly #own = new Set<string>();

	constructor(routes: KnownRoutes) {
		this.#routes = routes;
	}

	/** An order is there, or was changed. */
	add(order: WatchedOrder, before?: WatchedOrder): void {
		const { id } = order.identity;
		const host = hostOf(order);
		if (before !== undefined && (hostOf(before) !== host || before.family !== order.family))
			this.remove(before);
		const known = this.#byHost.get(host) ?? new Map<string, WatchedOrder>();
		this.#byHost.set(host, known.set(id, order));
		if (this.#own.has(id)) return;
		for (const [source, { family, hops }] of this.#sources.get(host) ?? []) {
			if (source === id || !areAlike(family, order.family)) continue;
			this.#routes.set(id, hops);
			return;
		}
	}

	remove(order: WatchedOrder): void {
		const { id } = order.identity;
		const host = hostOf(order);
		drop(this.#byHost, host, id);
		drop(this.#sources, host, id);
		this.#own.delete(id);
		this.#routes.forget(id);
	}

	/** The way to an order as it was traced for it, while it answered. */
	learn(order: WatchedOrder, hops: Hops): void {
		const { id, target } = order.identity;
		const host = hostOf(order);
		this.#own.add(id);
		this.#routes.set(id, hops);
		if (order.traces !== true || target !== host) return;
		const { family = null } = order;
		const sources = this.#sources.get(host) ?? new Map<string, Source>();
		this.#sources.set(host, sources.set(id, { family, hops }));
		for (const [other, one] of this.#byHost.get(host) ?? []) {
			if (!this.#own.has(other) && areAlike(family, one.family)) this.#routes.set(other, hops);
		}
	}
}

function hostOf({ host, identity }: WatchedOrder): string {
	return host ?? identity.target;
}

function areAlike(one: 4 | 6 | null, other: 4 | 6 | null | undefined): boolean {
	return one === null || (other ?? null) === null || one === other;
}

function drop<V>(all: Map<string, Map<string, V>>, host: string, id: string): void {
	const some = all.get(host);
	some?.delete(id);
	if (some?.size === 0) all.delete(host);
}
