import { measurementOf } from '../../../src/model/measurement.ts';
import type { Order } from '../../../src/model/order.ts';
import type { Delivered, DeliveredOrder } from '../../../src/model/sink.ts';
import type { SinkEntry } from '../../../src/model/sink-entry.ts';

export const startSeconds = 1_795_240_000;

export function deliveredOrder(id: string, changes: Partial<DeliveredOrder> = {}): DeliveredOrder {
	const timing = { stepSeconds: 10, pings: 2 };
	return { id, user: 'me', ...timing, probe: 'fping', tags: {}, target: '127.0.0.1', ...changes };
}

/** The result of an order in a slot that begins so many steps after `startSeconds`. */
export function result(id: string, step = 0, changes: Partial<DeliveredOrder> = {}): Delivered {
	const order = deliveredOrder(id, changes);
	const slot = { startSeconds: startSeconds + step * order.stepSeconds, stepSeconds: order.stepSeconds };
	const samples = [0.25, null].map((rttSeconds, index) => ({
		sentAtSeconds: slot.startSeconds + index * 4.125,
		rttSeconds,
	}));
	return { order, measurement: measurementOf(order, slot, samples) };
}

/** Results of one order in consecutive slots. */
export function results(count: number, id = 'a', first = 0): Delivered[] {
	return Array.from({ length: count }, (_, index) => result(id, first + index));
}

/** Which of `results` this is. */
export function stepOf({ measurement, order }: Delivered): number {
	return (measurement.slot.startSeconds - startSeconds) / order.stepSeconds;
}

export function fullOrder(id: string, changes: Partial<Order> = {}): Order {
	return {
		...deliveredOrder(id),
		options: { host: '127.0.0.1' },
		rrdTemplate: 'smokeping',
		batchKey: 'key',
		target: '127.0.0.1',
		...changes,
	};
}

type EntryChanges = Partial<Omit<SinkEntry, 'limits' | 'filter'>> & {
	readonly limits?: Partial<SinkEntry['limits']>;
	readonly filter?: Partial<SinkEntry['filter']>;
};

export function sinkEntry({ limits, filter, ...changes }: EntryChanges = {}): SinkEntry {
	return {
		name: 'main',
		type: 'scripted',
		settings: {},
		filter: { ids: null, users: null, probes: null, ...filter },
		limits: {
			queueMax: 1000,
			batchMax: 10,
			batchWaitMs: 1000,
			timeoutMs: 10_000,
			spoolMaxBytes: 100_000_000,
			spoolMaxAgeMs: 3600_000,
			...limits,
		},
		...changes,
	};
}
