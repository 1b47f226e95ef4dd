import { printable } from '../../model/printable.ts';
import { cutMiddle, padEnd, padStart, widthOf } from '../terminal/text.ts';
import type { Month } from './month.ts';
import type { ReportRow } from './rows.ts';
import { columns } from './words.ts';

const idMax = 50;

/** A table with a line above it that says of when it is, for people. */
export function textReport(rows: readonly ReportRow[], month: Month): string {
	const hasObjective = rows.some(({ budget }) => budget !== null);
	const shown = columns.filter(({ isObjective }) => hasObjective || isObjective !== true);
	const table = [
		['ORDER', ...shown.map(({ heading }) => heading)],
		...rows.map((row) => [nameOf(row), ...shown.map(({ cell }) => cell(row))]),
	];
	const widths = (table[0] ?? []).map((_, at) => Math.max(...table.map((cells) => widthOf(cells[at] ?? ''))));
	const lines = table.map((cells) =>
		cells
			.map((cell, at) =>
				at === 0 || shown[at - 1]?.isText === true
					? padEnd(cell, widths[at] ?? 0)
					: padStart(cell, widths[at] ?? 0),
			)
			.join('  ')
			.trimEnd(),
	);
	return [`${month.name} (UTC)`, ...lines, ''].join('\n');
}

function nameOf({ id, title, isArchived }: ReportRow): string {
	const name = cutMiddle(printable(title === null ? id : `${id} (${title})`), idMax);
	return isArchived ? `${name} [archived]` : name;
}

const csvColumns = [
	...['order', 'title', 'month', 'step', 'slots', 'down', 'unknown', 'uptime', 'unknown_share', 'sent'],
	...['lost', 'loss', 'median', 'p90', 'p99', 'max', 'objective', 'reached', 'allowed_slots', 'left_slots'],
];

/** Numbers as they are: shares from 0 to 1, seconds, the objective in percent. What is not known is empty. */
export function csvReport(rows: readonly ReportRow[], month: Month): string {
	const lines = rows.map((row) => {
		const { budget, step, slots, down, unknown, uptime, unknownShare, sent, lost, loss } = row;
		return [
			...[csvText(row.id), csvText(row.title ?? ''), month.name],
			...[step, slots, down, unknown, uptime, unknownShare, sent, lost, loss].map(csvNumber),
			...[row.median, row.p90, row.p99, row.max, budget?.objectivePercent ?? null].map(csvNumber),
			budget === null || uptime === null ? '' : budget.isMet ? 'yes' : 'no',
			...[budget?.allowedSlots ?? null, budget?.leftSlots ?? null].map(csvNumber),
		].join(',');
	});
	return `${[csvColumns.join(','), ...lines].join('\n')}\n`;
}

function csvNumber(value: number | null): string {
	return value === null ? '' : String(Number(value.toPrecision(12)));
}

/** A spreadsheet takes what begins so for a formula. */
const startsFormula = /^[=+\-@\t\r]/;

function csvText(text: string): string {
	const shown = printable(text);
	const harmless = startsFormula.test(shown) ? `'${shown}` : shown;
	return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
