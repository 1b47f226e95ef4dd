import { popFolderIn, popFolderOf } from '../../model/pop.ts';
import type { ToldOrder } from '../../model/status-answer.ts';
import { globPattern } from '../../orders/glob.ts';
import { namesPops, selectOrders, type Unselected } from '../../orders/selector.ts';
import { popsIn } from '../../store/find-orders.ts';
import type { ListedOrder } from '../shared/listed-orders.ts';
import { outputOf } from '../shared/order-output.ts';
import { readPopRow, readRow } from '../shared/read-row.ts';
import type { RowSources, StatusRow } from '../shared/status-row.ts';
import { toldRow } from './told-row.ts';

interface Reading {
	/** None: all orders. */
	readonly words: readonly string[];
	/** Which points of presence have a row each; null: an order has one row, unless a word names `ID/@POP`. */
	readonly pop: string | null;
	readonly files: readonly ListedOrder[];
	readonly sources: RowSources;
	/** What the daemon tells, by id. */
	readonly told: ReadonlyMap<string, ToldOrder>;
}

/** The rows that are asked for, and the words that ask for none. */
export function readRows({ words, pop, files, sources, told }: Reading): {
	readonly rows: readonly StatusRow[];
	readonly unselected: readonly Unselected[];
} {
	const ofOrder = (file: ListedOrder) =>
		toldRow(file, told.get(file.id), sources, (id) => outputOf(id, sources)) ?? readRow(file, sources) ?? [];
	if (words.length === 0 && pop === null) return { rows: files.flatMap(ofOrder), unselected: [] };
	const listed = new Map(files.map((file) => [file.id, file]));
	const ids = [...listed.keys()];
	const namesOf = (id: string) => popsIn(sources.baseDir, id).map((one) => popFolderOf(id, one));
	const all = words.some(namesPops) ? ids.flatMap((id) => [id, ...namesOf(id)]) : ids;
	const selected = words.length === 0 ? { ids: all, unselected: [] } : selectOrders(words, all);
	const names = pop === null ? selected.ids : selected.ids.flatMap((name) => placesOf(name, pop, namesOf));
	const rows = [...new Set(names)].flatMap((name) => {
		// A file that is called so is an order, though it is none that could be measured.
		const named = listed.has(name) ? null : popFolderIn(name);
		const file = listed.get(named?.id ?? name) ?? { id: name };
		if (named !== null) return readPopRow(file, named.pop, sources) ?? [];
		return ofOrder(file);
	});
	return { rows, unselected: selected.unselected };
}

function placesOf(name: string, pop: string, namesOf: (id: string) => string[]): string[] {
	const pattern = globPattern(pop);
	const names = popFolderIn(name) === null ? namesOf(name) : [name];
	return names.filter((one) => pattern.test(popFolderIn(one)?.pop ?? ''));
}
