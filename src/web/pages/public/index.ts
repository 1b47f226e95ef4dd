import { type PublicState, publicWords } from '../../public/public-state.ts';
import { keptSeconds, PublicStatus, type Status } from '../../public/status.ts';
import { RequestFault } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';
import { spanText, time, uptimeText } from '../order/words.ts';
import type { PageContext, PageRoom } from '../page.ts';
import { dateOf, dayBars, uptimeOfDays } from './bars.ts';

const usualTitle = 'Status';

/** `/public`: how chosen orders do, for everybody. No targets, users or folders are told. */
export function publicRoom(parts: WebParts, live: LiveBoard): PageRoom {
	const status = new PublicStatus(parts, live);
	const own = { page: 'public', style: 'public.css' } as const;
	return {
		pages: [
			{
				...{ name: 'public', path: '/public', part: 'status', isAlone: true, keepSeconds: keptSeconds },
				title: (context) => settingOf(context).title ?? usualTitle,
			},
		],
		sections: [
			{
				...{ ...own, id: 'status', order: 10, title: 'State', isTitleHidden: true },
				script: 'refresh.js',
				render: async (context) => statusOf(await status.of(settingOf(context).orders)),
			},
			{
				...{ ...own, id: 'incidents', order: 20, title: 'Incidents' },
				render: async (context) => incidentsOf(await status.of(settingOf(context).orders)),
			},
		],
	};
}

function settingOf({ parts: { settings } }: PageContext) {
	if (settings.statusPage !== null) return settings.statusPage;
	throw new RequestFault(
		404,
		'there is no status page. Write web: status_page: {title: Our network, orders: [core]} in the config',
	);
}

function statusOf({ orders, isCut, atSeconds }: Status): Html {
	const named = orders.toSorted((a, b) => (a.name < b.name ? -1 : 1));
	return html`<div id="status-now" data-refresh="60">${overallOf(orders.map(({ state }) => state))}
<p class="soft">As of ${time(Math.floor(atSeconds))}. A bar is a day (UTC), today at the right: what hangs from its top had no answer, and low hollow ones were not measured.</p>
<ul class="orders-now">
${named.map(({ name, state, days }) => {
	const { sign, word } = publicWords[state];
	const uptime = uptimeOfDays(days);
	return html`<li><div class="name"><strong><bdi>${name}</bdi></strong> <span class="now ${state}"><span aria-hidden="true">${sign}</span> ${word}</span></div>
${dayBars(days)}
<div class="ends"><span>${dateOf(days[0]?.startSeconds ?? 0)}</span> <span>${uptime === null ? 'not measured yet' : `${uptimeText(uptime)} uptime`}</span> <span>today</span></div></li>
`;
})}</ul>
${orders.length === 0 && html`<p>None of the orders that were chosen for this page is measured.</p>`}${isCut && html`<p>More were chosen than are shown.</p>`}</div>`;
}

function overallOf(states: readonly PublicState[]): Html {
	const count = (state: PublicState) => states.filter((one) => one === state).length;
	const worst = (['down', 'loss', 'unknown', 'up'] as const).find((state) => count(state) > 0) ?? 'unknown';
	const parts = (['down', 'loss', 'unknown'] as const).flatMap((state) =>
		count(state) === 0 ? [] : [`${count(state)} ${publicWords[state].word}`],
	);
	const words =
		states.length === 0
			? 'Nothing to show'
			: parts.length === 0
				? states.length === 1
					? 'It is up'
					: `All ${states.length} are up`
				: `${parts.join(', ')} of ${states.length}`;
	return html`<p class="overall ${worst}"><span aria-hidden="true">${publicWords[worst].sign}</span> ${words}</p>`;
}

function incidentsOf({ incidents, atSeconds }: Status): Html {
	const content =
		incidents.length === 0
			? html`<p class="soft">None within 14 days.</p>`
			: html`<ol class="incidents">
${incidents.map(({ name, title, startSeconds, endSeconds }) => {
	const length = spanText(Math.max(0, (endSeconds ?? atSeconds) - startSeconds));
	const what =
		title === undefined
			? 'had no answer'
			: html`had trouble${title !== null && html`, <bdi>${title}</bdi>,`}`;
	return html`<li><strong><bdi>${name}</bdi></strong> ${what} ${
		endSeconds === null
			? html`since ${time(startSeconds)}: <strong class="bad">${length}, and it goes on</strong>`
			: html`for ${length}: ${time(startSeconds)} to ${time(endSeconds)}`
	}</li>
`;
})}</ol>`;
	return html`<div id="incidents-now" data-refresh="60">${content}</div>`;
}
