import type { Sink } from '../../model/sink.ts';
import { canaryTypes } from './canary-types.ts';
import { describeDestination, type KafkaSettings, settings } from './settings.ts';

/** A topic of Kafka. */
export const kafka: Sink<KafkaSettings> = {
	name: 'kafka',
	settings,
	destination: describeDestination,
	confirms: () => true,
	ordered: true,
	outcomes: 'all',
	takes: ({ probe }, { format }) => format !== 'canary' || canaryTypes.has(probe),
	open: async (entry, tools) => (await import('./open.ts')).openKafka(entry, tools),
};
