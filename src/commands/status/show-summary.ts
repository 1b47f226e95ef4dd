import { summaryLines } from '../../history/summary-table.ts';
import { printable } from '../../model/printable.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { OrderSummary } from '../../store/order-summary.ts';
import type { StatusRow } from '../shared/status-row.ts';

/** The table that meshping has, of these orders, line by line with its line feed. */
export function summaryOf(
	baseDir: string,
	rows: readonly Pick<StatusRow, 'id' | 'target'>[],
	nowSeconds: number,
): Iterable<string> {
	return summaryLines(
		rows.map(({ id, target }) => {
			const summary = new OrderSummary();
			const found = findOrderFolder(baseDir, id);
			if (found !== null) summary.read(found, nowSeconds);
			return summary.rowOf(printable(id), printable(target ?? ''));
		}),
	);
}
