import { hostname } from 'node:os';
import type { HubSettings } from '../config/hub-setting.ts';
import type { Standby } from '../delivery/notices/standby.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Hub } from '../pops/hub/hub.ts';
import { Hubs, type HubsParts } from '../pops/hubs/hubs.ts';
import { KafkaHubsTopic } from '../pops/kafka/hubs-topic.ts';
import { tellChanges } from './kafka-links.ts';

export interface HubsOptions {
	readonly settings: HubSettings;
	readonly key: HubsParts['key'];
	readonly baseDir: string;
	readonly clock: Clock;
	readonly log: Log;
	readonly hub: Hub;
	/** Another hub tells notifiers in our place, or does not. */
	standby(standby: Standby): void;
}

/** The other hubs with our key; null: the config does not say that there are some. */
export function openHubs({ settings, key, baseDir, clock, log, hub, standby }: HubsOptions): Hubs | null {
	const { kafka, keyFile, name } = settings;
	if (kafka === null || keyFile === null) return null;
	standby({ isOn: true, toldUntilMs: 0 });
	const hubs = new Hubs({
		...{ name: name ?? hostname(), key, clock, log, baseDir },
		topic: new KafkaHubsTopic({ ...kafka, told: tellChanges(log, 'hubs') }),
		toldSeq: () => hub.toldSeq,
		pop: (popName, pop) => hub.know(popName, pop),
		pops: () => hub.registry.pops,
		picked: (id) => hub.chooseAgain((_pops, _where, one) => one === id),
		leads: (isLeading, { seq, toldUntilMs }) => {
			standby({ isOn: !isLeading, toldUntilMs });
			if (isLeading) hub.speak(seq);
		},
	});
	hub.assignments.shared = hubs;
	return hubs;
}
