import { randomBytes } from 'node:crypto';
import type { Delivery } from '../delivery/delivery-parts.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { Memory } from '../memory/memory.ts';
import { hubFolder } from '../model/pop.ts';
import type { SiteState } from './joined-site.ts';

interface SiteRooms {
	readonly book: OrderBook;
	readonly memory: Memory;
	readonly delivery: Pick<Delivery, 'stats'>;
}

/** How this machine is as a point of presence. Asked each 10 s; rooms may not be open yet when it is made. */
export function siteStateOf(rooms: SiteRooms): () => SiteState {
	const boot = randomBytes(4).toString('hex');
	return () => {
		let failing = 0;
		for (const [id, , live] of rooms.book) {
			if (live === null || !id.startsWith(`${hubFolder}/`)) continue;
			const { lastFailure, lastFacts } = rooms.memory.of(id) ?? {};
			if (lastFailure != null && lastFailure.time > (lastFacts?.time ?? 0)) failing++;
		}
		const sink = rooms.delivery.stats().find(({ name }) => name === 'hub');
		return { boot, failing, spool: { bytes: sink?.spooledBytes ?? 0, waiting: sink?.queued ?? 0 } };
	};
}
