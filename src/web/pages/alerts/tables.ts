import type { FiringAlertAnswer } from '../../../model/alert-answer.ts';
import type { HistoryLine } from '../../alerts/history.ts';
import { type Html, html } from '../html.ts';
import { orderPath, spanText, time } from '../order/words.ts';

/** `hasOrders`: of more than one order. */
export function firingTable(firing: readonly FiringAlertAnswer[], hasOrders: boolean): Html {
	return table(
		'Alerts that fire',
		['Since', ...(hasOrders ? ['Order'] : []), 'Rule', 'Severity', 'What', 'State'],
		firing.map(({ since, order, part, title, rule, severity, what, ...alert }) => [
			...[time(since), ...(hasOrders ? [aboutLink(order, part, title)] : [])],
			...[named(rule), html`${severity}`, named(what), named(stateOf(alert))],
		]),
	);
}

export function historyTable(lines: readonly HistoryLine[], hasOrders: boolean): Html {
	return table(
		'What was raised and cleared',
		['When', 'About', ...(hasOrders ? ['Order'] : []), 'Rule', 'Severity', 'What'],
		lines.map(({ time: at, about, order, part, rule, severity, what, raisedSeconds }) => [
			...[time(at), html`${about}`, ...(hasOrders ? [aboutLink(order, part)] : [])],
			...[named(rule), html`${severity}`],
			named(about === 'clear' ? `${what}, for ${spanText(at - raisedSeconds)}` : what),
		]),
	);
}

/** The first cell of a row is its heading. */
export function table(label: string, titles: readonly string[], rows: readonly (readonly Html[])[]): Html {
	return html`<div class="scroll wide" tabindex="0" role="group" aria-label="${label}"><table><thead><tr>${titles.map(
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

export function orderLink(id: string, title?: string): Html {
	return html`<a href="${orderPath(id)}"><bdi>${title ?? id}</bdi></a>`;
}

function aboutLink(id: string | null, part: string | undefined, title?: string): Html {
	return id === null ? named(part ?? 'this machine') : orderLink(id, title);
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
