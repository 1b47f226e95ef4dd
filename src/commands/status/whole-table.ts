import { printable } from '../../model/printable.ts';
import type { StatusRow } from '../shared/status-row.ts';
import { isPlain, padEnd, padStart, widthOf } from '../terminal/text.ts';
import { type Column, columns, fullState, gap, indent, labelsOf, titleOf } from './columns.ts';
import type { UserRows } from './sort.ts';

/**
 * The table for programs: every order on one line, with its whole reason, and columns as wide as they have to be. There
 * are a hundred thousand cells: texts are put together once, a column after the other.
 */
export function wholeLines(groups: readonly UserRows[]): string[] {
	const rows = groups.flatMap((group) => group.rows);
	const filled = columns.flatMap((column) => filledColumn(column, rows) ?? []);
	const lineOf = (row: StatusRow, at: number) => {
		let line = indent;
		for (const { cells } of filled) line += cells[at] + gap;
		const whole = (line + printable(fullState(row))).trimEnd();
		return row.note === null && row.link === null ? whole : [whole, ...labelsOf(row)].join(gap);
	};
	const lines = [indent + [...filled.map(({ title }) => title), 'STATE'].join(gap)];
	let at = 0;
	for (const { user, rows: ofUser } of groups) {
		lines.push(titleOf(user, ofUser.length));
		for (const row of ofUser) lines.push(lineOf(row, at++));
	}
	return lines;
}

interface FilledColumn {
	readonly title: string;
	/** All of one width. */
	readonly cells: readonly string[];
}

/** Null: there is nothing in it, and it can be left out. */
function filledColumn(
	{ title, align, text, isOptional = false }: Column,
	rows: readonly StatusRow[],
): FilledColumn | null {
	let isAllAscii = true;
	let width = 0;
	const texts = rows.map((row) => {
		const raw = text(row);
		const isAscii = isPlain(raw);
		isAllAscii &&= isAscii;
		const cell = isAscii ? raw : printable(raw);
		width = Math.max(width, isAscii ? raw.length : widthOf(cell));
		return cell;
	});
	if (isOptional && width === 0) return null;
	const pad = padTo(align, Math.max(width, title.length), isAllAscii);
	return { title: pad(title), cells: texts.map(pad) };
}

function padTo(align: Column['align'], width: number, isAscii: boolean): (text: string) => string {
	// The characters of other texts may take two columns, or none.
	if (!isAscii) return align === 'left' ? (text) => padEnd(text, width) : (text) => padStart(text, width);
	return align === 'left' ? (text) => text.padEnd(width) : (text) => text.padStart(width);
}
