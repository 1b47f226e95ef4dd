import type { SummaryRow } from '../../../history/summary-table.ts';
import type { Writer } from '../../browser/row-words.ts';
import { summaryTexts } from '../../browser/summary.ts';
import { type Html, html } from '../html.ts';

const names = ['Sent', 'Recv', 'Succ', 'Loss', 'Min', 'Avg15m', 'Avg6h', 'Avg24h', 'Max', 'Last'];

/** meshping's columns. */
export const summaryHead: Html = html`${names.map((name) => html`<th scope="col" class="number">${name}</th>`)}`;

export function summaryCells(row: SummaryRow | undefined, writer: Writer): Html {
	const texts = summaryTexts(row === undefined ? null : summaryWireOf(row), writer);
	return html`${texts.map((text) => html`<td class="number">${text}</td>`)}`;
}

/** A row for the browser. RTTs in seconds. */
export function summaryWireOf(row: SummaryRow): (number | null)[] {
	const { sent, received, minSeconds, averagesSeconds, maxSeconds, lastSeconds } = row;
	return [sent, received, minSeconds, ...averagesSeconds, maxSeconds, lastSeconds];
}
