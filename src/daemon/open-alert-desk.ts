import type { Config } from '../config/config.ts';
import type { Delivery } from '../delivery/delivery-parts.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { factTableOf, type ProbeTable } from '../model/probe.ts';
import type { OutcomeStream } from '../outcomes/stream.ts';
import type { Store } from '../store/store-parts.ts';
import { AlertDesk, type AlertDeskParts } from './alert-desk.ts';
import type { OutletModules } from './alert-messages.ts';
import { alertSettingsOf, outletSettingsOf } from './config-parts.ts';
import { OwnClock, partStandings } from './part-standings.ts';
import type { Pops } from './pops.ts';

interface Surroundings extends Pick<AlertDeskParts, 'clock' | 'log' | 'trace'> {
	readonly config: Config;
	readonly probes: ProbeTable;
	readonly outlets: OutletModules;
}

interface Rooms {
	readonly store: Pick<Store, 'alerts'>;
	readonly delivery: Pick<Delivery, 'tellCompanion' | 'stats'>;
	readonly pops: Pick<Pops, 'desk'>;
	readonly scheduler: Pick<Scheduler, 'stuck'>;
	readonly stream: Pick<OutcomeStream, 'watch'>;
}

/** The desk of a daemon that runs with such a config, among these rooms. They need not be there yet. */
export function openAlertDesk(
	{ config, clock, log, probes, outlets: modules, trace }: Surroundings,
	rooms: Rooms,
): AlertDesk {
	const ownClock = new OwnClock(clock);
	return new AlertDesk({
		...{ baseDir: config.baseDir, clock, log, facts: factTableOf(probes), modules, trace },
		...{ settings: alertSettingsOf(config), outlets: outletSettingsOf(config) },
		tell: (messages, areRules) => rooms.delivery.tellCompanion(messages, areRules),
		save: (id, lines) => rooms.store.alerts(id, lines),
		watch: (id) => rooms.stream.watch(id),
		isMeasuring: () => rooms.scheduler.stuck() === null,
		standings: () => partStandings(rooms, ownClock),
	});
}
