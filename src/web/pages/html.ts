/** What may stand in a template. Lists are joined; null, undefined and false are nothing. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** Text that is HTML already. Made by `html` alone, so that nothing else can pass for it. */
export type Html = Markup;

class Markup {
	readonly #text: string;

	constructor(parts: readonly string[], values: readonly HtmlValue[]) {
		this.#text = parts.reduce((text, part, at) => text + written(values[at - 1]) + part);
	}

	toString(): string {
		return this.#text;
	}
}

/** A piece of HTML: what is put in between is escaped, unless it is `Html` itself. Attributes stand in `"`. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
	return new Markup(parts, values);
}

function written(value: HtmlValue): string {
	if (value === null || value === undefined || value === false) return '';
	if (value instanceof Markup) return value.toString();
	if (typeof value === 'object') return value.map(written).join('');
	return escapeHtml(String(value));
}

/** For text and for attributes in quotes. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"'\0]/g, (character) => {
		return character === '\0' ? '\uFFFD' : `&#${character.charCodeAt(0)};`;
	});
}
