import { inWords } from '../model/findings.ts';
import type { OrderLabels } from '../model/order.ts';
import { isUrl } from '../model/parse-url.ts';
import { firstUnprintable } from '../model/printable.ts';
import type { OrderDraft } from './order-draft.ts';

/** Longer ones leave no room for anything else, and are cut. Characters. */
const lineMax = { title: 120, note: 1000 } as const;
const linkMax = 2000;

/** What an order says of itself to people. What is not understood is noted, and left out. */
export function readOrderLabels(draft: OrderDraft): OrderLabels {
	const labels: { title?: string; note?: string; link?: string } = {};
	for (const key of ['title', 'note'] as const) {
		const line = readLine(draft, key);
		if (line !== null) labels[key] = line;
	}
	const link = draft.at('link');
	const url = linkIn(link);
	if (url !== null) labels.link = url;
	else if (link !== undefined)
		draft.note(
			'link',
			`is not understood: ${inWords(link)}. Write a URL that begins with https:// or http://`,
		);
	return labels;
}

function readLine(draft: OrderDraft, key: 'title' | 'note'): string | null {
	const value = draft.at(key);
	if (value === undefined) return null;
	if (typeof value === 'object') {
		draft.note(key, `is not understood: ${inWords(value)}. Write text`);
		return null;
	}
	// Texts of several lines become one; what is no text to YAML is as it was written.
	const line = lineIn(typeof value === 'string' ? value : draft.text(key), lineMax[key]);
	const bad = line === null ? null : firstUnprintable(line);
	if (bad === null) return line;
	draft.note(key, `holds the unprintable character ${bad}. Remove it`);
	return null;
}

/** Null for what is empty, or no text. */
function lineIn(value: unknown, max: number): string | null {
	if (typeof value !== 'string') return null;
	const [...characters] = value.replaceAll(/\s+/g, ' ').trim();
	if (characters.length === 0) return null;
	return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
}

/** A URL of http or https, or null. */
function linkIn(value: unknown): string | null {
	if (typeof value !== 'string' || !/^https?:\/\//i.test(value) || value.length > linkMax) return null;
	return isUrl(value) && firstUnprintable(value) === null ? value : null;
}
