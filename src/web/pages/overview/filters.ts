import { type SortName, sortNames, viewOf } from '../../browser/view.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';
import type { PageContext } from '../page.ts';

const sortWords: Readonly<Record<SortName, string>> = {
	tree: 'as folders',
	worst: 'worst first',
	order: 'by name',
	loss: 'most loss first',
	median: 'slowest first',
	age: 'oldest first',
};

/** What is shown, and in which order. Without JavaScript a form, with it at once. */
export function filterForm({ glance }: LiveBoard, { asked }: PageContext): Html {
	const view = viewOf(asked.query);
	const { users, probes } = glance();
	const option = (value: string, chosen: string, words = value) =>
		html`<option value="${value}"${value === chosen && html` selected`}>${words}</option>\n`;
	const hidden = (name: string, value: string) =>
		value !== '' && html`<input type="hidden" name="${name}" value="${value}">`;
	return html`<form class="bar" id="filters" method="get" action="/" role="search" aria-label="Orders">
<label class="wide">Text <input type="search" name="q" value="${view.text}" placeholder="name, target, title, tag" autocomplete="off"></label>
<label class="rare">User <input name="user" value="${view.user}" list="users" size="10" autocomplete="off"></label>
<datalist id="users">${users.map((user) => html`<option value="${user}"></option>\n`)}</datalist>
<label>Probe <select name="probe"><option value="">any</option>
${[...new Set([...probes, view.probe])].filter(Boolean).map((probe) => option(probe, view.probe))}</select></label>
<label class="rare">Tag <input name="tag" value="${view.tag}" size="12" placeholder="name=value" autocomplete="off"></label>
<label>Sort <select name="sort">${sortNames.map((name) => option(name, view.sort, sortWords[name]))}</select></label>
<label class="rare">Columns <select name="columns">${option('', view.isSummary ? 'summary' : '', 'state')}${option('summary', view.isSummary ? 'summary' : '', 'summary')}</select></label>
${hidden('state', [...view.states].join())}${hidden('folder', view.folder)}
<button class="no-script">Show</button>
<span class="fold" hidden><button type="button" id="open-all">Open all</button> <button type="button" id="close-all">Close all</button></span>
<span class="chosen" id="chosen">${view.states.size > 0 && html`State: ${[...view.states].join(', ')} `}${
		view.folder !== '' && html`Folder: <bdi>${view.folder}</bdi> `
	}${(view.states.size > 0 || view.folder !== '') && html`<a href="/">Show all</a>`}</span>
</form>`;
}
