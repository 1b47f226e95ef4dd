import {
	type Account,
	accountOf,
	budgetOf,
	lossOf,
	unknownShareOf,
	uptimeOf,
} from '../../../history/account.ts';
import { readingHistory } from '../../../store/read-history.ts';
import { paced } from '../../feed/pace.ts';
import { type Html, html } from '../html.ts';
import type { Section } from '../page.ts';
import { type ShownOrder, shownOrder } from './shown-order.ts';
import { sinceOf } from './since.ts';
import { rtt, share, spanText, time, uptimeText } from './words.ts';

const periods = [
	['day', 86_400],
	['week', 7 * 86_400],
	['month', 30 * 86_400],
	['quarter', 90 * 86_400],
] as const;
const hourSeconds = 3600;

/** Uptime, loss and round-trip times of the last day, week, month and quarter; and of the month, what is left. */
export const uptimeSection: Section = {
	...{ id: 'uptime', page: 'order', order: 40, title: 'Uptime' },
	render: async (context) => {
		const shown = await shownOrder(context);
		const { found, stored, stepSeconds, objectivePercent } = shown;
		if (found === null || stored === null) return null;
		const history = await paced(readingHistory(found.folder));
		const beginning = sinceOf(found.folder, history, context.nowSeconds);
		if (beginning === null) return html`<p class="soft">Nothing is counted yet.</p>`;
		const untilSeconds = found.isArchived ? stored.lastUpdateSeconds : context.nowSeconds;
		const of = (startSeconds: number) =>
			accountOf(
				history,
				{ startSeconds, endSeconds: Math.ceil(untilSeconds) },
				{ stepSeconds, untilSeconds },
			);
		const accounts = periods.map(
			([name, seconds]) =>
				[name, of(Math.ceil((untilSeconds - seconds) / hourSeconds) * hourSeconds)] as const,
		);
		return html`<div id="uptime-now" data-refresh="30"><p class="soft">Uptime is the share of the measured slots with at least one answer. Slots that were not measured are in no other number. Measured since ${time(beginning)}.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Uptime"><table>
<thead><tr><th scope="col">Last</th>${['uptime', 'down', 'not measured', 'loss', 'median', '90 %', '99 %', 'longest'].map((heading) => html`<th scope="col" class="number">${heading}</th>`)}</tr></thead>
<tbody>${accounts.map(([name, account]) => accountRow(name, account, stepSeconds))}</tbody></table></div>
${objectivePercent === null ? null : objectiveOf(shown, objectivePercent, of, untilSeconds)}</div>`;
	},
};

function accountRow(name: string, { tally }: Account, stepSeconds: number): Html {
	const { histogram, max, slots, down } = tally;
	const cells = [
		uptimeText(uptimeOf(tally)),
		slots === 0 ? '-' : spanText(down * stepSeconds),
		...[unknownShareOf(tally), lossOf(tally)].map(share),
		...[histogram.quantile(0.5), histogram.quantile(0.9), histogram.quantile(0.99), max].map(rtt),
	];
	return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>\n`;
}

/** Of the month of UTC that runs. */
function objectiveOf(
	{ found, stepSeconds }: ShownOrder,
	percent: number,
	of: (startSeconds: number) => Account,
	untilSeconds: number,
): Html {
	const now = new Date(untilSeconds * 1000);
	const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth()) / 1000;
	const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) / 1000;
	const { tally } = of(start);
	const coming = found?.isArchived === true ? 0 : Math.floor((end - untilSeconds) / stepSeconds);
	const { isMet, leftSlots, allowedSlots } = budgetOf(tally, percent, coming);
	const left = spanText(leftSlots * stepSeconds);
	const rest =
		leftSlots < 0
			? html`<strong class="bad">${left} more than that</strong> are spent`
			: html`<strong>${left}</strong> of ${spanText(allowedSlots * stepSeconds)} are left`;
	return html`<p id="objective">Objective ${percent}% for ${now.toISOString().slice(0, 7)} (UTC): ${uptimeText(uptimeOf(tally))}, ${
		isMet
			? html`<strong class="good">reached so far</strong>`
			: html`<strong class="bad">missed so far</strong>`
	}; ${rest}.</p>`;
}
