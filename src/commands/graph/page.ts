import { printable } from '../../model/printable.ts';
import { pageStart } from './file.ts';

/** The picture of an order, or why there is none. */
export type GraphEntry =
	| { readonly id: string; readonly image: Buffer }
	| { readonly id: string; readonly problem: string };

/** A page of PNGs that needs no other file. */
export function graphPage(title: string, entries: readonly GraphEntry[]): string {
	return `${pageStart}
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
body { margin: 1.5em; font: 14px/1.4 sans-serif; color: #222; background: #fff; }
main { display: flex; flex-wrap: wrap; gap: 1.5em; }
figure { margin: 0; max-width: 100%; }
img { display: block; max-width: 100%; border: 1px solid #ccc; }
.problem { width: 30em; padding: 1em; border: 1px solid #c00; overflow-wrap: anywhere; }
</style>
<h1>${escapeHtml(title)}</h1>
<main>
${entries.map(figure).join('\n')}
</main>
</html>
`;
}

function figure(entry: GraphEntry): string {
	if ('problem' in entry) return `<figure class="problem">${escapeHtml(entry.problem)}</figure>`;
	const source = `data:image/png;base64,${entry.image.toString('base64')}`;
	return `<figure><img src="${source}" alt="${escapeHtml(entry.id)}"></figure>`;
}

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

function escapeHtml(text: string): string {
	return printable(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
