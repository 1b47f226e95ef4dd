import type { EarlyPing } from '../model/measurement.ts';
import type { Order } from '../model/order.ts';
import type { OrderIdentity, Outcome } from '../model/outcome.ts';
import type { Slot } from '../model/slot.ts';

/** Why an order is measured no more. */
export type GoneWhy = 'deleted' | 'expired' | 'rejected';

/** Pings told early, of an order that somebody watches. A preview: what counts is the outcome, which tells them again. */
export interface EarlyPings {
	readonly order: OrderIdentity;
	readonly slot: Slot;
	/** How many pings the order asks for. */
	readonly pings: number;
	readonly early: readonly EarlyPing[];
}

/** What the stream tells, in the order in which it happened. */
export type StreamEvent =
	| { readonly about: 'outcomes'; readonly outcomes: readonly Outcome[] }
	/** An order was enrolled or edited: before its first outcome, and for every order to those who come later. */
	| { readonly about: 'changed'; readonly order: Order }
	/** An order is measured no more: after its last outcome. */
	| { readonly about: 'gone'; readonly id: string; readonly why: GoneWhy }
	/** So many outcomes were dropped because the subscriber was too slow, of these orders: their files tell more. */
	| { readonly about: 'missed'; readonly ids: readonly string[]; readonly count: number }
	| ({ readonly about: 'early' } & EarlyPings);

/** Who wants to know what comes of measuring. State of an order is made on `changed` and dropped on `gone`. */
export interface Subscriber {
	/** For the log. */
	readonly name: string;
	/** Whether it is told pings that are over before their jobs are. By default it is not. */
	readonly wantsEarly?: boolean;
	/**
	 * Takes events, the oldest first. When it returns a promise, more come when that has settled: meanwhile they wait,
	 * at most 20,000 outcomes, then the oldest are dropped. What it throws is told in the log.
	 */
	take(events: readonly StreamEvent[]): unknown;
}
