import { CORE_SCHEMA } from 'js-yaml';
import { describeFindingIn } from '../model/findings.ts';
import { nearest } from '../model/nearest.ts';
import type { OrderFinding } from '../model/order.ts';
import { printable } from '../model/printable.ts';
import { loadBounded } from '../reading/yaml-keys.ts';
import { isMapping, type Mapping } from '../reading/yaml-mapping.ts';
import { type KeyTree, namesIn, pathIn } from './key-tree.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A config mapping in which variables of the environment have been put. */
export interface Filled {
	readonly mapping: Mapping;
	/** Where texts came from, by the key as findings write it (`web.listen`, `sinks[0].url`): the name of the variable. */
	readonly origins: ReadonlyMap<string, string>;
	readonly findings: readonly OrderFinding[];
}

const prefix = 'PINGMACHINE_';
/** What is no key of the config: for the command line, and between processes of ours. */
const otherNames = /^PINGMACHINE_(?:BASEDIR$|CONFIG_FD$|TEST|BENCH|FRESH)/;
/** `${NAME}`, `${NAME:-what holds without it}`, and `$${` for a plain `${`. */
const references = /\$(\$\{|\{([A-Za-z_][A-Za-z0-9_]{0,200})(?::-([^}]*))?\})/g;
const textMax = 1024 * 1024;

/**
 * Puts the values of `PINGMACHINE_<KEY>` over those of the file, and those of `${NAME}` into its texts. An empty
 * variable counts as none. All values are texts, but for lists; `withTyped` makes of them what YAML would.
 */
export function fill(written: Mapping, environment: Environment, tree: KeyTree): Filled {
	const origins = new Map<string, string>();
	const findings: OrderFinding[] = [];
	const mapping = replaced(written, '', { environment, origins, findings }) as Record<string, unknown>;
	for (const [name, text = ''] of Object.entries(environment)) {
		if (!name.startsWith(prefix) || otherNames.test(name) || text === '') continue;
		const found = pathIn(tree, name.slice(prefix.length).toLowerCase());
		if (found === null) findings.push({ key: name, message: unknownName(name, tree) });
		else if (text.length > textMax)
			findings.push({ key: name, message: 'is longer than a megabyte. Make it shorter' });
		else put(mapping, found.path, found.isList ? listOf(text) : text, name, { origins, findings });
	}
	return { mapping, origins, findings };
}

/** With these values as YAML would read their text: a number, true, a list. */
export function withTyped({ mapping }: Filled, keys: readonly string[]): Mapping {
	const wanted = new Set(keys);
	const type = (value: unknown, key: string): unknown => {
		if (typeof value === 'string') return wanted.has(key) ? typed(value) : value;
		return mapValues(value, key, type);
	};
	return type(mapping, '') as Mapping;
}

/** One line for the user, with the file, or with the variable that the value came from. */
export function describeConfigFinding(
	file: string | undefined,
	finding: OrderFinding,
	origins: Filled['origins'],
): string {
	const { key = '', message } = finding;
	const name = key.startsWith(prefix) ? key : originOf(key, origins);
	if (name === undefined) return describeFindingIn(file ?? '', finding);
	return `${printable(name)}: ${key === name ? '' : `${key}: `}${message}`;
}

/** The variable of a value, also for a key within it. */
function originOf(key: string, origins: Filled['origins']): string | undefined {
	for (const [at, name] of origins) {
		if (key === at || key.startsWith(`${at}.`) || key.startsWith(`${at}[`)) return name;
	}
	return undefined;
}

function typed(text: string): unknown {
	try {
		return loadBounded(text, CORE_SCHEMA);
	} catch {
		return text;
	}
}

/** As YAML, or with commas between. */
function listOf(text: string): unknown {
	const value = typed(text);
	return Array.isArray(value) || isMapping(value) ? value : text.split(',').map((one) => one.trim());
}

function unknownName(name: string, tree: KeyTree): string {
	const near = nearest(name.slice(prefix.length).toLowerCase(), namesIn(tree));
	const hint = near === null ? 'Remove it' : `Did you mean ${prefix}${near.toUpperCase()}?`;
	return `stands for no key of the config. ${hint}`;
}

interface Into {
	readonly origins: Map<string, string>;
	readonly findings: OrderFinding[];
}

function put(
	root: Record<string, unknown>,
	path: readonly string[],
	value: unknown,
	name: string,
	into: Into,
): void {
	let place = root;
	for (const [depth, key] of path.slice(0, -1).entries()) {
		const below = place[key] ?? {};
		if (!isMapping(below)) {
			const at = path.slice(0, depth + 1).join('.');
			const message = `cannot be put below ${at}:, which is no mapping in the file. Say it there`;
			into.findings.push({ key: name, message });
			return;
		}
		const copy = { ...below };
		place[key] = copy;
		place = copy;
	}
	place[path.at(-1) ?? ''] = value;
	into.origins.set(path.join('.'), name);
}

function replaced(value: unknown, key: string, into: Into & { readonly environment: Environment }): unknown {
	if (typeof value !== 'string') return mapValues(value, key, (below, at) => replaced(below, at, into));
	return value.replace(references, (whole, _inner, name: string | undefined, usual: string | undefined) => {
		if (name === undefined) return '${';
		const text = into.environment[name] || usual;
		if (text === undefined) {
			const message = `there is no ${printable(name)} in the environment. Set it, or write $\${ for a plain \${`;
			into.findings.push({ key, message });
			return whole;
		}
		into.origins.set(key, name);
		return text;
	});
}

function mapValues(value: unknown, key: string, map: (value: unknown, key: string) => unknown): unknown {
	if (Array.isArray(value)) return value.map((one, at) => map(one, `${key}[${at}]`));
	if (!isMapping(value)) return value;
	const entries = Object.entries(value);
	return Object.fromEntries(
		entries.map(([name, one]) => [name, map(one, key === '' ? name : `${key}.${name}`)]),
	);
}
