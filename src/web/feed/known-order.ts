import type { Order } from '../../model/order.ts';
import type { ToldEvent } from '../../outcomes/event-json.ts';

/**
 * The order that the daemon told of. What it told counts: who it is, how often it is measured. The rest, such as its
 * options, is what the file says, if it is there and still the same.
 *
 * @param written what the file says; null when it cannot be read
 */
export function orderOfChanged(
	{ order, stepSeconds, pings, pops, is_elsewhere }: Extract<ToldEvent, { about: 'changed' }>,
	written: Order | null,
): Order {
	const { target, ...told } = order;
	const isSame = written !== null && written.probe === order.probe && written.stepSeconds === stepSeconds;
	const base: Omit<Order, 'id' | 'user' | 'probe' | 'tags' | 'stepSeconds' | 'pings'> = isSame
		? written
		: { target, options: {}, rrdTemplate: null, batchKey: '' };
	const places = {
		...(pops === undefined ? {} : { pops }),
		...(is_elsewhere === true ? { where: { here: false } } : {}),
	};
	return { ...base, ...told, shownTarget: target, stepSeconds, pings, ...places };
}
