import type { OrderIdentity } from '../model/outcome.ts';
import { hubFolder } from '../model/pop.ts';
import type { Delivered, OpenSink } from '../model/sink.ts';

/** A sink that is told of the orders of a hub by the ids that they have there, and who measured them. */
export function forHub(open: OpenSink, pop: string): OpenSink {
	const known = new WeakMap<OrderIdentity, OrderIdentity>();
	const atHub = (order: OrderIdentity) => {
		if (!order.id.startsWith(`${hubFolder}/`)) return order;
		let there = known.get(order);
		if (there === undefined) {
			there = { ...order, id: order.id.slice(hubFolder.length + 1) };
			known.set(order, there);
		}
		return there;
	};
	const told = (one: Delivered): Delivered => ({ ...one, order: atHub(one.order), pop });
	return {
		write: (batch, signal) => open.write(batch.map(told), signal),
		close: () => open.close(),
	};
}
