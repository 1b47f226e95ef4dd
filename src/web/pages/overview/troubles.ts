import { reasonOf, signs } from '../../browser/row-words.ts';
import { stateOf } from '../../browser/rows.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';

const shownMax = 20;

/** The reasons; at most so many. All of them stand in the table. */
export function troubles({ glance, now }: LiveBoard): Html {
	const at = now();
	const found = [...glance().troubled];
	if (found.length === 0) return html`<div class="scroll" id="trouble-list"><p class="soft">None.</p></div>`;
	found.sort((a, b) => Number(b.isRejected) - Number(a.isRejected) || (a.id < b.id ? -1 : 1));
	const rest = found.length - shownMax;
	return html`<div class="scroll" id="trouble-list" tabindex="0" role="group" aria-label="Orders in trouble"><table>
<thead><tr><th scope="col">State</th><th scope="col">Order</th><th scope="col">Reason</th></tr></thead>
<tbody>${found.slice(0, shownMax).map((row) => {
		const state = stateOf(row, at);
		return html`<tr><td><span class="sign ${state}" aria-hidden="true">${signs[state]}</span> ${state}</td><td><a href="/orders/${encodeURIComponent(row.id)}"><bdi>${row.id}</bdi></a></td><td><bdi>${reasonOf(row, at)}</bdi></td></tr>
`;
	})}</tbody></table>
${rest > 0 && html`<p><a href="/?state=rejected,failing&amp;sort=worst">${rest} more</a></p>`}</div>`;
}
