import type { Sink } from '../../model/sink.ts';
import { describeDestination, type RedisSettings, settings } from './settings.ts';

/** Redis or Valkey. */
export const redis: Sink<RedisSettings> = {
	name: 'redis',
	settings,
	destination: describeDestination,
	confirms: () => true,
	batch: { size: 500, waitSeconds: 1 },
	open: async (entry, tools) => (await import('./open.ts')).openRedis(entry, tools),
};
