import { seriesMax } from '../../browser/series-colours.ts';
import { lastSecondsIn, usualRanges } from '../../browser/time-range.ts';
import { RequestFault } from '../../server/route.ts';
import { type Html, html } from '../html.ts';
import { type GraphQuery, graphQueryOf } from '../order/graph-query.ts';
import { usualSpanOf } from '../order/usual-span.ts';
import type { PageContext, PageRoom, Section } from '../page.ts';
import { type ComparedOrder, comparedOrders } from './compared-orders.ts';
import { numbersTable } from './numbers-table.ts';

/** Names that are offered. */
const offeredMax = 500;

/** `/compare?order=...&order=...`: up to eight orders over the same time. */
export function compareRoom(): PageRoom {
	return {
		pages: [
			{
				...{ name: 'compare', path: '/compare', nav: { label: 'Compare', order: 30 } },
				title: ({ asked }) => {
					const count = asked.query.getAll('order').filter((id) => id !== '').length;
					if (count <= seriesMax) return 'Compare';
					throw new RequestFault(400, `order: is given ${count} times. Name ${seriesMax} orders at most`);
				},
			},
		],
		sections: [graphSection, numbersSection, choiceSection],
	};
}

function queryOf({ asked, nowSeconds, parts }: PageContext, orders: readonly ComparedOrder[]): GraphQuery {
	const ids = orders.map(({ id }) => id);
	return graphQueryOf(asked.query, nowSeconds, () => usualSpanOf(parts, ids, nowSeconds));
}

const graphSection: Section = {
	...{ id: 'compared', page: 'compare', order: 10, title: 'Medians', isTitleHidden: true },
	...{ script: 'compare-page.js', style: 'uplot.css' },
	render: async (context) => {
		const { orders, unknown } = await comparedOrders(context);
		const missing = unknown.map(
			(id) =>
				html`<p class="trouble"><bdi>${id}</bdi>: there is no such order, or nothing was measured yet</p>`,
		);
		if (orders.length === 0) return html`${missing}<p>Name the orders that are to be compared.</p>`;
		const query = queryOf(context, orders);
		const { range, bounds, timeQuery } = query;
		const last = range.kind === 'last' ? timeQuery.slice('range='.length) : '';
		return html`${missing}${controls(orders, query)}
<div class="plot" id="compare-graph" hidden data-needs-script tabindex="0" role="group"
aria-label="Medians of the orders. Arrow keys move in time, plus and minus zoom, Home and End go back to the beginning and to now."
data-ids="${JSON.stringify(orders.map(({ id }) => id))}" data-names="${JSON.stringify(orders.map(({ name }) => name))}"
data-range="${last}" data-start="${bounds.startSeconds}" data-end="${bounds.endSeconds}"></div>
<div class="plot" id="compare-loss" hidden data-needs-script role="img" aria-label="Loss of each order, and what was not measured. The same numbers are in the table below."></div>
<p class="readout" id="readout" hidden data-needs-script></p>
<p class="trouble" id="graph-trouble" role="status" hidden></p>
<noscript><p>${picture(orders, query)}</p></noscript>`;
	},
};

function idsQuery(orders: readonly ComparedOrder[]): string {
	return orders.map(({ id }) => `order=${encodeURIComponent(id)}`).join('&');
}

function controls(orders: readonly ComparedOrder[], { range }: GraphQuery): Html {
	const links = usualRanges.map((each) => {
		const isNow = range.kind === 'last' && lastSecondsIn(each) === range.seconds;
		return html`<a href="?${idsQuery(orders)}&range=${each}" data-range="${each}"${isNow ? html` aria-current="true"` : null}>${each}</a>\n`;
	});
	return html`<div class="bar graph-bar"><nav aria-label="Time shown" class="ranges">${links}</nav>
<span class="soft" id="updated" hidden data-needs-script></span></div>`;
}

function picture(orders: readonly ComparedOrder[], { timeQuery }: GraphQuery): Html {
	const source = `/compare.svg?${idsQuery(orders)}&${timeQuery}`;
	return html`<picture><source media="(prefers-color-scheme: dark)" srcset="${source}&theme=dark"><img src="${source}" alt="Medians of the orders over time; the numbers are in the table" width="960"></picture>`;
}

const numbersSection: Section = {
	...{
		id: 'numbers',
		page: 'compare',
		order: 20,
		title: 'Numbers',
		style: 'order.css',
		script: 'refresh.js',
	},
	render: async (context) => {
		const { orders } = await comparedOrders(context);
		return orders.length === 0 ? null : numbersTable(context.parts, orders, queryOf(context, orders));
	},
};

const choiceSection: Section = {
	...{ id: 'choice', page: 'compare', order: 30, title: 'Orders', style: 'order.css' },
	render: async (context) => {
		const { orders, unknown } = await comparedOrders(context);
		const ids = [...orders.map(({ id }) => id), ...unknown].slice(0, seriesMax);
		const kept = [...context.asked.query].filter(([name]) => ['range', 'start', 'end'].includes(name));
		const offered = context.parts.orders.ids().slice(0, offeredMax);
		return html`<form class="bar" method="get" action="/compare">
${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${Array.from({ length: seriesMax }, (_, at) => html`<label>Order ${at + 1} <input name="order" list="orders-offered" value="${ids[at] ?? ''}" maxlength="4096" size="22"></label>\n`)}
<button>Compare</button></form>
<datalist id="orders-offered">${offered.map((id) => html`<option value="${id}"></option>`)}</datalist>`;
	},
};
