import type { Order } from '../../../src/model/order.ts';
import { type Measured, measured, type OrderIdentity, type Outcome } from '../../../src/model/outcome.ts';
import type { SinkEntry } from '../../../src/model/sink-entry.ts';

export const startSeconds = 1_795_240_000;

const stepSeconds = 10;

export function deliveredOrder(id: string, changes: Partial<OrderIdentity> = {}): OrderIdentity {
	return { id, user: 'me', probe: 'fping', tags: {}, target: '127.0.0.1', ...changes };
}

/** The result of an order in a slot that begins so many steps after `startSeconds`. */
export function result(id: string, step = 0, changes: Partial<OrderIdentity> = {}): Measured {
	const order = deliveredOrder(id, changes);
	const slot = { startSeconds: startSeconds + step * stepSeconds, stepSeconds };
	const samples = [0.25, null].map((rttSeconds, index) => ({
		sentAtSeconds: slot.startSeconds + index * 4.125,
		rttSeconds,
	}));
	return measured(order, slot, 2, samples);
}

/** Results of one order in consecutive slots. */
export function results(count: number, id = 'a', first = 0): Measured[] {
	return Array.from({ length: count }, (_, index) => result(id, first + index));
}

/** Which of `results` this is. */
export function stepOf({ slot }: Outcome): number {
	return (slot.startSeconds - startSeconds) / stepSeconds;
}

export function fullOrder(id: string, changes: Partial<Order> = {}): Order {
	return {
		...deliveredOrder(id),
		stepSeconds,
		pings: 2,
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
