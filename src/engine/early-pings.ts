import type { EarlyPing } from '../model/measurement.ts';
import type { Order } from '../model/order.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import type { EarlyTools } from '../model/probe.ts';
import type { Slot } from '../model/slot.ts';
import type { EarlyPings } from '../outcomes/subscriber.ts';
import type { LiveOrder } from './batch.ts';

/** Who wants to be told pings before their job is over. */
export interface EarlyStream {
	isWatched(id: string): boolean;
	onWatch(changed: () => void): () => void;
	early(pings: EarlyPings): void;
}

/** What is lent to the probe that measures these orders in this slot. */
export function earlyTools(
	stream: EarlyStream,
	orders: readonly LiveOrder[],
	slot: Slot,
	identityOf: (order: Order) => OrderIdentity,
): EarlyTools {
	const watched = () => orders.filter(({ order, alive }) => alive && stream.isWatched(order.id));
	return {
		watched: () => [...new Set(watched().map(({ order }) => order.target))],
		onChange: (changed) => stream.onWatch(changed),
		tell(target: string, early: readonly EarlyPing[]) {
			for (const { order } of watched()) {
				if (order.target === target)
					stream.early({ order: identityOf(order), slot, pings: order.pings, early });
			}
		},
	};
}
