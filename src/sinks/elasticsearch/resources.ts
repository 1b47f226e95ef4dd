import type { ElasticsearchSettings } from './settings.ts';

export type Distribution = 'elasticsearch' | 'opensearch';

/** Above this a day's results are rolled over earlier: larger shards are slow to move. */
const shardMax = '50gb';
/** Above those that come with a server. */
const priority = 200;

/** Of Elasticsearch: age is counted from the roll-over on. */
export function ilmPolicy({ setup: { rollover, keep } }: ElasticsearchSettings): object {
	return {
		policy: {
			_meta: madeBy,
			phases: {
				hot: {
					min_age: '0ms',
					actions: { rollover: { max_age: age(rollover), max_primary_shard_size: shardMax } },
				},
				delete: { min_age: age(keep), actions: { delete: {} } },
			},
		},
	};
}

/** Of OpenSearch: age is counted from the making of an index on, so it begins a roll-over earlier. */
export function ismPolicy({ setup: { rollover, keep } }: ElasticsearchSettings, name: string): object {
	return {
		policy: {
			description: madeBy.description,
			default_state: 'hot',
			states: [
				{
					name: 'hot',
					actions: [{ rollover: { min_index_age: age(rollover), min_primary_shard_size: shardMax } }],
					transitions: [{ state_name: 'delete', conditions: { min_index_age: age(keep + rollover) } }],
				},
				{ name: 'delete', actions: [{ delete: {} }], transitions: [] },
			],
			ism_template: [{ index_patterns: [name], priority }],
		},
	};
}

/** `hasLifecycle`: there is a policy of that name. OpenSearch's policy finds its indices by itself. */
export function indexTemplate(
	{ index, setup: { shards, replicas } }: ElasticsearchSettings,
	name: string,
	distribution: Distribution,
	hasLifecycle: boolean,
): object {
	const namesPolicy = hasLifecycle && distribution === 'elasticsearch';
	return {
		index_patterns: [name],
		...(index === undefined ? { data_stream: {} } : {}),
		priority,
		template: {
			settings: {
				index: {
					number_of_shards: shards,
					number_of_replicas: replicas,
					refresh_interval: '5s',
					...(namesPolicy ? { lifecycle: { name } } : {}),
				},
			},
			mappings: mappingsFor(distribution),
		},
		_meta: madeBy,
	};
}

const madeBy = { description: 'Results of pingmachine', managed_by: 'pingmachine' };

const keyword = { type: 'keyword', ignore_above: 1024 };
/** Three digits of a thousandth are enough, and half as large as a double. */
const float = { type: 'float' };
const integer = { type: 'integer' };

/** Everything that an order says freely is in `labels`, as one field: no order makes fields without end. */
function mappingsFor(distribution: Distribution): object {
	return {
		dynamic_templates: [
			{ facts_numbers: of('long', { type: 'double', ignore_malformed: true }) },
			{ facts_decimals: of('double', { type: 'double', ignore_malformed: true }) },
			{ facts_texts: of('string', keyword) },
		],
		properties: {
			'@timestamp': { type: 'date' },
			ip: { type: 'ip' },
			status: { type: 'keyword' },
			latency_ms: float,
			min_ms: float,
			median_ms: float,
			max_ms: float,
			jitter_ms: float,
			rtts_ms: float,
			pings: integer,
			sent: integer,
			loss: integer,
			loss_ratio: float,
			order: { properties: { id: keyword, user: keyword } },
			task: keyword,
			title: keyword,
			measurement_name: keyword,
			probe: keyword,
			target: keyword,
			pop: keyword,
			slot: { properties: { start: { type: 'date', format: 'epoch_second' }, step: integer } },
			labels:
				distribution === 'opensearch' ? { type: 'flat_object' } : { type: 'flattened', ignore_above: 1024 },
			code: keyword,
			reason: { type: 'text' },
			facts: { type: 'object', dynamic: true },
		},
	};
}

function of(kind: string, mapping: object): object {
	return { path_match: 'facts.*', match_mapping_type: kind, mapping };
}

/** As servers read it. */
function age(seconds: number): string {
	const whole = Math.max(1, Math.round(seconds));
	return whole % 86_400 === 0 ? `${whole / 86_400}d` : `${whole}s`;
}
