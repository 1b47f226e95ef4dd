import type { Route } from './route.ts';

export interface FoundRoute {
	readonly route: Route;
	/** The parts that the route names. */
	readonly path: Readonly<Record<string, string>>;
}

/** Finds the route of a path by its parts, in steps that do not grow with the number of routes. */
export class PathTable {
	readonly #root = newNode();

	constructor(routes: readonly Route[]) {
		for (const route of routes) {
			let node = this.#root;
			for (const part of partsOf(route.path)) {
				const key = part.startsWith(':') ? ':' : part;
				let next = node.next.get(key);
				if (next === undefined) {
					next = newNode();
					node.next.set(key, next);
				}
				node = next;
			}
			if (node.routes.some(({ method, isPage }) => method === route.method && isPage === route.isPage))
				throw new Error(`two routes for ${route.method} ${route.path}`);
			node.routes.push(route);
		}
	}

	/** What is at a path, for each method; empty when there is nothing. Null when a part is not encoded rightly. */
	find(path: string): readonly FoundRoute[] | null {
		let node = this.#root;
		const values: string[] = [];
		for (const part of partsOf(path)) {
			const fixed = node.next.get(part);
			// A path that is written with a colon is no pattern.
			const next = fixed !== undefined && part !== ':' ? fixed : node.next.get(':');
			if (next === undefined) return [];
			if (next !== fixed) {
				const value = decoded(part);
				if (value === null) return null;
				values.push(value);
			}
			node = next;
		}
		return node.routes.map((route) => ({ route, path: named(route, values) }));
	}
}

interface Node {
	readonly next: Map<string, Node>;
	readonly routes: Route[];
}

function newNode(): Node {
	return { next: new Map(), routes: [] };
}

function partsOf(path: string): string[] {
	return path.split('/').slice(1);
}

function named({ path }: Route, values: readonly string[]): Readonly<Record<string, string>> {
	const names = partsOf(path).filter((part) => part.startsWith(':'));
	return Object.fromEntries(names.map((name, at) => [name.slice(1), values[at] ?? '']));
}

function decoded(part: string): string | null {
	try {
		return decodeURIComponent(part);
	} catch {
		return null;
	}
}
