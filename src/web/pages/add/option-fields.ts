import { z } from 'zod';
import type { AnyProbe } from '../../../model/probe.ts';
import { optionValue } from '../../../orders/lists/text.ts';
import { isMapping, readMapping } from '../../../reading/yaml-mapping.ts';

/** A field of a form, made from an option of a probe. */
export interface OptionField {
	/** The option. */
	readonly key: string;
	readonly kind: 'text' | 'choice' | 'lines' | 'block';
	/** What can be chosen. */
	readonly choices: readonly string[];
	readonly isRequired: boolean;
	/** What may stand there, in words; empty where the schema does not say. */
	readonly hint: string;
}

/** What JSON Schema says of one property, as far as a form can use it. */
interface Property {
	readonly type?: string | readonly string[];
	readonly enum?: readonly unknown[];
	readonly items?: Property;
	readonly properties?: Readonly<Record<string, Property>>;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly default?: unknown;
}

const known = new WeakMap<AnyProbe, readonly OptionField[]>();

/** The options of a probe as fields, in the order of its schema. That of the target is the first. */
export function optionFields(probe: AnyProbe): readonly OptionField[] {
	let fields = known.get(probe);
	if (fields === undefined) {
		const properties = schemaOf(probe, 'input');
		const later = schemaOf(probe, 'output');
		const required = requiredOf(probe);
		fields = Object.entries(properties)
			.map(([key, property]) => {
				const said = isSilent(property) ? (later[key] ?? property) : property;
				return fieldOf(key, said, required.has(key));
			})
			.sort((a, b) => Number(b.key === probe.target) - Number(a.key === probe.target));
		known.set(probe, fields);
	}
	return fields;
}

/** A transform says nothing of what comes out of it, and a preprocess nothing of what goes in. */
function isSilent({ type, enum: choices }: Property): boolean {
	return type === undefined && choices === undefined;
}

function schemaOf({ options }: AnyProbe, io: 'input' | 'output'): Readonly<Record<string, Property>> {
	try {
		const { properties = {} } = z.toJSONSchema(options, { io, unrepresentable: 'any' });
		return properties as Readonly<Record<string, Property>>;
	} catch {
		// A probe of somebody's own may have what JSON Schema has no words for.
		return {};
	}
}

/** What is missed when nothing is given. JSON Schema does not know it of options that are looked at before. */
function requiredOf({ options }: AnyProbe): ReadonlySet<unknown> {
	return new Set(options.safeParse({}).error?.issues.map(({ path }) => path[0]));
}

function fieldOf(key: string, property: Property, isRequired: boolean): OptionField {
	const field = { key, isRequired, choices: [], hint: hintOf(property) };
	if (property.enum !== undefined) return { ...field, kind: 'choice', choices: property.enum.map(String) };
	if (property.type === 'boolean') return { ...field, kind: 'choice', choices: ['true', 'false'] };
	if (property.type === 'array') {
		const isPlain = property.items?.type !== 'object';
		return { ...field, kind: isPlain ? 'lines' : 'block', hint: isPlain ? 'one a line' : 'as YAML' };
	}
	if (property.type === 'object') return { ...field, kind: 'block', hint: 'name: value, one a line' };
	return { ...field, kind: 'text' };
}

function hintOf({ type, minimum, maximum, default: usual }: Property): string {
	// JSON Schema writes the ends of what a number can be where there is no bound.
	const [least, most] = [minimum, maximum].map((bound) =>
		bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound,
	);
	const words = [least, most].every((bound) => typeof bound === 'number')
		? `${least} to ${most}`
		: typeof least === 'number'
			? `at least ${least}`
			: typeof most === 'number'
				? `at most ${most}`
				: '';
	const kind = words !== '' ? words : type === 'number' || type === 'integer' ? 'a number' : '';
	const otherwise = usual === undefined ? '' : `else ${Array.isArray(usual) ? usual.join(', ') : usual}`;
	return [kind, otherwise].filter(Boolean).join(', ');
}

/** What was typed into a field, as an order has it; undefined: nothing. Throws an `Error` with what is wrong. */
export function valueTyped(probe: AnyProbe, { key, kind }: OptionField, typed: string): unknown {
	const text = typed.replaceAll('\r\n', '\n').trim();
	if (text === '') return undefined;
	if (kind === 'lines')
		return text
			.split('\n')
			.map((line) => line.trim())
			.filter(Boolean);
	if (kind !== 'block' && !/^[[{]/.test(text)) return optionValue(probe, key, text);
	const read = readMapping(`value:\n${text.replace(/^/gm, '    ')}\n`);
	const value = 'mapping' in read ? read.mapping?.['value'] : undefined;
	if (typeof value === 'object' && value !== null) return value;
	throw new Error('is no YAML of a list or of names with values. Mend it');
}

/** How what an order has is shown in a field. */
export function typedFor({ kind }: OptionField, value: unknown): string {
	if (value === undefined || value === null) return '';
	if (typeof value !== 'object') return String(value);
	if (kind === 'lines' && Array.isArray(value) && value.every((one) => typeof one !== 'object'))
		return value.join('\n');
	if (kind === 'block' && isMapping(value) && Object.values(value).every((one) => typeof one !== 'object'))
		return Object.entries(value)
			.map(([name, one]) => `${name}: ${JSON.stringify(one)}`)
			.join('\n');
	return JSON.stringify(value);
}
