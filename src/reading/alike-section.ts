import type { z } from 'zod';
import { type ReadSection, readStrict } from './strict-section.ts';
import type { Mapping } from './yaml-mapping.ts';

/** So many ways to fill in a section are remembered for each schema. */
const rememberedMost = 64;

/** By schema, then by what a section says of all but its target: what came of it, once. */
const remembered = new WeakMap<z.core.$ZodType, Map<string, object>>();

/**
 * As `readStrict`, for the section of a probe. Nearly all orders say the same of all but their target: then only the
 * target is checked, in a tenth of the time. Only where a schema looks at each key for itself.
 */
export function readAlike<T extends object>(
	schema: z.ZodType<T>,
	section: Mapping,
	name: string,
	target: keyof T & string,
): ReadSection<T> {
	const ofTarget = schemaOfKey(schema, target);
	const others = ofTarget === null ? null : textOfOthers(section, target);
	if (ofTarget === null || others === null) return readStrict(schema, section, name);
	const known = remembered.get(schema)?.get(others);
	if (known !== undefined) {
		const read = ofTarget.safeParse(section[target]);
		if (read.success) return { value: { ...(known as T), [target]: read.data } };
	}
	const read = readStrict(schema, section, name);
	if ('value' in read) remember(schema, others, read.value);
	return read;
}

/** Null: the schema may look at several keys together. */
function schemaOfKey(schema: z.core.$ZodType, key: string): z.ZodType | null {
	// Of a plug-in it may be anything that can read.
	const def = (schema as Partial<z.core.$ZodTypes>)._zod?.def;
	if (def?.type !== 'object' || (def.checks ?? []).length > 0) return null;
	return (def.shape[key] as z.ZodType | undefined) ?? null;
}

/** Null: it says more than names and numbers. */
function textOfOthers(section: Mapping, target: string): string | null {
	let text = '';
	for (const key of Object.keys(section)) {
		if (key === target) continue;
		const value = section[key];
		// JSON has no word for these.
		if (typeof value === 'number' && !Number.isFinite(value)) return null;
		if (typeof value === 'object' && value !== null) return null;
		text += `${JSON.stringify(key)}:${JSON.stringify(value)},`;
	}
	return text;
}

function remember(schema: z.core.$ZodType, others: string, value: object): void {
	let ofSchema = remembered.get(schema);
	if (ofSchema === undefined) {
		ofSchema = new Map();
		remembered.set(schema, ofSchema);
	}
	if (ofSchema.size >= rememberedMost) ofSchema.clear();
	ofSchema.set(others, value);
}
