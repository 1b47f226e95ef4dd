import { popFolderIn } from '../../../model/pop.ts';
import { type Html, html } from '../html.ts';
import type { PageContext, Section } from '../page.ts';
import { type ShownOrder, shownOrder } from './shown-order.ts';
import { orderPath, rtt, spanText, time } from './words.ts';

/** Who it is, and how it does. */
export const aboutSection: Section = {
	...{
		id: 'about',
		page: 'order',
		order: 10,
		title: 'About',
		isTitleHidden: true,
		style: 'order.css',
		script: 'refresh.js',
	},
	render: async (context: PageContext) => {
		const shown = await shownOrder(context);
		const { note, link } = shown;
		const pop = popFolderIn(shown.id);
		return html`<div id="state-now" data-refresh="30">${stateLine(shown)}</div>
${note === null ? null : html`<p><bdi>${note}</bdi></p>`}
${pop !== null && html`<p><a href="${orderPath(pop.id)}">How all points of presence see it</a></p>`}
<dl class="facts about">
${context.asked.who?.scopes.includes('order') === true && shown.found?.isArchived !== true && pop === null && html`<dt class="unseen">change</dt><dd><a href="/orders/${encodeURIComponent(shown.id)}/edit">Edit or remove</a></dd>`}
${entries(shown).map(([name, value]) => html`<dt>${name}</dt><dd><bdi>${value}</bdi></dd>\n`)}${
	link === null ? null : html`<dt>link</dt><dd><a href="${link}" rel="noreferrer"><bdi>${link}</bdi></a></dd>`
}</dl>`;
	},
};

function stateLine({ told, order, stepSeconds }: ShownOrder): Html {
	const state = told?.state ?? (order === null ? 'not measured' : 'measured');
	const [last] = told?.measurements ?? [];
	const lost =
		last === undefined ? null : (last.loss ?? last.samples?.filter(({ rtt }) => rtt === null).length ?? 0);
	const reason = told?.reason ?? null;
	const measured =
		last === undefined || lost === null
			? null
			: html`, slot of ${time(last.time)}: <strong>${lost === 0 ? 'no loss' : `${lost} of ${last.pings} lost`}</strong>, median <strong>${rtt(medianOf(last))}</strong>`;
	return html`<p class="state" data-state="${state}"><strong>${state}</strong>${measured}, every ${spanText(stepSeconds)}</p>
${reason === null ? null : html`<p class="trouble"><bdi>${reason}</bdi></p>`}`;
}

function medianOf(last: NonNullable<ShownOrder['told']>['measurements'][number]): number | null {
	const sorted = (last.sorted_rtts ?? last.samples?.flatMap(({ rtt }) => (rtt === null ? [] : [rtt])) ?? [])
		.slice()
		.sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function entries({ id, title, told, order, objectivePercent, pings }: ShownOrder): [string, string][] {
	const written = told?.order ?? null;
	const target = order?.shownTarget ?? order?.target ?? written?.target ?? null;
	const probe = order?.probe ?? written?.probe ?? null;
	const tags = Object.entries(order?.tags ?? written?.tags ?? {}).map(([name, value]) => `${name}=${value}`);
	const task = order?.task ?? written?.task ?? null;
	const all: [string, string | null][] = [
		['order', title === null ? null : (popFolderIn(id)?.id ?? id)],
		['measured by', popFolderIn(id)?.pop ?? null],
		['target', target],
		['probe', probe === null ? null : `${probe}, ${pings} ${pings === 1 ? 'ping' : 'pings'} each`],
		['user', order?.user ?? written?.user ?? null],
		['task', task],
		['objective', objectivePercent === null ? null : `${objectivePercent}%`],
		['tags', tags.length === 0 ? null : tags.join(', ')],
	];
	return all.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}
