import { isMapping, type Mapping } from '../../../reading/yaml-mapping.ts';
import type { OptionField } from './option-fields.ts';

/** Keys at the top of an order that the forms have. */
export const topFields: readonly (OptionField & { readonly label: string; readonly usual: string })[] = [
	top('step', 'Step', '300', 'from one measurement to the next, such as 60 or 5min', true),
	top('pings', 'Pings', '20', 'of each measurement', true),
	top('title', 'Title', '', 'what people call it'),
	top('note', 'Note', '', ''),
	top('link', 'Link', '', 'an address of more about it'),
	top('objective', 'Objective', '', 'percent of the measured slots with an answer, such as 99.9'),
	top('tags', 'Tags', '', 'name: value, one a line', false, 'block'),
];

function top(
	key: string,
	label: string,
	usual: string,
	hint: string,
	isRequired = false,
	kind: OptionField['kind'] = 'text',
) {
	return { key, label, usual, hint, isRequired, kind, choices: [] };
}

/** What is typed for a key at the top; undefined: nothing. */
export function topValue(key: string, typed: string): unknown {
	const text = typed.replaceAll('\r\n', '\n').trim();
	if (text === '') return undefined;
	if (key === 'tags') return tagsIn(text);
	const isNumber =
		['step', 'pings', 'objective'].includes(key) && /^(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?$/.test(text);
	return isNumber ? Number(text) : text;
}

/** `name: value` or `name=value` a line. Throws an `Error` with what is wrong. */
function tagsIn(text: string): Mapping {
	const tags = new Map<string, string>();
	for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
		const at = line.search(/[:=]/);
		const name = line.slice(0, Math.max(0, at)).trim();
		if (name === '') throw new Error(`${line.trim().slice(0, 60)}: is no tag. Write name: value`);
		tags.set(name, line.slice(at + 1).trim());
	}
	return Object.fromEntries(tags);
}

/** How what an order has at the top is shown in a field. */
export function topTyped(key: string, value: unknown): string {
	if (value === undefined || value === null) return '';
	if (key === 'tags' && isMapping(value))
		return Object.entries(value)
			.map(([name, one]) => `${name}: ${one}`)
			.join('\n');
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
