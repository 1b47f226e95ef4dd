import { resolve } from 'node:path';
import type { ProbeTable } from '../../model/probe.ts';
import type { OrderReport } from '../../orders/lists/report.ts';
import type { OrderFileSeen } from '../../orders/seen.ts';
import { type Folders, folderOf, selectOrders, type Unselected } from '../../orders/selector.ts';
import { folderReason, listedOrders } from '../shared/listed-orders.ts';

/** The orders that there are, by id. A folder that cannot be read is trouble, and told. */
export function listedById(
	baseDir: string,
	probes: ProbeTable,
	report: OrderReport,
): ReadonlyMap<string, OrderFileSeen> {
	const { files, unread } = listedOrders(resolve(baseDir), probes);
	for (const { idPrefix, code } of unread)
		report.trouble(`${idPrefix}: cannot be read: ${folderReason(code) ?? code}`);
	return new Map(files.map((file) => [file.id, file]));
}

/** The ids that the words select. A word that selects none is trouble, and told. */
export function selectedIds(
	words: readonly string[],
	all: readonly string[],
	folders: Folders,
	report: OrderReport,
): readonly string[] {
	const { ids, unselected } = selectOrders(words, all, folders);
	for (const each of unselected) report.trouble(`${each.word}: ${noneFor(each)}`);
	return ids;
}

function noneFor({ word, why, near }: Unselected): string {
	if (why === 'pattern') return 'no order matches. See pingmachine order ls';
	if (why === 'folder') return `is a folder. Write '${folderOf(word)}/**' for all orders below it`;
	return `there is no such order. ${near === null ? 'See pingmachine order ls' : `Did you mean ${near}?`}`;
}
