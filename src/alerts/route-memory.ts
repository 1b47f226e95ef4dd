import type { Verdict } from './verdict.ts';

type Hops = readonly (string | null)[];

/** The route that is known, and one that was seen once and may be the next. */
export interface RouteMemory {
	readonly known: Hops;
	readonly seen: Hops | null;
}

/**
 * A route has changed when the same new one is seen in two slots, one after the other. Hops that did not answer may be
 * any.
 */
export function routeAfter(
	memory: RouteMemory | null,
	route: Hops,
): { readonly memory: RouteMemory; readonly verdict: Verdict } {
	if (memory === null) return { memory: { known: route, seen: null }, verdict: 'good' };
	if (isSameRoute(memory.known, route)) return { memory: merged(memory, route), verdict: 'good' };
	if (memory.seen !== null && isSameRoute(memory.seen, route))
		return { memory: { known: route, seen: null }, verdict: 'bad' };
	return { memory: { known: memory.known, seen: route }, verdict: 'between' };
}

function isSameRoute(one: Hops, other: Hops): boolean {
	const length = Math.max(answered(one), answered(other));
	for (let at = 0; at < length; at++) {
		const [hop, otherHop] = [one[at] ?? null, other[at] ?? null];
		if (hop !== null && otherHop !== null && !shares(hop, otherHop)) return false;
	}
	return Math.abs(answered(one) - answered(other)) === 0 || isSilentEnd(one, other);
}

/** Behind a load balancer a hop is a set of addresses. */
function shares(one: string, other: string): boolean {
	if (one === other) return true;
	const others = other.split(',');
	return one.split(',').some((address) => others.includes(address));
}

/** Up to the last hop that answered. */
function answered(hops: Hops): number {
	return hops.findLastIndex((hop) => hop !== null) + 1;
}

/** One of them ends in hops that did not answer, as many as the other is longer. */
function isSilentEnd(one: Hops, other: Hops): boolean {
	const [shorter, longer] = answered(one) < answered(other) ? [one, other] : [other, one];
	return shorter.length >= answered(longer);
}

function merged(memory: RouteMemory, route: Hops): RouteMemory {
	const known = route.map((hop, at) => hop ?? memory.known[at] ?? null);
	const isAsBefore =
		memory.seen === null &&
		known.length === memory.known.length &&
		known.every((hop, at) => hop === memory.known[at]);
	return isAsBefore ? memory : { known, seen: null };
}
