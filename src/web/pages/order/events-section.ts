import { readEvents } from '../../../store/events-file.ts';
import { html } from '../html.ts';
import type { Section } from '../page.ts';
import { shownOrder } from './shown-order.ts';
import { time } from './words.ts';

const shownMax = 20;

/** What happened to the order; the graph has a mark for each. */
export const eventsSection: Section = {
	...{ id: 'events', page: 'order', order: 70, title: 'What happened' },
	render: async (context) => {
		const { found } = await shownOrder(context);
		const lines = found === null ? [] : readEvents(found.folder).slice(-shownMax).reverse();
		if (lines.length === 0) return null;
		return html`<div class="scroll" id="events-now" data-refresh="30" tabindex="0" role="group" aria-label="What happened"><table><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">More</th></tr></thead>
<tbody>${lines.map((line) => {
			const { time: at, event, ...more } = JSON.parse(line) as Record<string, unknown>;
			const words = Object.entries(more).map(([name, value]) => `${name}: ${wordsOf(value)}`);
			return html`<tr><th scope="row">${typeof at === 'number' ? time(at) : String(at)}</th><td>${String(event).replaceAll('_', ' ')}</td><td><bdi>${words.join(', ')}</bdi></td></tr>\n`;
		})}</tbody></table></div>`;
	},
};

function wordsOf(value: unknown): string {
	if (Array.isArray(value)) return value.map(wordsOf).join(' ');
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
