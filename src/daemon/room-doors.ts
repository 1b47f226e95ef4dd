import type { OrderBookParts } from '../engine/book-parts.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import type { StoreEvents } from '../store/store-parts.ts';
import type { Pops } from './pops.ts';
import type { Rooms } from './rooms.ts';

interface StoreEventParts {
	book(): OrderBook;
	readonly pops: Pops;
	readonly log: Log;
	broken(): void;
}

/** What the store tells, for those who want to know. */
export function storeEventsFor({ book, pops, log, broken }: StoreEventParts): StoreEvents {
	return {
		enrolled: (id, lastSlotSeconds) => {
			book().enrolled(id, lastSlotSeconds);
			pops.hub?.enrolled(id, lastSlotSeconds);
		},
		revived: (id) => log.info(`revived archived order: ${id}`),
		archived: (id) => book().expiryOver(id),
		kept: (id) => book().expiryOver(id),
		stuck: (id) => book().expiryFailed(id),
		dropped: (id, ageSeconds) =>
			log.info(`removed from the archive: ${id} (archived ${Math.round(ageSeconds / 3600)} hours ago)`),
		problem: (message) => log.error(message),
		failed: (error) => {
			log.error(`the store ended: ${error.stack ?? error.message}`);
			broken();
		},
	};
}

/** Whom the book tells: what concerns points of presence is told to them first. */
export function doorsOfBook(
	{ store, pops, stream }: Pick<Rooms, 'store' | 'pops' | 'stream'>,
	changed: (order: Order) => void,
): Pick<OrderBookParts, 'store' | 'stream'> {
	return {
		store: {
			reject: (id, message) => {
				pops.rejected(id, message);
				store.reject(id, message);
			},
			clear: (id) => {
				pops.rejected(id, null);
				store.clear(id);
			},
			archive: (id) => store.archive(id),
			expire: (id, path, maxAgeMs) => store.expire(id, path, maxAgeMs),
		},
		stream: {
			changed,
			gone: (id, why) => {
				pops.gone(id);
				stream.gone(id, why);
			},
		},
	};
}
