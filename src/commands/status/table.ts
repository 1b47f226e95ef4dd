import { printable } from '../../model/printable.ts';
import { type State, type StatusRow, states } from '../shared/status-row.ts';
import { type Colour, type Paint, painter, stateColours } from '../terminal/paint.ts';
import { cutEnd, cutMiddle, padEnd, padStart, widthOf, wrap } from '../terminal/text.ts';
import { type Column, columns, fullState, gap, indent, labelsOf, shortState, titleOf } from './columns.ts';
import { groupByUser, type SortKey } from './sort.ts';
import { wholeLines } from './whole-table.ts';

export interface TableOptions {
	readonly sort: SortKey;
	/** How wide the terminal is; Infinity: there is none, and programs read. */
	readonly columns: number;
	readonly colours: boolean;
}

// ---- The table ----

interface Cell {
	readonly text: string;
	readonly width: number;
}

interface Line {
	readonly row: StatusRow;
	/** One a column. */
	readonly cells: readonly Cell[];
	readonly short: Cell;
	readonly full: Cell;
}

const titleColumn = columns.findIndex(({ title }) => title === 'TITLE');

const reasonIndent = '      ';

/** The table as lines: titles, then each user with a row an order. No lines for no rows. */
export function tableLines(rows: readonly StatusRow[], options: TableOptions): string[] {
	if (rows.length === 0) return [];
	const grouped = groupByUser(rows, options.sort);
	if (options.columns === Number.POSITIVE_INFINITY) return wholeLines(grouped);
	const groups = grouped.map(({ user, rows: ofUser }) => ({ user, lines: ofUser.map(lineOf) }));
	const widths = layOut(
		groups.flatMap(({ lines }) => lines),
		options.columns,
	);
	const paint = painter(options.colours);
	const printed = [paint('bold', cutEnd(titleLine(widths), options.columns))];
	for (const { user, lines } of groups) {
		printed.push(paint('bold', cutEnd(titleOf(user, lines.length), options.columns)));
		for (const line of lines) printed.push(...orderLines(line, widths, options.columns, paint));
	}
	return printed;
}

function lineOf(row: StatusRow): Line {
	const cells = columns.map(({ text }) => cellOf(text(row)));
	return { row, cells, short: cellOf(shortState(row)), full: cellOf(fullState(row)) };
}

function cellOf(raw: string): Cell {
	const text = printable(raw);
	return { text, width: widthOf(text) };
}

/** Of each column, 0 for those left out, and last of the state. */
type Widths = readonly number[];

/** Widths from the content, as far as there is room. */
function layOut(lines: readonly Line[], available: number): Widths {
	const wanted = columns.map(({ title, isOptional }, index) => {
		const widest = lines.reduce((most, { cells }) => Math.max(most, cells[index]?.width ?? 0), 0);
		return isOptional === true && widest === 0 ? 0 : Math.max(widest, title.length);
	});
	const least = wanted.map((width, index) => Math.min(width, columns[index]?.least ?? width));
	const stateTitle = 'STATE'.length;
	wanted.push(lines.reduce((most, { full }) => Math.max(most, full.width), stateTitle));
	least.push(lines.reduce((most, { short }) => Math.max(most, short.width), stateTitle));

	const widths = [...least];
	const spare = () => {
		const shown = widths.filter((width) => width > 0);
		return available - shown.reduce((sum, width) => sum + width + gap.length, indent.length - gap.length);
	};
	for (const index of leftOutFirst) {
		if (spare() >= 0) break;
		widths[index] = 0;
	}
	for (const [index, width] of widths.entries()) {
		if (width > 0) widths[index] = width + Math.min((wanted[index] ?? 0) - width, Math.max(0, spare()));
	}
	return widths;
}

const leftOutFirst = columns
	.map(({ leaveOut }, index) => ({ leaveOut, index }))
	.filter(({ leaveOut }) => leaveOut !== undefined)
	.sort((a, b) => Number(a.leaveOut) - Number(b.leaveOut))
	.map(({ index }) => index);

function titleLine(widths: Widths): string {
	const titles = columns.flatMap((column, index) => {
		const width = widths[index] ?? 0;
		return width === 0 ? [] : [align(column, column.title, width)];
	});
	return indent + [...titles, 'STATE'].join(gap);
}

function align({ align }: Column, text: string, width: number): string {
	return align === 'left' ? padEnd(text, width) : padStart(text, width);
}

/** The row; and when the reason does not fit in there, it follows, indented. */
function orderLines(
	{ row, cells, short, full }: Line,
	widths: Widths,
	available: number,
	paint: Paint,
): string[] {
	const parts: { readonly text: string; readonly colour: Colour | null }[] = [];
	for (const [index, column] of columns.entries()) {
		const width = widths[index] ?? 0;
		if (width === 0) continue;
		const text = align(column, cutMiddle(cells[index]?.text ?? '', width), width);
		parts.push({ text, colour: column.colour?.(row) ?? null });
	}
	const fits = full.width <= (widths.at(-1) ?? 0);
	parts.push({ text: fits ? full.text : short.text, colour: stateColours[row.state] });

	let left = available - indent.length;
	const painted = parts.map(({ text, colour }) => {
		const cut = cutEnd(text, Math.max(0, left));
		left -= widthOf(cut) + gap.length;
		return colour === null ? cut : paint(colour, cut);
	});
	const line = (indent + painted.join(gap)).trimEnd();
	const room = Math.max(20, available - reasonIndent.length);
	const reason = fits || row.reason === null ? [] : wrap(printable(row.reason), room, 3);
	// A title that had no room in the row stands here.
	const isTitleShown = row.title === null || (widths[titleColumn] ?? 0) >= widthOf(printable(row.title));
	const said = isTitleShown ? labelsOf(row) : [printable(row.title ?? ''), ...labelsOf(row)];
	const labels = said.flatMap((text) => wrap(text, room, 3));
	return [
		line,
		...reason.map((text) => paint('red', reasonIndent + text)),
		...labels.map((text) => reasonIndent + text),
	];
}

// ---- The summary ----

/** `6 orders: 4 measuring, 1 failing, 1 rejected`, of all orders, shown or not. */
export function summaryLine(rows: readonly StatusRow[], options: Pick<TableOptions, 'colours'>): string {
	const paint = painter(options.colours);
	const counts = new Map<State, number>();
	for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
	const told = states
		.filter((state) => alwaysTold.has(state) || counts.has(state))
		.map((state) => {
			const text = `${counts.get(state) ?? 0} ${state}`;
			return counts.has(state) ? paint(stateColours[state], text) : text;
		});
	return `${rows.length} ${rows.length === 1 ? 'order' : 'orders'}: ${told.join(', ')}`;
}

const alwaysTold: ReadonlySet<State> = new Set(['measuring', 'failing', 'rejected']);
