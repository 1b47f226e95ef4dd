import { Pops, type PopsParts } from './pops.ts';
import type { Rooms } from './rooms.ts';
import { siteStateOf } from './site-state.ts';

/** Points of presence; the other rooms need not be open yet. */
export function openPops(
	parts: Pick<PopsParts, 'config' | 'log' | 'clock' | 'probes'>,
	rooms: Pick<Rooms, 'stream' | 'store' | 'alerts' | 'book' | 'memory' | 'delivery'>,
): Pops {
	return new Pops({
		...parts,
		moved: (order) => rooms.stream.changed(order),
		outcomes: (outcomes) => rooms.stream.outcomes(outcomes),
		flush: () => rooms.store.flush(),
		standby: (standby) => {
			rooms.alerts.standby = standby;
		},
		measuredOnce: (id) => rooms.book.measuredOnce(id),
		reason: (id, message) => (message === null ? rooms.store.clear(id) : rooms.store.reject(id, message)),
		siteState: siteStateOf(rooms),
	});
}
