/** The lines of the overview: orders, and in the tree their folders. Pure. */
import { type Now, type Row, type StateName, stateNames, stateOf } from './rows.ts';
import type { View } from './view.ts';
import { filterOf, sortRows } from './view.ts';

export type Counts = Record<StateName, number>;

export interface Folder {
	/** Ends with a slash. */
	readonly path: string;
	readonly name: string;
	readonly counts: Counts;
	orders: number;
	lost: number;
	sent: number;
}

export type Line =
	| { readonly kind: 'folder'; readonly folder: Folder; readonly depth: number; readonly isOpen: boolean }
	/** `name`: the last part of its id in the tree, else all of it. */
	| { readonly kind: 'order'; readonly row: Row; readonly depth: number; readonly name: string };

export interface Arranged {
	readonly lines: readonly Line[];
	/** Of all orders. */
	readonly counts: Counts;
	/** Of those that the filter lets through. */
	readonly found: number;
}

/** Up to so many orders all folders are open at first. */
const openMax = 300;

/** @param folded folders that somebody has opened or closed by hand */
export function arrange(
	rows: Iterable<Row>,
	view: View,
	now: Now,
	folded: ReadonlyMap<string, boolean> = new Map(),
): Arranged {
	const counts = noCounts();
	const isWanted = filterOf(view);
	const wanted: Row[] = [];
	for (const row of rows) {
		counts[stateOf(row, now)]++;
		if (isWanted(row, now)) wanted.push(row);
	}
	sortRows(wanted, view.sort, now);
	const lines =
		view.sort === 'tree'
			? treeOf(wanted, view, now, folded)
			: wanted.map((row): Line => ({ kind: 'order', row, depth: 0, name: row.id.slice(view.folder.length) }));
	return { lines, counts, found: wanted.length };
}

export function noCounts(): Counts {
	return Object.fromEntries(stateNames.map((name) => [name, 0])) as Counts;
}

/** @param rows by id, so that what is in a folder stands together */
function treeOf(
	rows: readonly Row[],
	view: View,
	now: Now,
	folded: ReadonlyMap<string, boolean>,
): readonly Line[] {
	const isOpenAtFirst = view.folders === null ? rows.length <= openMax : view.folders === 'open';
	const lines: Line[] = [];
	const stack: { readonly folder: Folder; readonly isShown: boolean }[] = [];
	for (const row of rows) {
		while (stack.length > 0 && !row.id.startsWith(stack.at(-1)?.folder.path ?? '')) stack.pop();
		let from = stack.at(-1)?.folder.path.length ?? view.folder.length;
		for (let at = row.id.indexOf('/', from); at >= 0; at = row.id.indexOf('/', from)) {
			const path = row.id.slice(0, at + 1);
			const folder: Folder = {
				...{ path, name: row.id.slice(from, at), counts: noCounts() },
				...{ orders: 0, lost: 0, sent: 0 },
			};
			const isInside = stack.at(-1)?.isShown ?? true;
			const isOpen = folded.get(path) ?? isOpenAtFirst;
			if (isInside) lines.push({ kind: 'folder', folder, depth: stack.length, isOpen });
			stack.push({ folder, isShown: isInside && isOpen });
			from = at + 1;
		}
		count(row, stateOf(row, now), stack);
		if (stack.at(-1)?.isShown ?? true)
			lines.push({ kind: 'order', row, depth: stack.length, name: row.id.slice(from) });
	}
	return lines;
}

function count(row: Row, state: StateName, stack: readonly { readonly folder: Folder }[]): void {
	for (const { folder } of stack) {
		folder.orders++;
		folder.counts[state]++;
		folder.lost += row.loss;
		folder.sent += row.sent;
	}
}
