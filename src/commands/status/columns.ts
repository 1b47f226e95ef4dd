import { printable } from '../../model/printable.ts';
import { isAllLost } from '../shared/order-verdict.ts';
import type { StatusRow } from '../shared/status-row.ts';
import type { Colour } from '../terminal/paint.ts';
import { duration, lossPercent, milliseconds } from '../terminal/text.ts';

/** A column of the table of orders. */
export interface Column {
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

export const columns: readonly Column[] = [
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
export function shortState({ state, expiresInSeconds }: StatusRow): string {
	if (state !== 'expiring' || expiresInSeconds === null) return state;
	return expiresInSeconds < 0
		? `expired ${duration(-expiresInSeconds)} ago`
		: `expires in ${duration(expiresInSeconds)}`;
}

/** The state, and why. */
export function fullState(row: StatusRow): string {
	if (row.state === 'waiting') return `waiting for its ${row.result === null ? 'first' : 'next'} slot`;
	return row.reason === null ? shortState(row) : `${shortState(row)}: ${row.reason}`;
}

export const gap = '  ';
export const indent = '  ';

/** `me (3 orders)`, above their rows. */
export function titleOf(user: string | null, orders: number): string {
	const name = user === null ? 'no known user' : printable(user);
	return `${name} (${orders} ${orders === 1 ? 'order' : 'orders'})`;
}

/** What it says of itself to people, below or behind the row. */
export function labelsOf({ note, link }: StatusRow): string[] {
	return [note, link].flatMap((text) => (text === null ? [] : [printable(text)]));
}
