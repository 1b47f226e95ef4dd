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
	/** Most hosts have one order: lists take little room. */
	readonly #byHost = new Map<string, WatchedOrder[]>();
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
		const known = this.#byHost.get(host);
		const at = known?.findIndex((one) => one.identity.id === id) ?? -1;
		if (known === undefined) this.#byHost.set(host, [order]);
		else if (at < 0) known.push(order);
		else known[at] = order;
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
		const left = this.#byHost.get(host)?.filter((one) => one.identity.id !== id) ?? [];
		if (left.length > 0) this.#byHost.set(host, left);
		else this.#byHost.delete(host);
		const sources = this.#sources.get(host);
		sources?.delete(id);
		if (sources?.size === 0) this.#sources.delete(host);
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
		for (const { identity, family: other } of this.#byHost.get(host) ?? []) {
			if (!this.#own.has(identity.id) && areAlike(family, other)) this.#routes.set(identity.id, hops);
		}
	}
}

function hostOf({ host, identity }: WatchedOrder): string {
	return host ?? identity.target;
}

function areAlike(one: 4 | 6 | null, other: 4 | 6 | null | undefined): boolean {
	return one === null || (other ?? null) === null || one === other;
}
