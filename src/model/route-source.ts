import type { Order } from './order.ts';
import { parseUrl } from './parse-url.ts';

type Traced = Pick<Order, 'id' | 'probe' | 'target' | 'options'>;

/** The host that packets of an order go to: its target, or the host of the URL that it is. */
export function hostOf({ target }: Pick<Order, 'target'>): string {
	const url = /^[a-z][a-z\d+.-]*:\/\//i.test(target) ? parseUrl(target) : null;
	return url === null ? target : url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** 4 or 6, as far as the order says it. */
export function familyOf({ target, options }: Pick<Order, 'target' | 'options'>): 4 | 6 | null {
	if (hostOf({ target }).includes(':')) return 6;
	const { family, ipv6 } = options;
	if (family === 4 || family === 6) return family;
	return family === 'auto' ? null : ipv6 === true ? 6 : 4;
}

/**
 * Which order's route an order has, where it has none of its own: that of an order that traces routes (`tracing`: the
 * names of such probes) to the same host, by the same family. Null: there is none.
 */
export function routeSourceOf(
	order: Traced,
	others: Iterable<Traced>,
	tracing: ReadonlySet<string>,
): string | null {
	const [host, family] = [hostOf(order), familyOf(order)];
	for (const other of others) {
		if (!tracing.has(other.probe) || other.id === order.id || other.target !== host) continue;
		const others = familyOf(other);
		if (family === null || others === null || family === others) return other.id;
	}
	return null;
}
