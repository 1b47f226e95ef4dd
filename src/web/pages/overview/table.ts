import type { SummaryRow } from '../../../history/summary-table.ts';
import { arrange, type Line } from '../../browser/arrange.ts';
import {
	countsText,
	folderLoss,
	lossStep,
	numbersOf,
	reasonOf,
	signs,
	sparkHeight,
	sparkPaths,
	sparkWidth,
	worstOf,
	writerFor,
} from '../../browser/row-words.ts';
import type { Now, Row } from '../../browser/rows.ts';
import { stateOf } from '../../browser/rows.ts';
import { addressOf, type SortName, type View, viewOf } from '../../browser/view.ts';
import type { BoardRow } from '../board/board.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';
import type { PageContext } from '../page.ts';
import { summaryCells, summaryHead } from './summary-cells.ts';

const writer = writerFor('en');
/** Of a page without JavaScript, and of what is there before it runs. */
const pageLines = 100;

/** The first lines as a table; in a browser with JavaScript all of them, which scroll and are kept up to date. */
export async function orderTable(live: LiveBoard, { asked, parts }: PageContext): Promise<Html> {
	const view = viewOf(asked.query);
	const now = live.now();
	const { lines, found } = arrange(live.board.rows(), view, now);
	const pages = Math.max(1, Math.ceil(lines.length / pageLines));
	const page = Math.min(view.page, pages);
	const shown = lines.slice((page - 1) * pageLines, page * pageLines);
	const rows = shown.flatMap((line) => (line.kind === 'order' ? [line.row as BoardRow] : []));
	if (!view.isSummary) live.fill.now(rows);
	const summaries = new Map<string, SummaryRow>();
	if (view.isSummary)
		for await (const some of parts.summaries.rows(rows.map(({ id }) => id)))
			for (const row of some) summaries.set(row.id, row);
	const words = `${writer.count(found)} of ${writer.count(live.board.size)} orders`;
	return html`<p class="found" id="found" role="status">${words}</p>
<div class="lines" id="lines" tabindex="0" role="group" aria-label="Table of orders">
<table class="orders${view.isSummary && ' summary'}" id="order-table" aria-rowcount="${lines.length + 1}">
<caption class="unseen">Orders</caption>
<thead><tr>${headOf(view)}</tr></thead>
<tbody id="order-rows">
${shown.map((line) => (line.kind === 'folder' ? folderRow(line, view) : orderRow(line, now, view, summaries.get(line.row.id))))}</tbody>
</table></div>
${pages > 1 && pager(view, page, pages)}`;
}

function headOf(view: View): Html {
	const sortable = (name: SortName, words: string, className: string) => {
		const direction = name === 'order' ? 'ascending' : 'descending';
		const link = html`<a href="${addressOf({ ...view, sort: name, page: 1 })}" data-sort="${name}">${words}</a>`;
		const isSorted = view.sort === name;
		return html`<th scope="col" class="${className}"${isSorted && html` aria-sort="${direction}"`}>${link}</th>`;
	};
	const last = view.isSummary
		? summaryHead
		: html`${sortable('loss', 'Loss', 'number c-loss')}${sortable('median', 'Median', 'number c-median')}<th scope="col" class="c-spark">Last slots</th>${sortable('age', 'Age', 'number c-age')}`;
	return html`${sortable('worst', 'State', 'c-state')}${sortable('order', 'Order', 'c-order')}<th scope="col" class="c-target">Target</th>${last}`;
}

function folderRow({ folder, depth, isOpen }: Extract<Line, { kind: 'folder' }>, view: View): Html {
	const loss = folderLoss(folder);
	const counts = countsText(folder.counts, writer);
	const worst = worstOf(folder.counts);
	const rest = view.isSummary
		? html`<td class="c-rest" colspan="10">${counts}</td>`
		: html`<td class="number c-loss loss-${lossStep(loss)}">${writer.share(loss)}</td><td class="c-rest" colspan="3">${counts}</td>`;
	return html`<tr class="folder"><td class="c-state"><span class="sign ${worst}" aria-hidden="true">${signs[worst]}</span> ${worst}</td><td class="c-order d${Math.min(depth, 9)}"><span class="twist" aria-hidden="true">${isOpen ? '\u25be' : '\u25b8'}</span><a href="${addressOf({ ...view, folder: folder.path, page: 1 })}"><bdi>${folder.name}</bdi>/</a> <span class="soft">${writer.count(folder.orders)}</span></td><td class="c-target"></td>${rest}</tr>
`;
}

function orderRow(
	{ row, depth, name }: Extract<Line, { kind: 'order' }>,
	now: Now,
	view: View,
	summary: SummaryRow | undefined,
): Html {
	const state = stateOf(row, now);
	const last = view.isSummary ? summaryCells(summary, writer) : lastCells(row, now);
	return html`<tr><td class="c-state"><span class="sign ${state}" aria-hidden="true">${signs[state]}</span> ${state}</td><td class="c-order d${Math.min(depth, 9)}"><a href="/orders/${encodeURIComponent(row.id)}" title="${row.id}"><bdi>${name}</bdi></a>${row.title !== '' && html` <span class="title"><bdi>${row.title}</bdi></span>`}</td><td class="c-target" title="${row.target}"><bdi>${row.target}</bdi></td>${last}</tr>
`;
}

function lastCells(row: Row, now: Now): Html {
	const { loss, median, age } = numbersOf(row, now, writer);
	const reason = reasonOf(row, now);
	if (row.isRejected)
		return html`<td class="number c-loss">${loss}</td><td class="c-rest" colspan="3" title="${reason}"><bdi>${reason}</bdi></td>`;
	const step = lossStep(row.sent === 0 ? null : row.loss / row.sent);
	const spark =
		reason === ''
			? html`<td class="c-spark">${pictureOf(row)}</td>`
			: html`<td class="c-spark why" title="${reason}"><bdi>${reason}</bdi></td>`;
	return html`<td class="number c-loss loss-${step}">${loss}</td><td class="number c-median">${median}</td>${spark}<td class="number c-age">${age}</td>`;
}

function pictureOf({ spark }: Row): Html | null {
	if (spark === null || spark.losses.length === 0) return null;
	const { line, loss, label } = sparkPaths(spark, writer);
	return html`<svg class="spark" role="img" aria-label="${label}" viewBox="0 0 ${sparkWidth} ${sparkHeight}" preserveAspectRatio="none"><path class="loss" d="${loss}"/><path class="line" d="${line}"/></svg>`;
}

function pager(view: View, page: number, pages: number): Html {
	const link = (to: number, words: string) =>
		to >= 1 && to <= pages && html`<a href="${addressOf({ ...view, page: to })}">${words}</a> `;
	return html`<nav class="pager no-script" aria-label="Pages of the table">${link(page - 1, 'Before')} Page ${page} of ${pages} ${link(page + 1, 'Next')}</nav>`;
}
