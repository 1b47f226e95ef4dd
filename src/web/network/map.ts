import { setImmediate as nextTurn } from 'node:timers/promises';
import { readHop } from '../../model/hop.ts';
import { hopChanges, type Route } from '../../model/route.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { lastFactsName, readLastFacts } from '../../store/last-facts.ts';
import { readOwnText } from '../../store/read-own-text.ts';
import { readRoutes } from '../../store/routes-file.ts';
import type { WebParts } from '../web-parts.ts';

/** How a hop does. `down`: it answered on the last good route. `different`: another one did. `slow`: it adds much. */
export type HopState = 'up' | 'down' | 'different' | 'slow';

/** Who is at a hop. */
export interface MapNode {
	readonly address: string;
	name: string | null;
	as: number | null;
	asName: string | null;
	/** The least number of hops to it. */
	distance: number;
	state: HopState;
	isTarget: boolean;
	/** How many routes go through it. */
	routes: number;
}

export interface NetworkMap {
	readonly nodes: ReadonlyMap<string, MapNode>;
	/** From one address to the next: how many routes. Hops that do not answer are left out. */
	readonly edges: ReadonlyMap<string, { readonly from: string; readonly to: string; routes: number }>;
	readonly orders: number;
	/** Not all are shown. */
	readonly isCut: boolean;
}

const nodesMax = 600;
const sliceMs = 10;
/** More than the hop before it, seconds. */
const slowSeconds = 0.05;
const keptMs = 30_000;

const kept = new WeakMap<WebParts, { readonly map: Promise<NetworkMap>; readonly atMs: number }>();

/** All routes that are kept, as one map; made anew after half a minute. */
export function networkMap(parts: WebParts): Promise<NetworkMap> {
	const before = kept.get(parts);
	if (before !== undefined && performance.now() - before.atMs < keptMs) return before.map;
	const map = mapOf(parts);
	kept.set(parts, { map, atMs: performance.now() });
	map.catch(() => kept.delete(parts));
	return map;
}

async function mapOf({ baseDir, orders }: WebParts): Promise<NetworkMap> {
	const draft = new MapDraft();
	let startedMs = performance.now();
	for (const id of orders.ids()) {
		const folder = folderOf(baseDir, id);
		if (folder !== null) draft.add(folder);
		if (performance.now() - startedMs < sliceMs) continue;
		await nextTurn();
		startedMs = performance.now();
	}
	return draft;
}

function folderOf(baseDir: string, id: string): string | null {
	try {
		return findOrderFolder(baseDir, id)?.folder ?? null;
	} catch {
		return null;
	}
}

class MapDraft implements NetworkMap {
	readonly nodes = new Map<string, MapNode>();
	readonly edges = new Map<string, { from: string; to: string; routes: number }>();
	orders = 0;
	isCut = false;

	add(folder: string): void {
		const routes = routesIn(folder);
		const now = routes.at(-1);
		if (now === undefined) return;
		this.orders++;
		const good = routes.findLast(({ reached }) => reached) ?? now;
		const changes = hopChanges(good, now);
		const slow = now.hops.map(() => false);
		for (const at of slowHops(folder, now)) slow[at] = true;
		let before: readonly string[] = [];
		for (let at = 0; at < Math.max(now.hops.length, good.hops.length); at++) {
			const change = changes[at];
			const hop = change === 'down' ? (good.hops[at] ?? null) : (now.hops[at] ?? null);
			if (hop === null) continue;
			const isLast = at === now.hops.length - 1 && now.reached;
			const state: HopState =
				change === 'down' ? 'down' : change === 'different' ? 'different' : slow[at] ? 'slow' : 'up';
			for (const [index, address] of hop.addresses.entries()) {
				const told = { name: hop.names?.[index] ?? null, as: hop.as ?? null, asName: hop.as_name ?? null };
				this.#node(address, at + 1, state, isLast, told);
				for (const from of before) this.#edge(from, address);
			}
			before = hop.addresses;
		}
	}

	#node(
		address: string,
		distance: number,
		state: HopState,
		isTarget: boolean,
		told: Pick<MapNode, 'name' | 'as' | 'asName'>,
	): void {
		const node = this.nodes.get(address);
		if (node === undefined) {
			if (this.nodes.size >= nodesMax) this.isCut = true;
			else this.nodes.set(address, { address, ...told, distance, state, isTarget, routes: 1 });
			return;
		}
		node.routes++;
		node.distance = Math.min(node.distance, distance);
		node.name ??= told.name;
		node.as ??= told.as;
		node.asName ??= told.asName;
		node.isTarget ||= isTarget;
		// What one route sees up is up.
		if (state === 'up' || node.state === 'down') node.state = node.state === 'slow' ? 'slow' : state;
	}

	#edge(from: string, to: string): void {
		if (from === to || !this.nodes.has(from) || !this.nodes.has(to)) return;
		const key = `${from} ${to}`;
		const edge = this.edges.get(key);
		if (edge === undefined) this.edges.set(key, { from, to, routes: 1 });
		else edge.routes++;
	}
}

function routesIn(folder: string): Route[] {
	try {
		return readRoutes(folder);
	} catch {
		return [];
	}
}

/** By their place: those that add much to the round-trip time of the hop before. */
function slowHops(folder: string, route: Route): number[] {
	const text = readOwnText(`${folder}/${lastFactsName}`);
	const path = (text === null ? null : readLastFacts(text))?.facts['path'];
	if (!Array.isArray(path) || path.length !== route.hops.length) return [];
	const slow: number[] = [];
	let before = 0;
	for (const [at, one] of path.entries()) {
		const median = typeof one === 'string' ? (readHop(one)?.medianSeconds ?? null) : null;
		if (median === null) continue;
		if (median - before > slowSeconds) slow.push(at);
		before = Math.max(before, median);
	}
	return slow;
}
