import type { Place } from '../../../model/pop.ts';
import { type Html, html } from '../html.ts';
import { type Look, levelOf, levelWords, lookOf, type Seen, signs } from './look.ts';
import { type MapPlace, worldMap } from './map.ts';

const lookWords: Readonly<Record<Look, string>> = {
	good: 'no loss',
	loss: 'some lost',
	down: 'all lost',
	unknown: 'not known, which is no loss',
};

/** What signs and colours mean. */
const legend = html`<ul class="legend soft" aria-label="What signs and colours mean">${(
	['good', 'loss', 'down', 'unknown'] as const
).map(
	(look) => html`<li>${signs[look]} ${lookWords[look]}</li>\n`,
)}${levelWords.map((words, level) => html`<li><span class="level-${level}">\u25cf</span> ${words}</li>\n`)}</ul>`;

/** Sign and word, in the colour that the map has. */
export function lookCell(seen: Seen, words: string): Html {
	return html`<td><span class="level-${levelOf(seen) ?? 'unknown'}" aria-hidden="true">${signs[lookOf(seen)]}</span> ${words}</td>`;
}

/** The map of those whose place is known; null: of none is. */
export function mapOf(
	seen: readonly (Omit<MapPlace, 'latitude' | 'longitude'> & { readonly place: Place | null })[],
): Html | null {
	const places = seen.flatMap(({ place, ...rest }) => (place === null ? [] : [{ ...rest, ...place }]));
	if (places.length === 0) return null;
	return html`${worldMap(places)}${legend}`;
}
