import type { Sent } from './trace-sent.ts';

/** A question to a router that others may take over. */
export interface Ask {
	readonly router: string;
	readonly sent: Sent;
}

/** Routers answer about so often, and many no more often. */
const restMs = 1000;
const asksMax = 100_000;

/** Who was asked last, and when: a router that many targets share is asked once a second. */
export class RouterAsks {
	readonly #last = new Map<string, Ask>();

	/** The last question to it, unless it was too long ago. */
	recent(router: string, nowMs: number): Ask | null {
		const ask = this.#last.get(router);
		return ask !== undefined && nowMs - ask.sent.sentMs < restMs ? ask : null;
	}

	note(router: string, sent: Sent): void {
		const before = this.#last.get(router);
		if (before !== undefined && before.sent.sentMs > sent.sentMs) return;
		this.#last.delete(router);
		this.#last.set(router, { router, sent });
		const [oldest] = this.#last.keys();
		if (this.#last.size > asksMax && oldest !== undefined) this.#last.delete(oldest);
	}
}

/** So many targets must have the same router at a hop, and none another, for it to be taken for that of a new one. */
const agreeingLeast = 20;

/** The first hops that all targets have in common. */
export class Trunk {
	readonly #hops = new Map<number, { readonly router: string; count: number; isMixed: boolean }>();

	/** A target was seen to have this router at this hop. */
	note(ttl: number, router: string): void {
		const hop = this.#hops.get(ttl);
		if (hop === undefined) this.#hops.set(ttl, { router, count: 1, isMixed: false });
		else if (hop.router === router) hop.count++;
		else hop.isMixed = true;
	}

	at(ttl: number, firstHop: number): string | null {
		for (let before = firstHop; before < ttl; before++) if (!this.#agrees(before)) return null;
		return this.#agrees(ttl) ? (this.#hops.get(ttl)?.router ?? null) : null;
	}

	#agrees(ttl: number): boolean {
		const hop = this.#hops.get(ttl);
		return hop !== undefined && !hop.isMixed && hop.count >= agreeingLeast;
	}
}

/** What was known of the way to a target when it was traced last. */
export interface KnownWay {
	/** Which hop the target is; else the last one that answered. */
	length: number;
	reached: boolean;
	/** By hop: its router, if it has one alone. */
	readonly routers: Map<number, string>;
	/** By hop: when this target itself had an answer of it, monotonic milliseconds. */
	readonly verifiedMs: Map<number, number>;
}

const waysMax = 50_000;

/** From one slot to the next. */
export class KnownWays {
	readonly #ways = new Map<string, KnownWay>();

	take(key: string): KnownWay | null {
		const way = this.#ways.get(key) ?? null;
		this.#ways.delete(key);
		return way;
	}

	keep(key: string, way: KnownWay): void {
		this.#ways.set(key, way);
		const [oldest] = this.#ways.keys();
		if (this.#ways.size > waysMax && oldest !== undefined) this.#ways.delete(oldest);
	}
}
