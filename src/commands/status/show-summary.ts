import { summaryLines } from '../../history/summary-table.ts';
import { popFolderIn, popFolderOf } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { OrderSummary } from '../../store/order-summary.ts';
import type { State, StatusRow } from '../shared/status-row.ts';

/** Of these nothing is measured that could be summed up. */
const notOrders: ReadonlySet<State> = new Set(['rejected', 'unreadable']);

/** The table that meshping has, of these orders, line by line with its line feed; the same as `GET /` tells. */
export function summaryOf(
	baseDir: string,
	rows: readonly Pick<StatusRow, 'id' | 'target' | 'pop' | 'state'>[],
	nowSeconds: number,
): Iterable<string> {
	const orders = rows.filter(({ state }) => !notOrders.has(state));
	return summaryLines(
		orders.map(({ id, target, pop }) => {
			const summary = new OrderSummary();
			const name = pop === undefined || popFolderIn(id) !== null ? id : popFolderOf(id, pop);
			const found = findOrderFolder(baseDir, name);
			if (found !== null) summary.read(found, nowSeconds);
			return summary.rowOf(printable(id), printable(target ?? ''));
		}),
	);
}
