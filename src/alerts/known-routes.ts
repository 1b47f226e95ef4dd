type Hops = readonly (string | null)[];

/** The last good routes of orders, to name the first common hop that died. */
export class KnownRoutes {
	readonly #routes = new Map<string, readonly string[]>();
	/** By hop, the orders behind it. */
	readonly #behind = new Map<string, Set<string>>();

	/** The route to an order that answers. Its last hop is the target itself, which is on the way to nobody. */
	set(id: string, hops: Hops): void {
		// Of a load balancer the first address stands for all.
		const way = hops
			.slice(0, -1)
			.filter((hop) => hop !== null)
			.map((hop) => hop.split(',', 1)[0] ?? hop);
		const before = this.#routes.get(id);
		if (before !== undefined && before.length === way.length && before.every((hop, at) => hop === way[at]))
			return;
		this.forget(id);
		this.#routes.set(id, way);
		for (const hop of new Set(way)) {
			const behind = this.#behind.get(hop) ?? new Set();
			this.#behind.set(hop, behind.add(id));
		}
	}

	forget(id: string): void {
		for (const hop of new Set(this.#routes.get(id) ?? [])) {
			const behind = this.#behind.get(hop);
			behind?.delete(id);
			if (behind?.size === 0) this.#behind.delete(hop);
		}
		this.#routes.delete(id);
	}

	/** The hops on the way to an order, the nearest first. */
	way(id: string): readonly string[] {
		return this.#routes.get(id) ?? [];
	}

	/** The orders behind a hop. */
	behind(hop: string): ReadonlySet<string> {
		return this.#behind.get(hop) ?? nobody;
	}
}

const nobody: ReadonlySet<string> = new Set();
