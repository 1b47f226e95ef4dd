import type { z } from 'zod';

/** Which keys may stand where in a mapping, as its schema says. */
export interface KeyTree {
	readonly keys: ReadonlyMap<string, KeyTree>;
	/** What stands below keys that are names, such as those of users. */
	readonly anyKey: KeyTree | null;
	readonly isList: boolean;
}

const leaf: KeyTree = { keys: new Map(), anyKey: null, isList: false };

/** The keys of a schema, also through refinements, defaults and transforms. */
export function keyTreeOf(schema: z.core.$ZodType): KeyTree {
	const { def } = (schema as z.core.$ZodTypes)._zod;
	if (def.type === 'object') {
		const entries = Object.entries(def.shape as Readonly<Record<string, z.core.$ZodType>>);
		return { ...leaf, keys: new Map(entries.map(([key, below]) => [key, keyTreeOf(below)])) };
	}
	if (def.type === 'record') return { ...leaf, anyKey: keyTreeOf(def.valueType) };
	if (def.type === 'array') return { ...leaf, isList: true };
	if (def.type === 'pipe') {
		const [before, after] = [keyTreeOf(def.in), keyTreeOf(def.out)];
		return before.keys.size > 0 || before.isList ? before : after;
	}
	return 'innerType' in def ? keyTreeOf(def.innerType) : leaf;
}

/** The same tree with other keys below one of its own. */
export function withKeys(tree: KeyTree, key: string, keys: ReadonlyMap<string, KeyTree>): KeyTree {
	return { ...tree, keys: new Map([...tree.keys, [key, { ...leaf, keys }]]) };
}

/**
 * The keys, from the root on, that a name with all of them and `_` between stands for: `web_tls_cert_file` is
 * `tls_cert_file` below `web`. Null when there is no such key.
 */
export function pathIn(
	tree: KeyTree,
	name: string,
): { readonly path: readonly string[]; readonly isList: boolean } | null {
	for (const [key, below] of tree.keys) {
		if (name === key) return { path: [key], isList: below.isList };
		const rest = name.startsWith(`${key}_`) ? pathIn(below, name.slice(key.length + 1)) : null;
		if (rest !== null) return { ...rest, path: [key, ...rest.path] };
	}
	if (tree.anyKey === null) return null;
	for (let at = name.indexOf('_', 1); at !== -1; at = name.indexOf('_', at + 1)) {
		const rest = pathIn(tree.anyKey, name.slice(at + 1));
		if (rest !== null) return { ...rest, path: [name.slice(0, at), ...rest.path] };
	}
	return null;
}

/** All names that stand for a key, without those below names of users and the like. */
export function namesIn(tree: KeyTree): string[] {
	return [...tree.keys].flatMap(([key, below]) => {
		const further = namesIn(below).map((name) => `${key}_${name}`);
		return further.length === 0 ? [key] : further;
	});
}
