import type { Sink } from '../../model/sink.ts';
import { describeDestination, type ElasticsearchSettings, settings } from './settings.ts';

/** Elasticsearch or OpenSearch. */
export const elasticsearch: Sink<ElasticsearchSettings> = {
	name: 'elasticsearch',
	settings,
	destination: describeDestination,
	confirms: () => true,
	batch: { size: 200, waitSeconds: 2 },
	outcomes: 'all',
	open: async (entry, tools) => (await import('./open.ts')).openElasticsearch(entry, tools),
	setup: async (entry, tools) => (await import('./setup.ts')).setUp(entry, tools),
};
