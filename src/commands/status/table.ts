import { printable } from '../../model/printable.ts';
import { isAllLost, type State, type StatusRow, states } from '../shared/status-row.ts';
import { type Colour, type Paint, painter, stateColours } from '../terminal/paint.ts';
import {
	cutEnd,
	cutMiddle,
	duration,
	lossPercent,
	milliseconds,
	padEnd,
	padStart,
	widthOf,
	wrap,
} from '../terminal/text.ts';
import { groupByUser, type SortKey } from './sort.ts';

export interface TableOptions {
	readonly sort: SortKey;
	/** How wide the terminal is; Infinity: every order on one line, with its whole reason. */
	readonly columns: number;
	readonly colours: boolean;
}

interface Column {
	readonly title: string;
	readonly align: 'left' | 'right';
	text(row: StatusRow): string;
	colour?(row: StatusRow): Colour | null;
	/** Is cut down to this when there is little room; other columns are never cut. */
	readonly least?: number;
	/** Is left out when no order has any. */
	readonly isOptional?: boolean;
	/** Those with the lowest number are left out first. */
	readonly leaveOut?: number;
}

const columns: readonly Column[] = [
	{ title: 'ORDER', align: 'left', text: ({ id }) => id, least: 16 },
	{ title: 'POP', align: 'left', text: ({ pop }) => pop ?? '', isOptional: true, leaveOut: 4 },
	{ title: 'STEP', align: 'right', text: ({ stepSeconds: s }) => (s === null ? '-' : `${s}s`), leaveOut: 3 },
	{ title: 'PINGS', align: 'right', text: ({ pings }) => String(pings ?? '-'), leaveOut: 2 },
	{ title: 'PROBE', align: 'left', text: ({ probe }) => probe ?? '-', least: 5, leaveOut: 1 },
	{ title: 'TARGET', align: 'left', text: ({ target }) => target ?? '-', least: 15 },
	{
		title: 'TITLE',
		align: 'left',
		text: ({ title }) => title ?? '',
		least: 8,
		leaveOut: 0,
		isOptional: true,
	},
	{
		title: 'AGE',
		align: 'right',
		text: ({ ageSeconds }) => (ageSeconds === null ? '-' : duration(ageSeconds)),
		colour: ({ isLate }) => (isLate ? 'red' : null),
	},
	{ title: 'MEDIAN ms', align: 'right', text: ({ result }) => milliseconds(result?.median ?? null) },
	{ title: 'MIN-MAX', align: 'right', text: spread, leaveOut: 4 },
	{ title: 'LOSS', align: 'right', text: loss, colour: lossColour },
];

function spread({ result }: StatusRow): string {
	if (result === null || result.min === null || result.max === null) return '-';
	return `${milliseconds(result.min)}-${milliseconds(result.max)}`;
}

function loss({ result }: StatusRow): string {
	return result === null ? '-' : lossPercent(result.loss, result.pings);
}

function lossColour({ result }: StatusRow): Colour | null {
	if (result === null) return null;
	if (result.loss <= 0) return 'green';
	if (isAllLost(result)) return 'lost';
	return result.loss / result.pings < 0.2 ? 'yellow' : 'red';
}

/** The state in a word or two. */
function shortState({ state, expiresInSeconds }: StatusRow): string {
	if (state !== 'expiring' || expiresInSeconds === null) return state;
	return expiresInSeconds < 0
		? `expired ${duration(-expiresInSeconds)} ago`
		: `expires in ${duration(expiresInSeconds)}`;
}

function fullState(row: StatusRow): string {
	if (row.state === 'waiting') return `waiting for its ${row.result === null ? 'first' : 'next'} slot`;
	return row.reason === null ? shortState(row) : `${shortState(row)}: ${row.reason}`;
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

const gap = '  ';
const indent = '  ';
const reasonIndent = '      ';

/** The table as lines: titles, then each user with a row an order. No lines for no rows. */
export function tableLines(rows: readonly StatusRow[], options: TableOptions): string[] {
	if (rows.length === 0) return [];
	const groups = groupByUser(rows, options.sort).map(({ user, rows: ofUser }) => ({
		user,
		lines: ofUser.map(lineOf),
	}));
	const widths = layOut(
		groups.flatMap(({ lines }) => lines),
		options.columns,
	);
	const paint = painter(options.colours);
	const printed = [paint('bold', cutEnd(titleLine(widths), options.columns))];
	for (const { user, lines } of groups) {
		const name = user === null ? 'no known user' : printable(user);
		const count = `${lines.length} ${lines.length === 1 ? 'order' : 'orders'}`;
		printed.push(paint('bold', cutEnd(`${name} (${count})`, options.columns)));
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
	const said = [isTitleShown ? null : row.title, row.note, row.link];
	const told = said.flatMap((text) => (text === null ? [] : [printable(text)]));
	// Where there is no terminal, programs read: an order is a line.
	if (available === Number.POSITIVE_INFINITY) return [[line, ...told].join(gap)];
	const labels = told.flatMap((text) => wrap(text, room, 3));
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
