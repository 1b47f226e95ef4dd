import { signs, writerFor } from '../../browser/row-words.ts';
import { stateNames } from '../../browser/rows.ts';
import { addressOf, viewOf } from '../../browser/view.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';
import type { PageContext } from '../page.ts';

const writer = writerFor('en');

/** How many orders there are in each state; each leads to them. */
export function totals({ board, glance }: LiveBoard, { asked, parts }: PageContext): Html {
	const { counts } = glance();
	const view = viewOf(asked.query);
	const { silence } = parts.heard();
	return html`<ul class="totals" id="totals-list">
<li><a href="${addressOf({ ...view, states: new Set(), page: 1 })}"><b data-count="all">${writer.count(board.size)}</b> orders</a></li>
${[...stateNames].reverse().map(
	(
		name,
	) => html`<li${counts[name] === 0 && html` class="none"`}><a href="${addressOf({ ...view, states: new Set([name]), sort: name === 'measuring' ? view.sort : 'worst', page: 1 })}"${
		view.states.size === 1 && view.states.has(name) ? html` aria-current="true"` : null
	}><span class="sign ${name}" aria-hidden="true">${signs[name]}</span> <b data-count="${name}">${writer.count(counts[name])}</b> ${name}</a></li>
`,
)}</ul>
${silence !== null && !parts.isAlone && html`<p class="trouble" id="silence">The daemon does not answer: ${silence}. What is shown is what was measured last.</p>`}`;
}
