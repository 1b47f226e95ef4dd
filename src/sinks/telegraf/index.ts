import type { Sink } from '../../model/sink.ts';
import { describeDestination, settings, type TelegrafSettings } from './settings.ts';

/** Telegraf, or an InfluxDB: measurements in Influx line protocol. */
export const telegraf: Sink<TelegrafSettings> = {
	name: 'telegraf',
	settings,
	destination: describeDestination,
	confirms: ({ url }) => url.kind !== 'udp',
	takes: (order) => order.measurementName !== undefined,
	open: async (entry, tools) => (await import('./open.ts')).open(entry, tools),
};
