import type { z } from 'zod';
import { nearest } from '../model/nearest.ts';
import type { OrderFinding } from '../model/order.ts';
import { excerpt } from '../model/printable.ts';
import { missing, plainWords } from './plain-words.ts';
import { isMapping } from './yaml-mapping.ts';

/** What a schema makes of a section, or what is wrong with it. */
export type ReadSection<T> = { readonly value: T } | { readonly findings: readonly OrderFinding[] };

/**
 * Checks a section of an order or of the config file against its schema. Known options without a value count as not
 * given: programs that write YAML write `~` for what they do not have. What a schema says in its own words
 * (`error`) is kept; zod's words are replaced by plainer ones.
 *
 * @param name what the keys in the findings begin with; empty for the root
 * @param alsoKnown keys that may stand there too and are read elsewhere: what was meant by a slip may be one of them
 */
export function readStrict<T>(
	schema: z.ZodType<T>,
	section: unknown,
	name: string,
	alsoKnown: readonly string[] = [],
): ReadSection<T> {
	const known = new Map<string, readonly string[]>();
	const result = schema.safeParse(withoutEmpty(section, schema), {
		error: (issue) => {
			if (issue.code === 'unrecognized_keys' && issue.schema !== undefined) {
				const path = issue.path ?? [];
				known.set(keyOf(name, path), [...keysOf(issue.schema), ...(path.length === 0 ? alsoKnown : [])]);
			}
			return plainWords(issue, asWritten(section, issue));
		},
	});
	if (result.success) return { value: result.data };
	const { issues } = result.error;
	const strays = issues.flatMap((issue) => {
		if (issue.code !== 'unrecognized_keys') return [];
		const section = keyOf(name, issue.path);
		return straysOf(section, issue.keys, known.get(section) ?? []);
	});
	// `hots` is the `host` that is missing: one fault, one finding.
	const meant = new Set(strays.map((stray) => stray.meant));
	const others = issues
		.filter((issue) => issue.code !== 'unrecognized_keys')
		.filter((issue) => issue.message !== missing || !meant.has(keyOf(name, issue.path)))
		.map((issue) => findingOf(issue, name));
	return { findings: [...others, ...strays.map((stray) => stray.finding)] };
}

/** What the user wrote; NaN is what a schema may have made of text that is no number. */
function asWritten(section: unknown, { path = [], input }: z.core.$ZodRawIssue): unknown {
	const [key] = path;
	if (!Number.isNaN(input) || !isMapping(section) || path.length !== 1) return input;
	return section[String(key)];
}

function findingOf({ path, message }: z.core.$ZodIssue, name: string): OrderFinding {
	const key = keyOf(name, path);
	if (key === '') return { message };
	if (message !== missing) return { key, message };
	const section = keyOf(name, path.slice(0, -1));
	const place = section === '' ? '' : ` below ${section}:, indented`;
	return { key, message: `${missing}. Write ${String(path.at(-1))}:${place}` };
}

function withoutEmpty(section: unknown, schema: z.core.$ZodType): unknown {
	if (!isMapping(section)) return section;
	const entries = Object.entries(section);
	if (entries.every(([, value]) => value !== null)) return section;
	const known = new Set(keysOf(schema));
	return Object.fromEntries(entries.filter(([key, value]) => value !== null || !known.has(key)));
}

/** The keys that an object schema knows, also through refinements, defaults and transforms. */
export function keysOf(schema: z.core.$ZodType): string[] {
	const { def } = (schema as z.core.$ZodTypes)._zod;
	if (def.type === 'object') return Object.keys(def.shape);
	if (def.type === 'pipe') return [...keysOf(def.in), ...keysOf(def.out)];
	return 'innerType' in def ? keysOf(def.innerType) : [];
}

interface Stray {
	readonly finding: OrderFinding;
	/** The key that was probably meant. */
	readonly meant: string | null;
}

/** So many unknown options are told one by one: a file can hold thousands, and each takes its time. */
const straysMax = 20;

function straysOf(section: string, keys: readonly string[], known: readonly string[]): Stray[] {
	const strays = keys.slice(0, straysMax).map((key) => strayOf(section, key, known));
	const more = keys.length - straysMax;
	if (more <= 0) return strays;
	const finding = {
		...(section === '' ? {} : { key: section }),
		message: `${more} more unknown options. Remove them`,
	};
	return [...strays, { finding, meant: null }];
}

function strayOf(section: string, key: string, known: readonly string[]): Stray {
	const near = nearest(key, known);
	return {
		finding: { key: keyOf(section, [key]), message: unknownOption(known, near) },
		meant: near === null ? null : keyOf(section, [near]),
	};
}

function unknownOption(known: readonly string[], near: string | null): string {
	if (near !== null) return `unknown option. Did you mean ${near}?`;
	return known.length === 0 ? 'unknown option. Remove it' : `unknown option. Known: ${known.join(', ')}`;
}

/** `fping.host`, `codes[0]`. */
function keyOf(section: string, path: readonly PropertyKey[]): string {
	let key = section;
	for (const part of path) {
		if (typeof part === 'number') key += `[${part}]`;
		else key += `${key === '' ? '' : '.'}${excerpt(String(part))}`;
	}
	return key;
}
