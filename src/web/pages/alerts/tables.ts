import type { FiringAlertAnswer } from '../../../model/alert-answer.ts';
import type { HistoryLine } from '../../alerts/history.ts';
import { type Html, html } from '../html.ts';
import { orderPath, spanText, time } from '../order/words.ts';

/** `hasOrders`: of more than one order. */
export function firingTable(firing: readonly FiringAlertAnswer[], hasOrders: boolean): Html {
	return table(
		'Alerts that fire',
		['Since', ...(hasOrders ? ['Order'] : []), 'Rule', 'Severity', 'What', 'State'],
		firing.map(({ since, order, title, rule, severity, what, ...alert }) => [
			...[time(since), ...(hasOrders ? [orderLink(order, title)] : [])],
			...[named(rule), html`${severity}`, named(what), named(stateOf(alert))],
		]),
	);
}

export function historyTable(lines: readonly HistoryLine[], hasOrders: boolean): Html {
	return table(
		'What was raised and cleared',
		['When', 'About', ...(hasOrders ? ['Order'] : []), 'Rule', 'Severity', 'What'],
		lines.map(({ time: at, about, order, rule, severity, what, raisedSeconds }) => [
			...[time(at), html`${about}`, ...(hasOrders ? [orderLink(order)] : [])],
			...[named(rule), html`${severity}`],
			named(about === 'clear' ? `${what}, for ${spanText(at - raisedSeconds)}` : what),
		]),
	);
}

/** The first cell of a row is its heading. */
export function table(label: string, titles: readonly string[], rows: readonly (readonly Html[])[]): Html {
	return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table><thead><tr>${titles.map(
		(title) => html`<th scope="col">${title}</th>`,
	)}</tr></thead>
<tbody>${rows.map(
		([first, ...others]) =>
			html`<tr><th scope="row">${first ?? null}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
	)}</tbody></table></div>`;
}

/** Texts of users, whichever way they are written. */
export function named(text: string): Html {
	return html`<bdi>${text}</bdi>`;
}

export function orderLink(id: string | null, title?: string): Html {
	return id === null ? html`this machine` : html`<a href="${orderPath(id)}"><bdi>${title ?? id}</bdi></a>`;
}

function stateOf({
	held,
	acknowledged,
	told,
}: Pick<FiringAlertAnswer, 'held' | 'acknowledged' | 'told'>): string {
	if (acknowledged !== null) return `acknowledged by ${acknowledged}`;
	if (held === null) return told === null ? 'not told yet' : 'told';
	if (held.why === 'muted') return `muted by ${held.by}`;
	return held.why === 'parent' ? `held by ${held.by}` : 'held: this machine is cut off';
}
