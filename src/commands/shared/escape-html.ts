import { printable } from '../../model/printable.ts';

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** A text as it stands in HTML, in attributes too. What is unprintable is written out. */
export function escapeHtml(text: string): string {
	return printable(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
