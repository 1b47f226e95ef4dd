import { escapeHtml } from '../shared/escape-html.ts';
import type { Month } from './month.ts';
import type { ReportRow } from './rows.ts';
import { columns } from './words.ts';

const style = `body { margin: 1.5em; font: 14px/1.4 sans-serif; color: #222; background: #fff; }
table { border-collapse: collapse; }
th, td { padding: 0.25em 0.8em; border-bottom: 1px solid #ccc; text-align: right; white-space: nowrap; }
th[scope=row], thead th:first-child, .text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
th[scope=row] { font-weight: normal; }
td { font-variant-numeric: tabular-nums; }
.missed { color: #b00000; font-weight: bold; }
small { color: #555; }`;

/** A page that needs no other file. */
export function htmlReport(rows: readonly ReportRow[], month: Month): string {
	const hasObjective = rows.some(({ budget }) => budget !== null);
	const shown = columns.filter(({ isObjective }) => hasObjective || isObjective !== true);
	const headings = shown.map(({ heading, isText }) => `<th scope="col"${classOf(isText)}>${heading}</th>`);
	return `<!doctype html>
<html lang="en">
<meta name="generator" content="pingmachine">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Report ${month.name}</title>
<style>
${style}
</style>
<h1>Report ${month.name}</h1>
<p>From the first to the last day of the month, UTC. Uptime is the share of the measured slots with at least one answer;
slots that were not measured are in neither number, and their share is told beside it.</p>
<table>
<thead><tr><th scope="col">ORDER</th>${headings.join('')}</tr></thead>
<tbody>
${rows.map((row) => htmlRow(row, shown)).join('\n')}
</tbody>
</table>
</html>
`;
}

function classOf(isText: boolean | undefined): string {
	return isText === true ? ' class="text"' : '';
}

function htmlRow(row: ReportRow, shown: typeof columns): string {
	const { id, title, isArchived } = row;
	const below = [title === null ? null : id, isArchived ? 'archived' : null].filter((part) => part !== null);
	const small = below.length === 0 ? '' : ` <small>${escapeHtml(below.join(', '))}</small>`;
	const cells = shown.map(({ cell, isText }) => {
		const text = cell(row);
		return text === 'missed'
			? '<td class="text missed">missed</td>'
			: `<td${classOf(isText)}>${escapeHtml(text)}</td>`;
	});
	return `<tr><th scope="row">${escapeHtml(title ?? id)}${small}</th>${cells.join('')}</tr>`;
}
