import { summaryLines } from '../../history/summary-table.ts';
import { popFolderIn, popFolderOf } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { OrderSummary } from '../../store/order-summary.ts';
import type { StatusRow } from '../shared/status-row.ts';

/** The table that meshping has, of these orders, line by line with its line feed. */
export function summaryOf(
	baseDir: string,
	rows: readonly Pick<StatusRow, 'id' | 'target' | 'pop'>[],
	nowSeconds: number,
): Iterable<string> {
	return summaryLines(
		rows.map(({ id, target, pop }) => {
			const summary = new OrderSummary();
			const name = pop === undefined || popFolderIn(id) !== null ? id : popFolderOf(id, pop);
			const found = findOrderFolder(baseDir, name);
			if (found !== null) summary.read(found, nowSeconds);
			return summary.rowOf(printable(id), printable(target ?? ''));
		}),
	);
}
