import { summaryLines, worstSummary } from '../../history/summary-table.ts';
import { popFolderIn, popFolderOf } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';
import { findOrderFolder, popsIn } from '../../store/find-orders.ts';
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
			const isOfPlaces = pop !== undefined && popFolderIn(id) === null;
			const names = isOfPlaces ? popsIn(baseDir, id).map((one) => popFolderOf(id, one)) : [id];
			const rowOf = (summary: OrderSummary) => summary.rowOf(printable(id), printable(target ?? ''));
			const all = names.map((name) => {
				const summary = new OrderSummary();
				const found = findOrderFolder(baseDir, name);
				if (found !== null) summary.read(found, nowSeconds);
				return rowOf(summary);
			});
			return worstSummary(all) ?? rowOf(new OrderSummary());
		}),
	);
}
