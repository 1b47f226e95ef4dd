import { findOrderFolder } from '../../../store/find-orders.ts';
import { isSafeOrderId } from '../../../store/order-path.ts';
import { seriesMax } from '../../browser/series-colours.ts';
import type { Asked } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';

export interface ComparedOrder {
	readonly id: string;
	/** What people call it. */
	readonly name: string;
}

/** The orders that an address names, each once, and those that there are not. */
export function comparedOrders({
	parts,
	asked,
}: {
	readonly parts: WebParts;
	readonly asked: Pick<Asked, 'query'>;
}): {
	readonly orders: readonly ComparedOrder[];
	readonly unknown: readonly string[];
} {
	const named = new Set(asked.query.getAll('order').filter((id) => id !== ''));
	const ids = [...named].slice(0, seriesMax);
	const isKnown = (id: string) => isSafeOrderId(id) && findOrderFolder(parts.baseDir, id) !== null;
	return {
		orders: ids.filter(isKnown).map((id) => ({ id, name: parts.orders.get(id)?.title ?? id })),
		unknown: ids.filter((id) => !isKnown(id)),
	};
}
