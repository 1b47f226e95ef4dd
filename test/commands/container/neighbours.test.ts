import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { prepare } from '../../../src/commands/container/index.ts';
import { meantBy } from '../../../src/commands/container/neighbours.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { builtInSinks } from '../../../src/sinks/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-container-'));
afterAll(() => rmSync(folder, { recursive: true }));

const secretPath = (name: string) => `/secrets/${name}`;

/** All of it is understood by those who read configs and orders. */
function meant(variables: Record<string, string>) {
	const all = meantBy(variables, secretPath);
	const file = join(folder, 'config');
	writeFileSync(file, dump(all.config));
	loadConfig({ file, flags: {}, environment: {}, probes: builtInProbes, sinks: builtInSinks });
	for (const [id, text] of all.orders) expect(readOrder(id, text, builtInProbes)).toHaveProperty('order');
	return all;
}

test("Pingy's variables for Redis", () => {
	const { config, secrets } = meant({
		SINK_TYPE: 'redis',
		TARGET_FILE: '/app/targets.txt',
		PING_INTERVAL: '30',
		LOG_LEVEL: 'WARNING',
		REDIS_HOST: 'redis',
		REDIS_PORT: '6380',
		REDIS_PASSWORD: 's3cret',
		REDIS_DB: '2',
		REDIS_TTL: '3600',
	});
	expect(config).toEqual({
		log_level: 'warn',
		targets: [
			{
				file: '/app/targets.txt',
				prefix: 'pingy',
				user: 'pingy',
				probe: 'icmp',
				step: 30,
				pings: 1,
				every: 60,
			},
		],
		sinks: [
			{
				type: 'redis',
				url: 'redis://redis:6380/2',
				layout: 'pingy',
				ttl: 3600,
				password_file: '/secrets/redis_password',
			},
		],
	});
	expect(secrets).toEqual(new Map([['redis_password', 's3cret']]));
});

test("Pingy's variables for Elasticsearch", () => {
	const { config, secrets } = meant({
		ES_CLOUD_ID: `name:${Buffer.from('cloud.example.net$abc$def').toString('base64')}`,
		ES_API_KEY_ID: 'id',
		ES_API_KEY: 'key',
		TARGET_FILE: 'targets.txt',
	});
	expect(config).toMatchObject({
		targets: [{ file: '/app/targets.txt', step: 15 }],
		sinks: [{ type: 'elasticsearch', index: 'beatson-cpe-metrics', api_key_file: '/secrets/es_api_key' }],
	});
	expect(secrets.get('es_api_key')).toBe('id:key');
});

test('the Redis of meshping', () => {
	expect(meant({ REDIS_HOST: 'redis' }).config).toEqual({
		targets: [
			{
				redis: 'redis://redis:6379',
				key: 'meshping:targets',
				prefix: 'meshping',
				user: 'meshping',
				probe: 'icmp',
				step: 30,
				pings: 1,
			},
		],
		sinks: [{ type: 'redis', url: 'redis://redis:6379', layout: 'meshping' }],
	});
});

test('the variables of canaries for ping, dns and http', () => {
	const { config, orders } = meant({
		CANARY_ID: 'zrh-1',
		KAFKA_BROKER: 'kafka:9092',
		KAFKA_TOPIC: 'canary-results',
		TARGET_HOSTS: '192.0.2.7, router.example.net',
		PING_INTERVAL_SECONDS: '30',
		PING_COUNT: '3',
		TARGET_DOMAINS: 'example.com',
		TARGET_RESOLVER: '192.0.2.53',
		QUERY_TYPE: 'AAAA',
		TARGET_URLS: 'https://www.example.net/a?b,https://www.example.net/a_b',
		EXPECTED_STRING: 'all (good)',
		REQUEST_TIMEOUT_SECONDS: '5',
	});
	expect(config).toEqual({
		sinks: [
			{
				type: 'kafka',
				brokers: ['kafka:9092'],
				topic: 'canary-results',
				format: 'canary',
				canary_id: 'zrh-1',
			},
		],
	});
	// Two URLs that differ in what a file name cannot have are two orders.
	expect([...orders.keys()]).toEqual([
		'canary/ping/192.0.2.7',
		'canary/ping/router.example.net',
		'canary/dns/example.com',
		expect.stringMatching(/^canary\/http\/https_www\.example\.net_a_b-[0-9a-f]{8}$/),
		expect.stringMatching(/^canary\/http\/https_www\.example\.net_a_b-[0-9a-f]{8}$/),
	]);
	expect(load(orders.get('canary/ping/192.0.2.7') ?? '')).toEqual({
		user: 'canary',
		step: 30,
		pings: 3,
		probe: 'icmp',
		icmp: { host: '192.0.2.7' },
		expires: 'never',
	});
	expect([...orders.values()].at(-1)).toContain('NetworkObservabilityCanary/zrh-1');
});

test.each([
	[
		{ SINK_TYPE: 'redis', REDIS_PORT: 'many' },
		'REDIS_PORT: must be a whole number from 1 to 65535, not "many"',
	],
	[{ SINK_TYPE: 'mongo' }, 'SINK_TYPE: must be elasticsearch or redis, not "mongo"'],
	[{ TARGET_FILE: 'x' }, 'ES_CLOUD_ID: is missing. Set it, or SINK_TYPE=redis'],
	[{ TARGET_HOSTS: 'a', PING_COUNT: '0' }, 'PING_COUNT: must be a whole number from 1 to 1000, not "0"'],
])('%j is refused, and the variable named', (variables, message) => {
	expect(() => meantBy(variables, secretPath)).toThrow(message);
});

test('orders follow the variables from start to start, and those of others stay', () => {
	const baseDir = join(folder, 'base');
	mkdirSync(join(baseDir, 'orders/canary/ping'), { recursive: true });
	writeFileSync(join(baseDir, 'orders/canary/ping/mine'), 'user: me\n');
	const variables = { TARGET_HOSTS: '192.0.2.1,192.0.2.2', SINK_TYPE: 'redis', REDIS_PASSWORD: 's3cret' };
	const none = join(folder, 'no-config');
	const config = join(baseDir, 'state/container/config.yaml');
	expect(prepare(variables, baseDir, none)).toEqual(['--basedir', baseDir, '--config', config]);
	expect(statSync(join(baseDir, 'state/container/redis_password')).mode & 0o777).toBe(0o600);
	expect(readFileSync(config, 'utf8')).not.toContain('s3cret');
	expect(prepare({ TARGET_HOSTS: '192.0.2.2' }, baseDir, none)).toEqual(['--basedir', baseDir]);
	expect(readFileSync(join(baseDir, 'orders/canary/ping/192.0.2.2'), 'utf8')).toContain('host: 192.0.2.2');
	expect(() => readFileSync(join(baseDir, 'orders/canary/ping/192.0.2.1'))).toThrow('ENOENT');
	expect(readFileSync(join(baseDir, 'orders/canary/ping/mine'), 'utf8')).toBe('user: me\n');
	// A config of one's own and settings from such variables would be two truths.
	expect(prepare(variables, baseDir, config)).toBeNull();
	expect(prepare({ TARGET_HOSTS: 'mine' }, baseDir, none)).toBeNull();
	expect(readFileSync(join(baseDir, 'orders/canary/ping/mine'), 'utf8')).toBe('user: me\n');
});
