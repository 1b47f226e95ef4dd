import { escapeHtml } from '../shared/escape-html.ts';
import type { OrderLabels } from '../shared/order-labels.ts';
import { dateText } from './dates.ts';
import { pageStart } from './file.ts';

/** The picture of an order, or why there is none. */
export type GraphEntry = Drawn | { readonly id: string; readonly problem: string };

interface Drawn {
	readonly id: string;
	readonly isArchived: boolean;
	readonly labels: OrderLabels;
	/** `last day`, say, or empty. */
	readonly period: string;
	/** From when to when. */
	readonly dates: string;
	readonly image: Buffer;
}

export interface Overview {
	readonly title: string;
	/** Since the epoch. */
	readonly drawnSeconds: number;
	readonly entries: readonly GraphEntry[];
}

const style = `body { margin: 1.5em; font: 14px/1.4 sans-serif; color: #222; background: #fff; }
h1, h2, h3, li, p { overflow-wrap: anywhere; }
h2 { margin: 1.5em 0 0.5em; border-bottom: 1px solid #ccc; }
h3 { margin: 0; font-size: 1em; }
p { margin: 0; color: #555; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5em; margin: 0.5em 0; padding: 0; list-style: none; }
section { display: flex; flex-wrap: wrap; gap: 1.5em; }
section h2 { flex-basis: 100%; }
figure { margin: 0; width: min-content; min-width: min(340px, 100%); max-width: 100%; }
img { display: block; margin-top: 0.3em; max-width: 100%; border: 1px solid #ccc; }
.problem { padding: 1em; border: 1px solid #c00; }`;

/** A page of PNGs that needs no other file: a heading for each folder and each order, and links to them. */
export function graphPage({ title, drawnSeconds, entries }: Overview): string {
	const folders = new Map<string, GraphEntry[]>();
	for (const entry of entries) {
		const folder = entry.id.slice(0, entry.id.lastIndexOf('/') + 1);
		folders.set(folder, [...(folders.get(folder) ?? []), entry]);
	}
	const count = `${entries.length} order${entries.length === 1 ? '' : 's'}`;
	return `${pageStart}
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
${style}
</style>
<h1>${escapeHtml(title)}</h1>
<p>${count}, drawn <time datetime="${isoTime(drawnSeconds)}">${escapeHtml(dateText(drawnSeconds))}</time></p>
<nav>
${[...folders].map(([folder, inside]) => contents(folder, inside)).join('\n')}
</nav>
<main>
${[...folders].map(([folder, inside]) => section(folder, inside)).join('\n')}
</main>
</html>
`;
}

function contents(folder: string, entries: readonly GraphEntry[]): string {
	const items = entries.map(
		({ id }) => `<li><a href="#${anchor(id)}">${escapeHtml(id.slice(folder.length))}</a></li>`,
	);
	return `${heading('p', folder)}<ul>${items.join('')}</ul>`;
}

function section(folder: string, entries: readonly GraphEntry[]): string {
	return `<section>\n${heading('h2', folder)}${entries.map(figure).join('\n')}\n</section>`;
}

/** Orders that are in no folder need none. */
function heading(element: 'p' | 'h2', folder: string): string {
	return folder === '' ? '' : `<${element}>${escapeHtml(folder)}</${element}>\n`;
}

function figure(entry: GraphEntry): string {
	const top = `id="${anchor(entry.id)}"><h3><a href="#${anchor(entry.id)}">`;
	if ('problem' in entry) {
		return `<figure class="problem" ${top}${escapeHtml(entry.id)}</a></h3><p>${escapeHtml(entry.problem)}</p></figure>`;
	}
	const { id, isArchived, labels, period, dates, image } = entry;
	const { title, measured, note, link } = labels;
	const lines = [
		[title === null ? null : id, measured, isArchived ? 'archived' : null],
		[note],
		[period === '' ? dates : `${period}: ${dates}`],
	].map((parts) => parts.filter((part) => part !== null).join(', '));
	const shown = lines.filter((line) => line !== '').map((line) => `<p>${escapeHtml(line)}</p>`);
	if (link !== null) {
		shown.push(`<p><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></p>`);
	}
	const source = `data:image/png;base64,${image.toString('base64')}`;
	return `<figure ${top}${escapeHtml(title ?? id)}</a></h3>${shown.join('')}<img src="${source}" alt="graph of ${escapeHtml(id)}"></figure>`;
}

/** A fragment is compared as it stands. */
function anchor(id: string): string {
	return encodeURIComponent(id).replaceAll("'", '%27');
}

function isoTime(seconds: number): string {
	return new Date(seconds * 1000).toISOString();
}
