import { isIPv6 } from 'node:net';
import type { Order } from '../../model/order.ts';
import { identityOf } from '../../model/outcome.ts';

/** As blackbox_exporter is asked for what an order measures: with its port, where it has one. */
export function probedAs(order: Order): string {
	const { target } = identityOf(order);
	const port = order.options['port'];
	if (typeof port !== 'number') return target;
	if (isIPv6(target)) return `[${target}]:${port}`;
	return target.includes(':') ? target : `${target}:${port}`;
}
