import { comparedMax } from '../../browser/heat-colours.ts';
import { html } from '../html.ts';
import type { Section } from '../page.ts';
import { shownOrder } from './shown-order.ts';
import { picture, queryOf } from './smoke-section.ts';

const widths = [
	['hour', 'hours'],
	['day', 'days'],
	['week', 'weeks'],
] as const;
/** Names that are offered. */
const offeredMax = 50;

/** How often which round-trip times were, over time; of up to three orders. */
export const heatSection: Section = {
	...{ id: 'heatmap', page: 'order', order: 30, title: 'Round-trip times' },
	render: async (context) => {
		const shown = await shownOrder(context);
		if (shown.found === null || shown.isElsewhere) return null;
		const { parts, asked } = context;
		const query = queryOf(context, shown);
		const { others, heatWidth } = query;
		const kept = [...asked.query].filter(([name]) => ['range', 'start', 'end', 'fit'].includes(name));
		const folder = shown.id.slice(0, shown.id.lastIndexOf('/') + 1);
		const offered = parts.orders.ids().filter((id) => id.startsWith(folder) && id !== shown.id);
		const more = [`&heat=${heatWidth}`, ...others.map((id) => `&with=${encodeURIComponent(id)}`)].join('');
		return html`<form class="bar" method="get" action="">
${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<fieldset class="choice"><legend>Columns</legend>${widths.map(
			([width, word]) =>
				html`<label><input type="radio" name="heat" value="${width}"${width === heatWidth ? html` checked` : null}> ${word}</label>\n`,
		)}</fieldset>
${Array.from({ length: comparedMax - 1 }, (_, at) => {
	const label = at === 0 ? 'Compare with' : 'and with';
	return html`<label>${label} <input name="with" list="orders-offered" value="${others[at] ?? ''}" maxlength="4096" size="24"></label>\n`;
})}<button>Show</button></form>
<datalist id="orders-offered">${offered.slice(0, offeredMax).map((id) => html`<option value="${id}"></option>`)}</datalist>
<div class="plot" id="heat-graph" hidden data-needs-script role="img" aria-label="Heatmap of round-trip times, on a logarithmic scale. The same numbers are in the table of uptime below."></div>
<noscript><p>${picture(shown.id, query, 'heat.svg', 'Heatmap of round-trip times, on a logarithmic scale', more)}</p></noscript>
<ul class="legend"><li>Lines: 10, 50, 90 and 99 % of the answers took no longer.</li>
${[shown.id, ...others].map((id, at) => html`<li><span class="swatch heat-${at}"></span><bdi>${id}</bdi></li>\n`)}</ul>`;
	},
};
