import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import type { OrderFile } from '../orders/order-file.ts';
import type { GoneWhy } from '../outcomes/subscriber.ts';
import type { ReadOrder } from '../reading/order.ts';
import type { Batches } from './batches.ts';

/** What the book asks of the store. All of it is done in order, later. */
interface BookStore {
	reject(id: string, message: string): void;
	clear(id: string): void;
	archive(id: string): void;
	expire(id: string, path: string, maxAgeMs: number): void;
}

/** Who is told of live orders. */
interface BookStream {
	/** It is enrolled or was edited. */
	changed(order: Order): void;
	/** It is measured no more. */
	gone(id: string, why: GoneWhy): void;
}

/** What the order book needs of the rest of the house. */
export interface OrderBookParts {
	readonly batches: Batches;
	readonly clock: Clock;
	readonly log: Log;
	readonly stream: BookStream;
	readonly store: BookStore;
	readText(path: string): OrderFile;
	/** Never throws, whatever the text. `uid`: who has ordered it. */
	readOrder(id: string, text: string, uid: number): ReadOrder;
	/** One line for what is wrong with an order. */
	describe(findings: Extract<ReadOrder, { findings: unknown }>['findings']): string;
	/** False: points of presence are still to measure an order that is to be measured once. */
	isMeasured?(id: string): boolean;
	/** An order may have become due. */
	wake(): void;
}
