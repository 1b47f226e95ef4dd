/** A value of JSON. In its texts, `{name}` is filled in. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What there is to fill in; undefined: nobody knows. */
export type Values = Readonly<Record<string, Json | undefined>>;

const whole = /^\{([A-Za-z]\w*)\}$/;
const part = /\{([A-Za-z]\w*)\}/g;

/**
 * Fills a template. A text that is one name alone becomes its value, of whatever type; a key whose value nobody knows is
 * left out. Names that there are not stay as they are written.
 */
export function fill(template: Json, values: Values): Json | undefined {
	if (typeof template === 'string') return fillText(template, values);
	if (Array.isArray(template)) {
		return template.map((one: Json) => fill(one, values)).filter((one) => one !== undefined);
	}
	if (typeof template !== 'object' || template === null) return template;
	const entries = Object.entries(template).map(([key, value]) => [key, fill(value, values)] as const);
	return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Json;
}

function fillText(text: string, values: Values): Json | undefined {
	const [, name] = whole.exec(text) ?? [];
	if (name !== undefined && Object.hasOwn(values, name)) return values[name];
	return text.replace(part, (written, inner: string) => {
		if (!Object.hasOwn(values, inner)) return written;
		const value = values[inner];
		if (value === undefined || value === null) return '';
		return typeof value === 'string' ? value : JSON.stringify(value);
	});
}
