import { z } from 'zod';
import { type Hop, readHop } from './hop.ts';

/** Who is at one hop of a route; several behind a load balancer. Null: nobody answered. */
export type RouteHop = {
	readonly addresses: readonly string[];
	/** By address; null where there is none. */
	readonly names?: readonly (string | null)[] | undefined;
	readonly as?: number | undefined;
	readonly as_name?: string | undefined;
} | null;

/** A line of the file `routes`: from this slot on the route was this one. */
export interface Route {
	/** Start of the slot in which it was seen first, seconds since the epoch. */
	readonly time: number;
	/** Whether the target answered. */
	readonly reached: boolean;
	readonly hops: readonly RouteHop[];
}

const hopsMax = 255;
const addressesMax = 16;
const textMax = 250;

const text = z.string().min(1).max(textMax);
const routeHop = z
	.object({
		addresses: z.array(text).min(1).max(addressesMax),
		names: z.array(text.nullable()).max(addressesMax).optional(),
		as: z.int().min(0).max(0xffff_ffff).optional(),
		as_name: text.optional(),
	})
	.nullable();

/** Of a line of the file `routes`; also what the API tells. */
export const routeSchema = z.object({
	time: z.number(),
	reached: z.boolean(),
	hops: z.array(routeHop).max(hopsMax),
});

/** Reads a line of the file `routes`. Null when it is none. Never throws. */
export function readRoute(line: string): Route | null {
	try {
		const read = routeSchema.safeParse(JSON.parse(line));
		return read.success ? read.data : null;
	} catch {
		return null;
	}
}

/** The route that a fact of kind `path` tells. `isAnswered`: whether the target answered a ping of that slot. */
export function routeOf(
	timeSeconds: number,
	path: readonly (string | null)[],
	isAnswered: boolean,
): { readonly route: Route; readonly hops: readonly (Hop | null)[] } {
	const hops = path.slice(0, hopsMax).map((one) => (typeof one === 'string' ? readHop(one) : null));
	const marks = path.some((one) => typeof one === 'string' && one.includes(' '));
	const reached = marks ? hops.some((hop) => hop?.isTarget === true) : isAnswered;
	return { route: { time: timeSeconds, reached, hops: hops.map(routeHopOf) }, hops };
}

function routeHopOf(hop: Hop | null): RouteHop {
	if (hop === null) return null;
	const addresses = hop.addresses.slice(0, addressesMax).map((one) => one.slice(0, textMax));
	const hasNames = hop.names?.some((name) => name !== null) === true;
	return {
		addresses,
		...(hasNames ? { names: hop.names?.slice(0, addresses.length) } : {}),
		...(hop.as === undefined ? {} : { as: hop.as }),
		...(hop.asName === undefined ? {} : { as_name: hop.asName }),
	};
}

/**
 * Whether two routes are one: no hop at which both answered has only others than before. A hop that does not answer
 * says nothing, and a load balancer is a set. Routes that end elsewhere differ.
 */
export function isSameRoute(
	one: Pick<Route, 'reached' | 'hops'>,
	other: Pick<Route, 'reached' | 'hops'>,
): boolean {
	if (one.reached !== other.reached) return false;
	if (one.reached && one.hops.length !== other.hops.length) return false;
	const count = Math.min(one.hops.length, other.hops.length);
	for (let at = 0; at < count; at++) {
		const [a, b] = [one.hops[at] ?? null, other.hops[at] ?? null];
		if (a !== null && b !== null && !a.addresses.some((address) => b.addresses.includes(address)))
			return false;
	}
	return one.reached || endOf(one) === endOf(other);
}

/** The last hop that answered, counted from 1. */
function endOf({ hops }: Pick<Route, 'hops'>): number {
	let end = 0;
	for (const [at, hop] of hops.entries()) if (hop !== null) end = at + 1;
	return end;
}

/** The same route with the addresses and names that are new in another sighting of it, or null when there are none. */
export function grown(route: Route, seen: Route): Route | null {
	let isGrown = false;
	const hops = route.hops.map((hop, at): RouteHop => {
		const other = seen.hops[at] ?? null;
		if (other === null) return hop;
		if (hop === null) {
			isGrown = true;
			return other;
		}
		const more = other.addresses.filter((address) => !hop.addresses.includes(address));
		if (more.length === 0 || hop.addresses.length >= addressesMax) {
			const isBare = hop.names === undefined && hop.as === undefined;
			const hasNames = other.names !== undefined || other.as !== undefined;
			if (!isBare || !hasNames || hop.addresses.join() !== other.addresses.join()) return hop;
			isGrown = true;
			return other;
		}
		isGrown = true;
		const { names: _names, ...rest } = hop;
		return { ...rest, addresses: [...hop.addresses, ...more].slice(0, addressesMax) };
	});
	return isGrown ? { ...route, hops } : null;
}

/** Whether an address is at two hops that are not neighbours: packets go in circles. */
export function hasLoop(hops: readonly RouteHop[]): boolean {
	const seen = new Map<string, number>();
	for (const [at, hop] of hops.entries()) {
		for (const address of hop?.addresses ?? []) {
			const before = seen.get(address);
			if (before !== undefined && at - before > 1) return true;
			seen.set(address, at);
		}
	}
	return false;
}

/** What has become of a hop since another route. */
export type HopChange = 'same' | 'different' | 'down' | 'new';

/** By hop of `now`: what has become of it since `before`. */
export function hopChanges(before: Pick<Route, 'hops'>, now: Pick<Route, 'hops'>): HopChange[] {
	const count = Math.max(before.hops.length, now.hops.length);
	return Array.from({ length: count }, (_, at) => {
		const [old, current] = [before.hops[at] ?? null, now.hops[at] ?? null];
		if (old === null) return current === null ? 'same' : 'new';
		if (current === null) return 'down';
		return current.addresses.some((one) => old.addresses.includes(one)) ? 'same' : 'different';
	});
}
