import { factText } from '../../browser/fact-words.ts';
import { html } from '../html.ts';
import type { Section } from '../page.ts';
import { shownOrder } from './shown-order.ts';
import { time } from './words.ts';

/** What the probe knows of the last measurement beyond its samples, each fact as it is declared. */
export const factsSection: Section = {
	...{ id: 'facts', page: 'order', order: 60, title: 'Facts' },
	render: async (context) => {
		const { told } = await shownOrder(context);
		const facts = Object.entries(told?.facts ?? {});
		if (told === null || facts.length === 0) return null;
		return html`${told.facts_time === null ? null : html`<p class="soft">Of the slot of ${time(told.facts_time)}</p>`}
<div class="scroll" tabindex="0" role="group" aria-label="Facts"><table><thead><tr><th scope="col">Fact</th><th scope="col">Value</th><th scope="col">What it is</th></tr></thead>
<tbody>${facts.map(
			([name, { value, kind, unit, help, sum }]) =>
				html`<tr><th scope="row">${name}</th><td><bdi data-fact="${name}" data-kind="${kind}"${kind === 'gauge' && unit !== null ? html` data-unit="${unit}"` : null}>${factText({ kind, unit: kind === 'gauge' ? unit : null }, value)}</bdi>${sum === null ? null : html` <span class="soft">(${sum} in all)</span>`}</td><td class="soft">${help}</td></tr>\n`,
		)}</tbody></table></div>`;
	},
};
